"""Small tenants as plain rows, and the engine's answer to them: no files, no import, one DuckDB an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import duckdb
import pyarrow as pa

from ctm_audit.engine import folder, loading, run
from ctm_audit.engine.question import Question
from ctm_audit.engine.raw import typed_columns
from ctm_audit.engine.session import open_session
from ctm_audit.evidence.manifest import Bundle, TableEntry
from ctm_audit.evidence.relations import PAIRS
from ctm_audit.evidence.tables import ALL_SIDES, SIDES, Side, Table, evidence_of
from ctm_audit.mapping import MappingTable
from ctm_audit.model import Step
from ctm_audit.project import Dns, Domain, Migration, Project, Tenant, Wave
from ctm_audit.reference import load_reference
from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.rulebook.load import RuleBook
from ctm_audit.rulebook.rule import Gate
from ctm_audit.statements import NOTHING_SAID, Statements

Row = dict[str, Any]
REFERENCE = load_reference()
NOW = datetime(2026, 11, 20, 18)
SALT = bytes(32)
SOURCE_TENANT, TARGET_TENANT = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
DELIVERY = "fab.onmicrosoft.com"
PLACES: dict[str, tuple[Side, Table]] = {f"{side}.{table.name}": (side, table) for side in ALL_SIDES for table in evidence_of(side)}
ARROW = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
    "TIMESTAMP": pa.timestamp("us"),
    "VARCHAR[]": pa.list_(pa.string()),
}
GATES = (Gate("stamping", "Stamping", "before", 1), Gate("trust", "Trust", "before", 2))


@dataclass(frozen=True)
class Evidence:
    """Rows by `SIDE.TABLE`; a column that a row does not name is unknown there. `absent` names tables and columns."""

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    incomplete: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    ages: Mapping[str, timedelta] = field(default_factory=dict)
    parts: tuple[str, ...] = ()

    def columns(self, place: str) -> tuple[str, ...]:
        side, table = PLACES[place]
        return tuple(name for name, _ in typed_columns(side, table) if f"{place}.{name}" not in self.absent)


def bundles_of(evidence: Evidence) -> dict[Side, Bundle]:
    return {side: _bundle(evidence, side) for side in SIDES}


def _bundle(evidence: Evidence, side: Side) -> Bundle:
    tables = {
        table.name: _entry(evidence, f"{side}.{table.name}") for table in evidence_of(side) if f"{side}.{table.name}" not in evidence.absent
    }
    return Bundle(
        path=Path(side),
        side=side,
        tenant_id="",
        initial_domain="",
        cloud="",
        collected_at=NOW,
        collected_how="by hand",
        tool_version="",
        digest=side,
        tables=tables,
        absent={},
    )


def _entry(evidence: Evidence, place: str) -> TableEntry:
    return TableEntry(
        rows=len(evidence.rows.get(place, ())),
        expected=None,
        columns=evidence.columns(place),
        missing={},
        complete=place not in evidence.incomplete,
        reason="rows are missing" if place in evidence.incomplete else "",
        sha256="",
        parts=evidence.parts if place == "source.group_members" else (),
        collected_at=NOW - evidence.ages.get(place, timedelta()),
        holes=(),
        notes=(),
    )


def fill_raw(connection: duckdb.DuckDBPyConnection, evidence: Evidence) -> None:
    """What `create_raw_views` makes of files, as tables made of rows."""
    connection.execute("create schema raw")
    for place, (side, table) in PLACES.items():
        types = typed_columns(side, table)
        name = f"raw.{side}_{table.name}"
        connection.execute(f"create table {name} ({', '.join(f'{column} {sql_type}' for column, sql_type in types)}, place bigint)")
        rows = [] if place in evidence.absent else evidence.rows.get(place, ())
        known = evidence.columns(place)
        if rows:
            columns = [pa.array([row.get(column) if column in known else None for row in rows], ARROW[kind]) for column, kind in types]
            numbered = [*columns, pa.array(range(len(rows)), pa.int64())]
            connection.register("rows_of_it", pa.table(numbered, [*(column for column, _ in types), "place"]))
            connection.execute(f"insert into {name} select * from rows_of_it")
            connection.unregister("rows_of_it")
    connection.execute("create table raw.source_parts (part varchar)")
    for part in evidence.parts:
        connection.execute("insert into raw.source_parts values (?)", [part])


def mapping_of(pairs: Iterable[tuple[str, ...]]) -> MappingTable:
    """A mapping of (source, target[, wave[, upn]]) as written."""
    written = [(*pair, "", "")[:4] for pair in pairs]
    columns: dict[str, list[Any]] = {
        "row": list(range(1, len(written) + 1)),
        "line": list(range(2, len(written) + 2)),
        "source": [pair[0] for pair in written],
        "target": [pair[1] for pair in written],
        "source_key": [pair[0].strip().casefold() for pair in written],
        "target_key": [pair[1].strip().casefold() for pair in written],
        "wave": [pair[2] for pair in written],
        "upn": [pair[3] for pair in written],
    }
    texts = dict.fromkeys(("primary", "final_upn", "final_primary", "license", "route"), [""] * len(written))
    types = {"row": pa.int64(), "line": pa.int64()}
    return MappingTable(pa.table({name: pa.array(v, types.get(name, pa.string())) for name, v in (columns | texts).items()}), "mapping")


def project_of(root: Path = Path("nowhere"), *, waves: Iterable[str] = (), **migration: Any) -> Project:
    fields: dict[str, Any] = {
        "app_id": "cccccccc-0000-4000-8000-000000000003",
        "endpoint": "CTM",
        "delivery_domain": DELIVERY,
        "license": "",
        "route": "mrs",
        "last_completion": None,
    }
    needed: dict[str, Any] = {
        "path": root / "ctm-audit.toml",
        "root": root,
        "name": "test",
        "mapping": root / "mapping.csv",
        "scope": "subset",
        "runs": root / "runs",
        "as_of": None,
        "source": Tenant(SOURCE_TENANT, "con.onmicrosoft.com", root / "source"),
        "target": Tenant(TARGET_TENANT, "fab.onmicrosoft.com", root / "target"),
        "migration": Migration(**(fields | migration)),
        "domains": (Domain("con.com", "direct"),),
        "waves": tuple(Wave(name, False, None, None, False) for name in waves),
        "max_evidence_age": {Step.SUBMIT: timedelta(hours=24), Step.PREPARE: timedelta(days=7)},
        "cloud": "worldwide",
        "digest": "project",
        "dns": Dns(root / "dns"),
    }
    return Project(**needed)


@dataclass(frozen=True)
class _Reads:
    """Stands for rules that read every field of a pair."""

    relation: object = PAIRS
    fields: frozenset[str] = frozenset(PAIRS.by_name)
    looked_up: Mapping[str, frozenset[str]] = field(default_factory=dict)


@contextmanager
def loaded(
    evidence: Evidence, mapping: MappingTable, project: Project | None = None, *, rules: Sequence[CheckedRule] = (), wave: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which the judged relations stand; without rules, with every field that can be had."""
    question = Question(
        project or project_of(), mapping, bundles_of(evidence), Step.SUBMIT, "asked for", wave, NOW, NOW, REFERENCE, salt=SALT
    )
    everything = [*rules] or [cast("CheckedRule", _Reads())]
    with open_session() as connection, patch.object(loading, "create_raw_views", lambda opened, _: fill_raw(opened, evidence)):
        loading.load_evidence(connection, question, everything)
        yield connection


