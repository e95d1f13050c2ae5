"""What a field and a relation are, and which DuckDB type a column of evidence has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SqlType = Literal["VARCHAR", "BOOLEAN", "BIGINT", "TIMESTAMP", "VARCHAR[]"]
SQL_TYPES: dict[str, SqlType] = {
    "text": "VARCHAR",
    "flag": "BOOLEAN",
    "integer": "BIGINT",
    "time": "TIMESTAMP",
    "texts": "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a relation's row.

    What is `only_told` names what was collected and what was not; `expected` and `found` may read it, and no verdict.
    `reads` names the evidence as `SIDE.TABLE.COLUMN`; project facts read nothing. `sql` computes the value from the
    aliases of the relation's own query; in it, `{complete:SIDE.TABLE}` stands for true or false. `ages` are tables, as
    `SIDE.TABLE`, whose age the field tells: it exists without them, but is as old as they are.
    """

    name: str
    type: SqlType
    doc: str
    reads: tuple[str, ...] = ()
    sql: str = ""
    ages: tuple[str, ...] = ()
    only_told: bool = False

    @property
    def tables(self) -> frozenset[str]:
        """The tables behind the field, as `SIDE.TABLE`."""
        return frozenset(read.rpartition(".")[0] for read in self.reads).union(self.ages)


@dataclass(frozen=True, slots=True)
class Relation:
    """A named set of rows. `kind` says what a row is: `mailbox`, `tenant`, or '' for rows that are only looked up.

    A judged relation has the fields `id`, `name` and `wave`, by which a finding names the row.
    `over` lists the tables whose incompleteness means that rows may be missing. Rows that are `tenant_wide` belong to no
    wave: an audit of one wave judges them all. Of rows that are `of_mapped` people none is missing where a bundle leaves out others.
    Rows that are each `about` a row of another relation, named here, cannot be missing while that one has none.
    """

    name: str
    doc: str
    fields: tuple[Field, ...]
    kind: str = ""
    over: tuple[str, ...] = ()
    tenant_wide: bool = False
    of_mapped: bool = False
    about: str = ""
    by_name: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {item.name: item for item in self.fields})
