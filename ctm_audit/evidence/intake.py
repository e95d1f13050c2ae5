"""The only way in: exported objects become one table of evidence, and whatever was lost on the way is said.

Files and live tenants come in alike: as objects with property names in any letter case. What was not collected is not
there at all: a column that no object has is missing from the table, a single cell is NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa

from ctm_audit.errors import Fault
from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.border import outside_of_sets
from ctm_audit.evidence.cells import ABSENT, ARROW_TYPES, Cells, Named, counted
from ctm_audit.evidence.keys import has_key, without_doubles
from ctm_audit.evidence.tables import TABLES, Column, Side, Table

BLOCK = 10_000
SHAPES = 1_000
DEFAULT_RESULT_SIZE = 1_000
NAMES = ("userprincipalname", "primarysmtpaddress", "identity", "name", "displayname", "id")
TYPES = ("recipienttypedetails", "recipienttype")

Objects = Iterable[Mapping[str, Any] | Fault]


@dataclass(frozen=True, slots=True)
class Meta:
    """What is known of an export besides its objects.

    `source` names it for people. `expected` is the number of objects that the collector counted. `part` is the group
    of a table that comes in parts. `properties` are the property names, where they are known apart from the objects.
    `losses` and `remarks` are known before the first object is read.
    """

    side: Side
    source: str
    collected_at: datetime
    expected: int | None = None
    part: str = ""
    properties: tuple[str, ...] | None = None
    losses: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """One table of evidence, sorted by its key, with everything that is to be said about it.

    `missing` gives for each column that is not there the reason. `losses` are rows that are not there, so that the
    table is incomplete; `holes` are cells that are NULL; `remarks` are harmless. Of the `received` objects `dropped` are no rows.
    """

    name: str
    table: pa.Table
    collected_at: datetime
    received: int
    dropped: int
    expected: int | None
    missing: Mapping[str, str]
    losses: tuple[str, ...]
    holes: tuple[str, ...]
    remarks: tuple[str, ...]
    parts: tuple[str, ...] = ()


def intake(name: str, objects: Objects, meta: Meta) -> Intake:
    """The table `name` made of exported objects; a Fault among them stands for something that could not be read.

    Raises NotCollected when no table can be made of them: nothing readable, or the key is in none of the objects.
    Raises Refused when the border check is switched off.
    """
    reception = _Reception(TABLES[name], meta)
    blocks = [reception.take(block) for block in _blocks(reception.rows(objects))]
    table = pa.concat_tables(blocks) if blocks else reception.take([])
    missing = reception.missing()
    return _checked(reception, table.drop_columns(list(missing)), missing)


def _blocks(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while block := list(islice(rows, BLOCK)):
        yield block


class _Reception:
    """Takes the objects of one export and keeps count of what becomes of each."""

    def __init__(self, table: Table, meta: Meta) -> None:
        self.table = table
        self.meta = meta
        self.columns = table.columns_of(meta.side)
        self.cells = [Cells(column) for column in self.columns]
        self.received = 0
        self.unreadable = Named()
        self.without_key = Named()
        self.keyless = Named()
        self.key = table.key
        self._wanted = [column.property.casefold() for column in self.columns] + [*NAMES, *TYPES]
        self._shapes: dict[tuple[str, ...], list[str | None]] = {}

    def rows(self, objects: Objects) -> Iterator[list[Any]]:
        """The wanted raw values of each object: those of the columns, then what names it, then its type."""
        for item in objects:
            if isinstance(item, Fault):
                self.unreadable.add(str(item))
                continue
            shape = self._shape(tuple(item))
            if not shape:
                self.unreadable.add(f"{self.meta.source}: an object has a property twice, in different letter case; it was left out")
                continue
            self.received += 1
            yield [ABSENT if name is None else item[name] for name in shape]

    def _shape(self, names: tuple[str, ...]) -> list[str | None]:
        """The object's own spelling of each wanted property, [] when that is ambiguous. Most objects of an export have one shape."""
        if names not in self._shapes:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            spelled = {name.casefold(): name for name in names}
            self._shapes[names] = [spelled.get(wanted) for wanted in self._wanted] if len(spelled) == len(names) else []
        return self._shapes[names]

    def take(self, rows: Sequence[list[Any]]) -> pa.Table:
        """Some rows as a table, without those that have no key."""
        first = self.received - len(rows)
        raws = list(zip(*rows, strict=True)) if rows else [()] * len(self._wanted)

        def name_of(position: int) -> str:
            return _name(rows[position][len(self.columns) : -len(TYPES)], first + position + 1)

        arrays = [cells.read(raw, name_of) for cells, raw in zip(self.cells, raws, strict=False)]
        table = pa.table(arrays, names=[column.name for column in self.columns])
        if first == 0:
            self.key = self.table.key_in([cells.column.name for cells in self.cells if cells.absent < len(rows) or not rows])
        kept = has_key(table, [name for name in self.key if name != "part"])
        for position, has in enumerate(kept):
            if not has:
                harmless = any(found in self.table.keyless for found in rows[position][-len(TYPES) :])
                (self.keyless if harmless else self.without_key).add(name_of(position))
        return table.filter(pa.array(kept, pa.bool_()))

    def missing(self) -> dict[str, str]:
        """The columns that were not collected, with the reason. Raises NotCollected when no table can be made."""
        if not self.received and self.unreadable.count:
            raise n.NotCollected(f"nothing could be read: {self.unreadable}")
        reasons = {cells.column.name: cells.why_missing(self.received) or self._not_in_header(cells.column) for cells in self.cells}
        for key in self.key:
            if reasons.get(key):
                raise n.NotCollected(f"{self.meta.source} cannot be used: {reasons[key]}")
        return {name: reason for name, reason in reasons.items() if reason}

    def _not_in_header(self, column: Column) -> str:
        known = self.meta.properties
        if known is None or column.property.casefold() in (name.casefold() for name in known):
            return ""
        return f"{column.property} is not in the header"

    def losses(self, doubled: Named) -> Iterator[str]:
        """Why rows that the tenant has are not in the table."""
        yield from self.meta.losses
        if self.unreadable.count:
            yield f"not everything could be read: {self.unreadable}"
        if self.without_key.count:
            properties = " or ".join(self.table.column(name).property for name in self.key if name != "part")
            yield f"{counted(self.without_key.count)} without {properties} left out: {self.without_key}"
        if doubled.count:
            yield f"{counted(doubled.count)} with the same key and different facts: none of them can be used: {doubled}"
        if self.meta.expected not in (None, self.received):
            yield f"{counted(self.received)} here, but {self.meta.expected:,} exported"
        if self.meta.expected is None and self.received == DEFAULT_RESULT_SIZE and "-ResultSize" in self.table.export:
            yield f"exactly {DEFAULT_RESULT_SIZE:,} objects: without -ResultSize Unlimited the cmdlet stops there"

    def remarks(self, repeated: int) -> Iterator[str]:
        """What is harmless and still worth saying."""
        yield from self.meta.remarks
        if self.keyless.count:
            yield f"{counted(self.keyless.count)} of a type that has no key left out: {self.keyless}"
        if repeated:
            yield f"{counted(repeated)} only repeated another and left out"


