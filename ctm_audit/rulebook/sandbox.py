"""A small, shut-off DuckDB in memory, in which rules are bound and their cases are judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import duckdb

from ctm_audit.evidence.relations import JUDGED, RELATIONS, Relation
from ctm_audit.rulebook.commands import quoted, text_literal
from ctm_audit.rulebook.grammar import ACCEPTS_READS
from ctm_audit.rulebook.holds import bundled_hold_macros
from ctm_audit.rulebook.judging import ACCEPTS_MACRO, CheckedRule
from ctm_audit.rulebook.rule import Row

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "threads": "1",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
}


@contextmanager
def open_sandbox(holds: Iterable[str] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reaches no file, no network and no setting; `holds` defines the functions that read hold ids, by default ours."""
    connection = duckdb.connect(":memory:", config=SETTINGS)
    try:
        for setting in ("TimeZone='UTC'", "temp_directory=''", "enable_external_access=false", "lock_configuration=true"):
            connection.execute(f"SET {setting}")
        for macro in bundled_hold_macros() if holds is None else holds:
            connection.execute(macro)
        yield connection
    finally:
        connection.close()


@contextmanager
def tables_of(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, rows: Mapping[str, Sequence[Row]]) -> Iterator[None]:
    """While the block runs, tables with these rows and exactly the fields that the rule is known to read.

    A read that the walker overlooked finds nothing to bind to. Nothing stays afterwards.
    """
    own = checked.relation.name
    connection.execute("begin transaction")
    try:
        for name, columns in {**checked.looked_up, own: checked.fields | checked.looked_up.get(own, frozenset())}.items():
            _fill(connection, RELATIONS[name], columns, rows.get(name, ()))
        if checked.looked_up.get(ACCEPTS_READS[0], frozenset()).issuperset(ACCEPTS_READS[1]):
            connection.execute(ACCEPTS_MACRO)
        yield
    finally:
        connection.execute("rollback")


def _fill(connection: duckdb.DuckDBPyConnection, relation: Relation, fields: Iterable[str], rows: Sequence[Row]) -> None:
    """Make the relation's table hold these rows, numbered from 1; what a row does not name is NULL."""
    types = {name: relation.by_name[name].type for name in sorted(fields)} or {relation.fields[0].name: relation.fields[0].type}
    values = [[sql_literal(row.get(name)) for name in types] for row in rows] or [["null"] * len(types)]
    table = ", ".join(f"({number}, {', '.join(row)})" for number, row in enumerate(values, 1))
    columns = ", ".join(f"cast(v.c{number} as {sql_type}) as {quoted(name)}" for number, (name, sql_type) in enumerate(types.items()))
    row_no = "cast(v.row_no as bigint) as row_no, " if relation.name in JUDGED else ""
    names = ", ".join(f"c{number}" for number in range(len(types)))
    connection.execute(
        f"create or replace table main.{quoted(relation.name)} as select {row_no}{columns} from (values {table}) v(row_no, {names})"
        f" where {'true' if rows else 'false'}"
    )


def sql_literal(value: Any) -> str:
    """A value as an SQL literal."""
    match value:
        case None:
            return "null"
        case bool() | int():
            return str(value).lower()
        case datetime():
            return f"timestamp {text_literal(value.isoformat(sep=' '))}"
        case list():
            return f"[{', '.join(map(sql_literal, value))}]::varchar[]"
        case _:
            return text_literal(str(value))
