"""The select list of a judged relation, and which evidence tables are complete."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ctm_audit.evidence.relations import Field

COMPLETE = re.compile(r"\{complete:([\w.]+)\}")


@dataclass(frozen=True, slots=True)
class Completeness:
    """The tables, as `SIDE.TABLE`, whose every row is known to be here.

    `SIDE.keys` says so of everything by which an object may be named, `SIDE.batches` of migration users and their mailboxes.
    `by_row` holds SQL for what is complete for some rows of the mapping only.
    """

    tables: frozenset[str]
    by_row: Mapping[str, str] = field(default_factory=dict)

    def fill(self, sql: str) -> str:
        """The SQL with every `{complete:SIDE.TABLE}` replaced by true, false, or what tells it for each row of the mapping."""
        return COMPLETE.sub(lambda found: self.by_row.get(found.group(1), str(found.group(1) in self.tables).lower()), sql)

    def all_of(self, tables: Iterable[str]) -> str:
        """`true` when all of them are complete, else `false`, as SQL."""
        return str(self.tables.issuperset(tables)).lower()


def project_fields(fields: Iterable[Field]) -> str:
    """The fields as a select list under their own dotted names."""
    return ", ".join(f'{field.sql} as "{field.name}"' for field in fields)
