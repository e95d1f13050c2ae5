"""Tables that come as one file a group: the parts of one table, and what is missing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from ctm_audit.evidence.cells import ARROW_TYPES
from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.tables import TABLES


def join_parts(parts: Sequence[Intake], failed: Mapping[str, str]) -> Intake:
    """One table of all parts; a part that failed makes it incomplete, a column that one part lacks is NULL there."""
    ordered = sorted(parts, key=lambda part: part.parts)
    first = ordered[0]
    expected = [part.expected for part in ordered]
    missing = {name: reason for name, reason in first.missing.items() if all(name in part.missing for part in ordered)}
    return replace(
        first,
        table=_joined(ordered),
        collected_at=min(part.collected_at for part in ordered),
        received=sum(part.received for part in ordered),
        dropped=sum(part.dropped for part in ordered),
        expected=None if None in expected else sum(count for count in expected if count is not None),
        missing=missing,
        losses=(*_told(ordered, "losses"), *(f"part {part}: {reason}" for part, reason in sorted(failed.items()))),
        holes=(*_told(ordered, "holes"), *_absent_here(ordered, missing)),
        remarks=_told(ordered, "remarks"),
        parts=tuple(name for part in ordered for name in part.parts),
    )


def _joined(parts: Sequence[Intake]) -> pa.Table:
    """All rows in the order of the key, columns in the declared order."""
    spec = TABLES[parts[0].name]
    present = {name for part in parts for name in part.table.column_names}
    columns = [("part", pa.string()), *((column.name, ARROW_TYPES[column.type]) for column in spec.columns)]
    schema = pa.schema([column for column in columns if column[0] in present])
    table = pa.concat_tables([pa.concat_tables([schema.empty_table(), part.table], promote_options="default") for part in parts])
    return table.sort_by([(name, "ascending") for name in spec.key]).combine_chunks()


def _told(parts: Sequence[Intake], what: str) -> tuple[str, ...]:
    return tuple(f"part {part.parts[0]}: {told}" for part in parts for told in getattr(part, what))


def _absent_here(parts: Sequence[Intake], missing: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"part {part.parts[0]}: {reason}" for part in parts for name, reason in part.missing.items() if name not in missing)
