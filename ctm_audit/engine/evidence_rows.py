"""Materialises `evidence`: one row a table that a side is asked for, with what the bundles say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from ctm_audit.engine.projection import project_fields
from ctm_audit.engine.raw import Bundles
from ctm_audit.evidence.bundle import Bundle, TableEntry
from ctm_audit.evidence.normalise import SECRET_FOUND
from ctm_audit.evidence.relations.evidence import EVIDENCE, NEVER_EMPTY
from ctm_audit.evidence.tables import SIDES, Table, tables_of
from ctm_audit.project import Project

COLUMNS = (
    "row_no bigint, id varchar, name varchar, side varchar, is_collected boolean, is_whole boolean, objects bigint,"
    " may_be_empty boolean, lacking varchar, secrets varchar, collected_at timestamp"
)


def create_evidence(connection: duckdb.DuckDBPyConnection, bundles: Bundles, project: Project) -> None:
    """Create `evidence`, the source's tables first; `project` must be there."""
    domains = {side: getattr(project, side).initial_domain for side in SIDES}
    asked = [(bundles[side], table, domains[side]) for side in SIDES for table in tables_of(side) if _is_asked(bundles[side], table)]
    connection.execute(f"create table evidence_rows ({COLUMNS})")
    rows = [(number, *_row(*one)) for number, one in enumerate(asked, start=1)]
    connection.executemany(f"insert into evidence_rows values ({', '.join('?' * len(rows[0]))})", rows)
    fields = project_fields(EVIDENCE.fields)
    connection.execute(f"create table evidence as select x.row_no, {fields} from evidence_rows x cross join project p order by x.row_no")


def _is_asked(bundle: Bundle, table: Table) -> bool:
    """An optional table is judged once somebody has exported it."""
    return not table.optional or table.name in bundle.tables


def _row(bundle: Bundle, table: Table, domain: str) -> tuple[Any, ...]:
    entry = bundle.tables.get(table.name)
    is_whole = entry is not None and entry.complete and not entry.missing
    place = f"{bundle.side}.{table.name}"
    return (
        f"{bundle.side} {table.command}",
        f"{table.command} of {domain}",
        bundle.side,
        entry is not None,
        True if is_whole else None,
        _objects(bundle, table, entry) if is_whole and entry else None,
        place not in NEVER_EMPTY,
        "; ".join(_lacking(bundle, table, entry)),
        "; ".join(text for text in _told(entry) if SECRET_FOUND in text),
        entry.collected_at if entry else None,
    )


def _objects(bundle: Bundle, table: Table, entry: TableEntry) -> int:
    """How many objects the export held, with those of people who are not in the mapping."""
    return entry.rows + (bundle.scope.left_out.get(table.name, 0) if bundle.scope else 0)


def _lacking(bundle: Bundle, table: Table, entry: TableEntry | None) -> Iterator[str]:
    if entry is None:
        yield bundle.absent.get(table.name, "no file holds it")
        return
    if not entry.complete:
        yield entry.reason
    yield from dict.fromkeys(entry.missing.values())


def _told(entry: TableEntry | None) -> Iterator[str]:
    """Everything that the import had to say of values that it did not keep."""
    if entry is not None:
        yield from dict.fromkeys((entry.reason, *entry.missing.values(), *entry.holes))