def relation_rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    """The rows of a judged relation in their order, without what the project says."""
    table = connection.sql(f"select * from {name} order by row_no").to_arrow_table()
    return [{key: value for key, value in row.items() if not key.startswith("project.")} for row in table.to_pylist()]


def audited(
    evidence: Evidence,
    mapping: MappingTable,
    *rules: CheckedRule,
    project: Project | None = None,
    step: Step | None = Step.SUBMIT,
    wave: str | None = None,
    gates: Sequence[Gate] = GATES,
    statements: Statements = NOTHING_SAID,
    then: Callable[[duckdb.DuckDBPyConnection], object] = lambda _: None,
) -> dict[str, Any]:
    """The run's document with its findings and mailboxes; `then` may look at the connection before it closes."""
    said = project or project_of()
    question = Question(said, mapping, bundles_of(evidence), step or Step.ASSESS, "asked for", wave, NOW, NOW, REFERENCE, statements)
    with open_session() as connection, patch.object(loading, "create_raw_views", lambda opened, _: fill_raw(opened, evidence)):
        document = run.run_audit(connection, question, RuleBook(rules, tuple(gates), "book", Path()), rules, step).document
        then(connection)
        return document | {"findings": folder.findings(connection), "people": folder.mailboxes(connection, 1_000)}
