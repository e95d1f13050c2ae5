"""Whom a bundle leaves out, as keyed hashes of what nobody else may have as well: ids, addresses and sign-in names.

So a rule can say that another recipient of the target holds an address, while nobody learns who else is in the directory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.evidence.cells import counted
from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.manifest import Bundle
from ctm_audit.evidence.salt import fingerprint, keyed_hash
from ctm_audit.evidence.tables import OTHERS, TABLES, Side, tables_of
from ctm_audit.evidence.tables.schema import Table

Hashes: TypeAlias = "dict[str | None, str]"

HOLDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "recipients": {"guid": ("exchange_guid", "archive_guid"), "address": ("primary_smtp", "smtp", "external_address"), "x500": ("x500",)},
    "users": {"upn": ("upn",)},
    "deleted_mailboxes": {"guid": ("exchange_guid", "archive_guid"), "address": ("upn", "smtp")},
    "deleted_mail_users": {"guid": ("exchange_guid", "archive_guid"), "address": ("upn", "smtp")},
    "deleted_users": {"address": ("smtp",)},
}
"""The columns of each table of people that are hashed, by kind of collision; a new table of people belongs here, or needs no hashes."""

HOLDER: Mapping[str, tuple[str, ...]] = {
    "recipients": ("object_id", "guid"),
    "users": ("object_id",),
    "deleted_mailboxes": ("object_id", "guid"),
    "deleted_mail_users": ("object_id", "guid"),
    "deleted_users": ("object_id",),
}
"""Where the id of the object stands: the first that is not ''."""

TYPE: Mapping[str, str] = {"recipients": "recipient_type_details"}
NO_SALT = "people outside of the mapping were left out, and without the salt of the project nobody can hash what they hold"
OTHER_SALT = "its hashes were made with another salt than that of the project"
NO_SALT_HERE = "the salt of the project is not here, without which hashes cannot be compared"
NOT_HASHED = "the export holds only the people of the mapping, and no hashes of the others ({file})"
EMPTY = pa.scalar("", pa.string())
COLUMNS = pa.schema([(name, pa.string()) for name in ("part", *(column.name for column in OTHERS.columns))])


def part_of(table: Table) -> str:
    """The name under which the hashed people of a table stand in `others`: its export, folded."""
    return _name(table).casefold()


def _name(table: Table) -> str:
    return "-".join(filter(None, (table.stems[0], table.variant)))


def hashed_tables(side: Side) -> tuple[Table, ...]:
    """The tables of one side whose people are hashed."""
    return tuple(table for table in tables_of(side) if table.name in HOLDS)


def _hashed(name: str, rows: pa.Table, salt: bytes) -> tuple[pa.Table, tuple[str, ...]]:
    """What the rows of a table hold, hashed, and why that may not be all of it: rows of which something is unknown."""
    hashes: Hashes = {}
    known = [(kind, column) for kind, columns in HOLDS[name].items() for column in columns if column in rows.column_names]
    unknown = sum(rows[column].null_count for _, column in known)
    pieces = [_piece(name, rows, kind, column, partial(_hash_all, salt, hashes)) for kind, column in known]
    lost = (f"{TABLES[name].command}: {counted(unknown)} left out of which an address or id is unknown",) if unknown else ()
    return _unique(pieces), lost


def _piece(name: str, rows: pa.Table, kind: str, column: str, hash_all: Any) -> pa.Table:
    """The hashes of one column, a row each."""
    values: Any = rows[column].combine_chunks()
    owners: Any = pa.array(range(len(values)), pa.int64())
    if pa.types.is_list(values.type):
        owners, values = pc.list_parent_indices(values), pc.list_flatten(values)
    there = pc.fill_null(pc.not_equal(values, EMPTY), False)
    owners, values = owners.filter(there), values.filter(there)
    columns = [part_of(TABLES[name]), hash_all(_ids(name, rows).take(owners)), _types(name, rows).take(owners), kind, hash_all(values)]
    arrays = [_all_of(found, len(values)) for found in columns]
    return pa.table(arrays, schema=COLUMNS)


def _all_of(value: Any, length: int) -> Any:
    return pa.array([value] * length, pa.string()) if isinstance(value, str) else value


def _ids(name: str, rows: pa.Table) -> Any:
    columns: list[Any] = [rows[column].combine_chunks() for column in HOLDER[name] if column in rows.column_names]
    return pc.coalesce(*(pc.if_else(pc.equal(column, EMPTY), None, column) for column in columns))


def _types(name: str, rows: pa.Table) -> Any:
    if TYPE.get(name) not in rows.column_names:
        return pa.array([""] * rows.num_rows, pa.string())
    return pc.fill_null(rows[TYPE[name]].combine_chunks(), EMPTY)


def _hash_all(salt: bytes, hashes: Hashes, values: Any) -> Any:
    """The hash of each text; the same text is hashed once."""
    encoded = pc.dictionary_encode(values)
    found = [hashes.get(text) or hashes.setdefault(text, keyed_hash(salt, str(text))) for text in encoded.dictionary.to_pylist()]
    return pa.array(found, pa.string()).take(encoded.indices)


def _unique(pieces: Sequence[pa.Table]) -> pa.Table:
    """All rows once, in the order of the key."""
    table = pa.concat_tables([COLUMNS.empty_table(), *pieces], promote_options="default")
    found = table.group_by(list(OTHERS.key)).aggregate([("type", "max")]).rename_columns({"type_max": "type"}).select(COLUMNS.names)
    return found.sort_by([(name, "ascending") for name in OTHERS.key]).combine_chunks()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Who is not in a bundle: rows that the import left out, by table, and tables of which the export left people out.

    `files` are the hashes that the export script made of those.
    """

    rows: Mapping[str, pa.Table]
    by_export: frozenset[str]
    files: Intake | None


