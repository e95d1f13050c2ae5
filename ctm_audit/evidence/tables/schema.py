"""What a column and a table are, and how an export line is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ctm_audit.evidence import normalise as n

Side = Literal["source", "target", "dns"]
ColumnType = Literal["text", "flag", "integer", "time", "texts"]
SIDES: tuple[Side, ...] = ("source", "target")
"""The two tenants: of these people export evidence."""
DNS: tuple[Side, ...] = ("dns",)
ALL_SIDES: tuple[Side, ...] = (*SIDES, *DNS)
"""Everything that a bundle can be of."""
SOURCE: tuple[Side, ...] = ("source",)
TARGET: tuple[Side, ...] = ("target",)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, the property it is read from, and the normaliser that reads it.

    `never_blank` says that the service always prints something: when every cell of an export is null or empty,
    the property was selected but never fetched (Get-EXOMailbox without -PropertySets), so it was not collected.
    `values` closes the set of values; anything else is refused at the border and named.
    `sides` are the sides on which something reads it: what nobody reads is not collected.
    """

    name: str
    type: ColumnType
    property: str
    normalise: n.Normaliser
    doc: str
    never_blank: bool = False
    values: tuple[str, ...] = ()
    sides: tuple[Side, ...] = SIDES


@dataclass(frozen=True, slots=True)
class Table:
    """One table: where it comes from, how to recognise its file, and the line that exports it.

    `keyless` are recipient types that have no key: leaving them out makes the table no less complete.
    Rows of an export that lacks the key are told apart by the `other_key`; nobody can then be found by the key.
    `other_exports` are further lines that export the same. `stems` are the file names (without ending) that hold it.
    A table that takes hours to export `lasts` so long, even where a step takes younger evidence only.
    An `optional` table is no gap when nobody exported it: a cross-check, or asked for by few projects.
    An optional table that is `scripted` is exported by the export script all the same.
    A table with `parts` comes as one file a group, `STEM.GROUP.json`; the column `part` then holds the folded group name.
    A table that is `made` no command exports: the import and the export script make it of other tables.
    """

    name: str
    command: str
    stems: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    export: str
    sides: tuple[Side, ...] = SIDES
    parts: bool = False
    variant: str = ""
    optional: bool = False
    scripted: bool = False
    lasts: timedelta = timedelta()
    keyless: tuple[str, ...] = ()
    other_exports: tuple[str, ...] = ()
    other_key: tuple[str, ...] = ()
    made: bool = False

    def key_in(self, columns: Collection[str]) -> tuple[str, ...]:
        """By which the rows of this table are told apart when it has only these columns."""
        return self.key if not self.other_key or set(self.key) <= set(columns) else self.other_key

    def columns_of(self, side: Side) -> tuple[Column, ...]:
        """The columns that one side is asked for."""
        return tuple(column for column in self.columns if side in column.sides)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def origin(self, name: str) -> str:
        """Where a column comes from, in the words of an administrator: `Get-Mailbox.ExchangeGuid`."""
        return f"{self.command}.{self.column(name).property}" if name != "part" else self.command


def exchange_line(cmdlet: str, *, unlimited: bool = False) -> str:
    """The line that exports everything a cmdlet of Exchange Online PowerShell returns."""
    everything = f"@({cmdlet} -ResultSize Unlimited)" if unlimited else f"@({cmdlet})"
    return f"ConvertTo-Json -InputObject {everything} -Depth 6 | Set-Content -Encoding utf8 {cmdlet}.json"


def graph_cmdlet_line(cmdlet: str, arguments: str) -> str:
    """The line that exports what a cmdlet of Microsoft Graph PowerShell returns."""
    return f"ConvertTo-Json -InputObject @({cmdlet} {arguments}) -Depth 6 | Set-Content -Encoding utf8 {cmdlet}.json"


def graph_line(path: str, file: str) -> str:
    """The line that exports what Graph answers to a path."""
    return (
        f"Invoke-MgGraphRequest -Uri 'v1.0/{path}' -OutputType Json | Set-Content -Encoding utf8 {file}.json"
        "  # follow @odata.nextLink: one file, all pages"
    )