def _name(names: Sequence[Any], number: int) -> str:
    found = next((name for name in names if isinstance(name, str) and name.strip()), None)
    return n.shortened(found) if found is not None else f"object {number:,}"


def _checked(reception: _Reception, table: pa.Table, missing: Mapping[str, str]) -> Intake:
    """The intake after the border check, sorted, with one row a key."""
    meta, key = reception.meta, reception.key
    if reception.table.parts:
        table = table.add_column(0, "part", pa.array([n.key(meta.part)] * table.num_rows, pa.string()))
    table, doubled, repeated = without_doubles(table, key)
    table, outside = _without_strangers(table.sort_by([(name, "ascending") for name in key]).combine_chunks(), reception)
    present = [cells for cells in reception.cells if cells.column.name not in missing]
    return Intake(
        name=reception.table.name,
        table=table,
        collected_at=meta.collected_at,
        received=reception.received,
        dropped=reception.received - table.num_rows,
        expected=meta.expected,
        missing=missing,
        losses=tuple(reception.losses(doubled)),
        holes=(*(hole for cells in present for hole in cells.holes(reception.received)), *outside),
        remarks=tuple(reception.remarks(repeated)),
        parts=(n.key(meta.part),) if reception.table.parts else (),
    )


def _without_strangers(table: pa.Table, reception: _Reception) -> tuple[pa.Table, list[str]]:
    """The table with NULL for every value outside its column's closed set, and what to say about it."""
    told = []
    for name, rows in outside_of_sets(table, reception.columns, reception.key).items():
        values = table[name].to_pylist()
        strangers = Named()
        for row in rows:
            strangers.add(f"{values[row]!r} ({' '.join(str(table[key][row]) for key in reception.key)})")
            values[row] = None
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values, ARROW_TYPES[reception.table.column(name).type]))
        told.append(f"{reception.table.column(name).property} has a value that it cannot have: {strangers}")
    return table, told