def left_out_of(side: Side, whole: Sequence[Intake], kept: Sequence[Intake], by_export: Collection[str], files: Intake | None) -> LeftOut:
    """Who is not in a bundle that keeps `kept` of the tables `whole`."""
    names = {table.name for table in hashed_tables(side)}
    gone = {old.name: _missing_rows(old, new) for old, new in zip(whole, kept, strict=True) if old.name in names}
    return LeftOut({name: rows for name, rows in gone.items() if rows.num_rows}, frozenset(names.intersection(by_export)), files)


def others_of(left: LeftOut, salt: bytes | None, collected_at: datetime) -> Intake | str:
    """The table `others` of a bundle, or in words why there can be none."""
    if left.rows and salt is None:
        return NO_SALT
    made = [_hashed(name, rows, salt) for name, rows in left.rows.items() if salt is not None]
    lacking = tuple(NOT_HASHED.format(file=file_of(TABLES[name])) for name in sorted(left.by_export) if not _is_hashed(name, left.files))
    if lacking and not made and left.files is None:
        return "; ".join(lacking)
    tables, lost = [table for table, _ in made], tuple(loss for _, losses in made for loss in losses)
    if left.files:
        tables, lost = [*tables, left.files.table], (*left.files.losses, *left.files.holes, *lost)
    table = _unique(tables)
    parts = tuple(str(part) for part in table["part"].unique().sort().to_pylist())
    return Intake(OTHERS.name, table, collected_at, table.num_rows, 0, None, {}, (*lost, *lacking), (), (), parts)


def comparable(bundle: Bundle, salt: bytes | None) -> Bundle:
    """The bundle, without the hashes in it when they were made with another salt: then they say nothing."""
    entry = bundle.tables.get(OTHERS.name)
    own = fingerprint(salt) if salt else ""
    if entry is None or not entry.rows or (own and bundle.scope and bundle.scope.salt == own):
        return bundle
    tables = {name: table for name, table in bundle.tables.items() if name != OTHERS.name}
    return replace(bundle, tables=tables, absent={**bundle.absent, OTHERS.name: OTHER_SALT if own else NO_SALT_HERE})


def file_of(table: Table) -> str:
    """The file in which the export script writes the hashes of a table's people."""
    return f"{OTHERS.stems[0]}.{_name(table)}.json"


def _is_hashed(name: str, files: Intake | None) -> bool:
    return files is not None and part_of(TABLES[name]) in files.parts


def _missing_rows(whole: Intake, kept: Intake) -> pa.Table:
    """The rows of a table that a bundle does not keep."""
    (key,) = TABLES[whole.name].key_in(whole.table.column_names)
    return whole.table.filter(pc.invert(pc.is_in(whole.table[key], value_set=kept.table[key].combine_chunks())))
