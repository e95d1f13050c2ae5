"""What an unknown name leaves open: whether a key of the mapping names nobody, or nobody else.

An object of which the UPN was not collected may be the one that a key means. But no two users of a tenant share a UPN, and no two
recipients an address: a key that is known to be the UPN of one object is no other's. So a hole in the export leaves open those rows
alone whose key nobody is known to bear in the same way. https://learn.microsoft.com/microsoft-365/enterprise/prepare-for-directory-synchronization
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import duckdb

from ctm_audit.engine.projection import Completeness
from ctm_audit.evidence.tables import SIDES, Side

ACTIVE = "is_inactive = false and is_soft_deleted = false"
"""A mailbox that was deleted may share its names with the one that followed it."""


@dataclass(frozen=True, slots=True)
class Names:
    """One way to name an object: the columns that bear such a name as `TABLE.COLUMN`, and which keys can be one.

    `unique_where` tells for which rows no other object has the same name; `lists` are columns of names that nobody else has either.
    """

    columns: tuple[str, ...]
    keys: str
    unique_where: str = "true"
    lists: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the columns."""
        return tuple(dict.fromkeys(column.partition(".")[0] for column in self.columns))


ADDRESS, ID = "contains({key}, '@')", "not contains({key}, '@')"
NAMES: Mapping[Side, tuple[Names, ...]] = {
    "source": (
        Names(("mailboxes.upn",), ADDRESS, ACTIVE),
        Names(("mailboxes.primary_smtp",), ADDRESS, ACTIVE, ("mailboxes.smtp",)),
        Names(("mailboxes.exchange_guid",), ID, ACTIVE),
    ),
    "target": (
        Names(("mail_users.upn", "users.upn"), ADDRESS),
        Names(("mail_users.primary_smtp", "recipients.primary_smtp"), ADDRESS, lists=("mail_users.smtp",)),
        Names(("recipients.object_id",), "true", "false"),
    ),
}
BATCHES = "migration_users.mailbox_guid"


def know_keys(connection: duckdb.DuckDBPyConnection, complete: Completeness) -> Completeness:
    """The same completeness with `SIDE.keys` and `SIDE.batches`; creates `SIDE_sure`, the rows whose keys holes leave sure."""
    known, by_row = set(complete.tables), dict(complete.by_row)
    for side in SIDES:
        if _is_whole(complete, side, (BATCHES,)) and not _holes(connection, side, BATCHES):
            known.add(f"{side}.batches")
        open_ = [names for names in NAMES[side] if any(_holes(connection, side, column) for column in names.columns)]
        connection.execute(f"create table {side}_sure as select row_no from mapping where {_sure(connection, side, open_)}")
        if _is_whole(complete, side, (column for names in NAMES[side] for column in names.columns)):
            known |= set() if open_ else {f"{side}.keys"}
            by_row |= {f"{side}.keys": f"(k{side[0]}.row_no is not null)"} if open_ else {}
    return replace(complete, tables=frozenset(known), by_row=by_row)


def _is_whole(complete: Completeness, side: Side, columns: Iterable[str]) -> bool:
    return complete.tables.issuperset(f"{side}.{column.partition('.')[0]}" for column in columns)


def _holes(connection: duckdb.DuckDBPyConnection, side: Side, column: str, where: str = "true") -> int:
    """How many rows lack the column, of those that the condition does not keep out."""
    table, _, name = column.partition(".")
    query = f"select count(*) from raw.{side}_{table} where {name} is null and ({where})"
    ((count,),) = connection.execute(query).fetchall()
    return int(count)


def _sure(connection: duckdb.DuckDBPyConnection, side: Side, open_: Iterable[Names]) -> str:
    """The condition under which a key can be none of the names that are unknown."""
    key = f"{side}_key"
    return " and ".join(["true", *(f"(not {names.keys.format(key=key)} or {_borne(connection, side, names)})" for names in open_)])


def _borne(connection: duckdb.DuckDBPyConnection, side: Side, names: Names) -> str:
    """The condition that somebody bears the key as such a name; never where a hole is in an object whose names others may share."""
    if any(_holes(connection, side, column, f"({names.unique_where}) is not true") for column in names.columns):
        return "false"
    known = [_values(side, column, "{}") for column in names.columns] + [_values(side, column, "unnest({})") for column in names.lists]
    return f"{side}_key in ({' union all '.join(known)})"


def _values(side: Side, column: str, form: str) -> str:
    table, _, name = column.partition(".")
    return f"select {form.format(name)} from raw.{side}_{table} where {name} is not null"
