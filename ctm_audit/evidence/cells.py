"""The cells of one column: normalised, counted, and named where they make no sense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ctm_audit.evidence.normalise import SECRET_FOUND, NotCollected, shortened
from ctm_audit.evidence.tables import Column, ColumnType
from ctm_audit.spreadsheet import Damaged

ABSENT = object()
BLANKS: tuple[Any, ...] = (None, "", [])
NAMED = 20
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "flag": pa.bool_(),
    "integer": pa.int64(),
    "time": pa.timestamp("us"),
    "texts": pa.list_(pa.string()),
}


@dataclass(slots=True)
class Named:
    """Counts things and names the first ones: a sentence stays readable when 100,000 rows have the same fault."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, name: str) -> None:
        """Count one more."""
        self.count += 1
        if self.count <= NAMED:
            self.first.append(name)

    def __str__(self) -> str:
        more = self.count - len(self.first)
        return ", ".join(self.first) + (f" and {more:,} more" if more else "")


def counted(objects: int) -> str:
    """`1 object`, `2 objects`."""
    return f"{objects:,} object{'' if objects == 1 else 's'}"


@dataclass(slots=True)
class Cells:
    """What became of a column's cells over a whole export."""

    column: Column
    absent: int = 0
    cut: int = 0
    blank: int = 0
    why_cut: str = ""
    senseless: Named = field(default_factory=Named)

    def read(self, raws: Sequence[Any], name_of: Callable[[int], str]) -> pa.Array[Any]:
        """The normalised values of some objects' raw ones; NULL for what was not collected or makes no sense.

        `name_of` names the object at a position.
        """
        kind = ARROW_TYPES[self.column.type]
        values = [self._cell(raw, position, name_of) for position, raw in enumerate(raws)]
        try:
            return pa.array(values, kind)
        except UnicodeEncodeError:
            return pa.array([self._writable(value, position, name_of) for position, value in enumerate(values)], kind)

    def _cell(self, raw: Any, position: int, name_of: Callable[[int], str]) -> Any:
        if raw is ABSENT:
            self.absent += 1
            return None
        if isinstance(raw, Damaged):
            self.senseless.add(f"{name_of(position)}: {raw}")
            return None
        try:
            value = self.column.normalise(raw)
            if not raw and raw in BLANKS:
                self.blank += 1
            return value
        except NotCollected as reason:
            self.cut += 1
            self.why_cut = str(reason) if str(reason) == SECRET_FOUND else self.why_cut or str(reason)
        except ValueError as reason:
            self.senseless.add(f"{name_of(position)}: {reason}")
        return None

    def _writable(self, value: Any, position: int, name_of: Callable[[int], str]) -> Any:
        """The value, or NULL when it holds half a character or bytes that were no text."""
        try:
            for member in value if isinstance(value, list) else [value]:
                if isinstance(member, str):
                    member.encode()
        except UnicodeEncodeError:
            self.senseless.add(f"{name_of(position)}: {shortened(member)} is not readable text")
            return None
        return value

    def why_missing(self, objects: int) -> str:
        """Why the column was not collected at all; '' when it was, or when there are no objects to tell by."""
        name = self.column.property
        if objects == 0:
            return ""
        if self.absent == objects:
            return f"{name} is in none of the objects"
        if self.absent + self.cut == objects:
            return f"{name} was not collected for any object: {self.why_cut}"
        if self.column.never_blank and self.absent + self.cut + self.blank == objects:
            return f"{name} is empty in every object: it was selected, but never fetched"
        return ""

    def holes(self, objects: int) -> list[str]:
        """What is to be said about the NULL cells of a column that was collected."""
        name = self.column.property
        told = []
        if self.absent:
            told.append(f"{name} is missing in {self.absent:,} of {counted(objects)}")
        if self.cut:
            told.append(f"{name} was not collected for {self.cut:,} of {counted(objects)}: {self.why_cut}")
        if self.senseless.count:
            told.append(f"{name} makes no sense for {self.senseless.count:,} of {counted(objects)}: {self.senseless}")
        return told
