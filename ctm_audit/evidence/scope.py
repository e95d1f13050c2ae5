"""Whose facts a bundle holds: by default only those of mapped objects, for the directory of a company is nobody else's business.

Who answers to a key of the mapping, by any of its names, is kept whole, and so is whoever might: an object of which a
name is unknown. What belongs to a kept object (statistics, licenses) is kept, all else of people is counted
and left out. So a key finds exactly the objects that it would find in the whole directory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.tables import TABLES
from ctm_audit.evidence.trustees import with_numbers

Keep = Literal["mapped", "all"]
Texts: TypeAlias = "pa.Array[Any]"
KNOWN_KEYS = "known_keys.parquet"

# The names by which a key can mean an object, and its ids. Tables that stand neither here nor in BELONGING are kept whole:
# settings, groups, and migration users, of which the other tenant's ExchangeGuid tells whose they are.
NAMES: Mapping[str, tuple[str, ...]] = {
    "mailboxes": ("object_id", "upn", "primary_smtp", "exchange_guid"),
    "mail_users": ("object_id", "upn", "primary_smtp", "exchange_guid"),
    "recipients": ("guid", "object_id", "primary_smtp"),
    "users": ("object_id", "upn"),
    "deleted_mailboxes": ("guid", "object_id", "upn", "exchange_guid"),
    "deleted_mail_users": ("guid", "object_id", "upn", "exchange_guid"),
    "deleted_users": ("object_id",),
    "exchange_users": ("object_id",),
}
ADDRESSES = "smtp"
IDS = ("object_id", "guid")
BELONGING: Mapping[str, tuple[str, str]] = {
    "mailbox_statistics": ("mailbox_guid", "exchange_guid"),
    "archive_statistics": ("mailbox_guid", "archive_guid"),
    "archive_folders": ("mailbox_guid", "exchange_guid"),
    "hold_tracking": ("mailbox_guid", "exchange_guid"),
    "calendar_processing": ("mailbox_guid", "exchange_guid"),
    "personal_sites": ("owner", "upn"),
    "cas_mailboxes": ("object_id", "id"),
    "sign_in_methods": ("user_id", "id"),
    "mailbox_permissions": ("mailbox_guid", "exchange_guid"),
    "recipient_permissions": ("mailbox_guid", "exchange_guid"),
    "calendar_permissions": ("mailbox_guid", "exchange_guid"),
    "license_details": ("user_id", "id"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Of whom a bundle holds facts: of those who answer to the keys in its file of known keys, which has that SHA-256.

    `mapping` is the digest of the mapping, '' when the export knew it and the import did not. `left_out` counts the rows of others.
    `salt` is the fingerprint of the salt with which others were hashed, '' for none.
    """

    mapping: str
    keys: int
    sha256: str
    left_out: Mapping[str, int]
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a new bundle's scope will be: keys that it can answer for, digest of the mapping, rows left out, fingerprint of the salt."""

    keys: frozenset[str]
    mapping: str
    left_out: Mapping[str, int]
    salt: str = ""


def only_mapped(tables: Sequence[Intake], keys: Collection[str]) -> tuple[tuple[Intake, ...], dict[str, int]]:
    """The tables without the rows of objects that no key means, and how many rows of each were left out."""
    wanted = pa.array(sorted(keys), pa.string())
    people = {table.name: table.table for table in tables if table.name in NAMES}
    first = {name: rows.filter(_answers(rows, NAMES[name], wanted)) for name, rows in people.items()}
    ids = _values(first.values(), IDS)
    kept = {name: rows.filter(pc.or_(_answers(rows, NAMES[name], wanted), _has(rows, IDS, ids))) for name, rows in people.items()}
    upns = pa.concat_arrays([_values(kept.values(), ("upn",)), wanted])
    sets = {"id": _values(kept.values(), IDS), "upn": upns} | {
        name: _values([kept["mailboxes"]] if "mailboxes" in kept else [], (name,)) for name in ("exchange_guid", "archive_guid")
    }
    for table in tables:
        if table.name in BELONGING:
            column, of = BELONGING[table.name]
            kept[table.name] = table.table.filter(_has(table.table, (column,), sets[of]))
    kept |= _hidden({table.name: kept.get(table.name, table.table) for table in tables}, keys)
    reduced = [replace(table, table=kept.get(table.name, table.table).combine_chunks()) for table in tables]
    left_out = {old.name: old.table.num_rows - new.table.num_rows for old, new in zip(tables, reduced, strict=True)}
    return tuple(reduced), {name: count for name, count in left_out.items() if count}


def _hidden(tables: Mapping[str, pa.Table], keys: Collection[str]) -> dict[str, pa.Table]:
    """The tables that name somebody who is not kept, without the name, sorted by their key again."""
    kept = with_numbers(tables, keys)
    return {name: table.sort_by([(key, "ascending") for key in TABLES[name].key_in(table.column_names)]) for name, table in kept.items()}


def _answers(rows: pa.Table, names: Sequence[str], wanted: Texts) -> Any:
    """Which rows bear a wanted name or address, or might: a name that is unknown may be any."""
    unknown = [pc.is_null(rows[name]) for name in names if name in rows.column_names]
    return pc.or_(_any(rows, unknown), pc.or_(_has(rows, names, wanted), _has_address(rows, wanted)))


def _has(rows: pa.Table, columns: Sequence[str], wanted: Texts) -> Any:
    return _any(rows, [pc.is_in(rows[name], value_set=wanted) for name in columns if name in rows.column_names])


def _any(rows: pa.Table, masks: Sequence[Any]) -> Any:
    found = pa.array([False] * rows.num_rows, pa.bool_())
    for mask in masks:
        found = pc.or_(found, mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask)
    return found


def _has_address(rows: pa.Table, wanted: Texts) -> Any:
    if ADDRESSES not in rows.column_names:
        return _any(rows, [])
    addresses = rows[ADDRESSES].combine_chunks()
    owners = pc.list_parent_indices(addresses).filter(pc.is_in(pc.list_flatten(addresses), value_set=wanted))
    return pc.is_in(pa.array(range(rows.num_rows), pa.int64()), value_set=owners.cast(pa.int64()))


def _values(tables: Collection[pa.Table], columns: Sequence[str]) -> Texts:
    """Every text but '' that stands in one of the columns."""
    found = [table[name].combine_chunks() for table in tables for name in columns if name in table.column_names]
    texts = pc.unique(pa.concat_arrays(found)) if found else pa.array([], pa.string())
    return texts.filter(pc.invert(pc.is_in(texts, value_set=pa.array(["", None], pa.string()))))
