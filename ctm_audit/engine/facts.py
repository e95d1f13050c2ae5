"""The facts behind a verdict: each value with the cmdlet and property, the bundle's file and the time that it is from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import duckdb

from ctm_audit.engine.runs import RunRecord
from ctm_audit.evidence.relations import REFERENCE, RELATIONS, Field, origin
from ctm_audit.rulebook.commands import quoted, text_literal
from ctm_audit.rulebook.judging import Catalogue, CheckedRule

SHOWN_ROWS = 10
GIVEN = {
    "project": "the project file",
    "plan": "the mapping and the project file",
    "lock": "mapping.lock",
    "stage": "derived",
}
"""Where a value is from that no export holds, by the first part of its name."""
Document = dict[str, Any]


def fetch(connection: duckdb.DuckDBPyConnection, query: str) -> list[Document]:
    """The rows of a query by column name."""
    answer = connection.execute(query)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def plain(value: Any) -> Any:
    """The value as JSON has it; a time is ISO 8601 in UTC."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value


def facts(connection: duckdb.DuckDBPyConnection, record: RunRecord, checked: CheckedRule, catalogue: Catalogue) -> list[Document]:
    """Every field of the judged row that the rule reads, those first that decide the verdict; `one` names the row."""
    row = fetch(connection, f"select * from main.{quoted(checked.relation.name)} join one using (row_no)")[0]
    names = sorted(checked.fields, key=lambda name: (name not in checked.verdict_fields, name))
    return [_fact(record, checked.relation.by_name[name], row, catalogue) | {"decides": name in checked.verdict_fields} for name in names]


def _fact(record: RunRecord, field: Field, row: Document, catalogue: Catalogue) -> Document:
    is_there = field.name in row
    return {
        "field": field.name,
        "meaning": field.doc,
        "value": plain(row[field.name]) if is_there else None,
        "is_known": is_there and row[field.name] is not None,
        "missing": None if is_there else _why(field, catalogue),
        "origins": _origins(record, field),
    }


def _why(field: Field, catalogue: Catalogue) -> str:
    places = [place for read in field.reads for place in (read, read.rpartition(".")[0])]
    return "; ".join(dict.fromkeys(catalogue.why[place] for place in places if place in catalogue.why)) or "not collected"


def _origins(record: RunRecord, field: Field) -> list[Document]:
    """One entry a table: the command with its properties, the bundle's file and the time."""
    if not field.reads:
        return [{"what": GIVEN.get(field.name.partition(".")[0], "the project"), "file": None, "collected_at": None}]
    by_table: dict[str, list[str]] = {}
    for read in field.reads:
        by_table.setdefault(read.rpartition(".")[0], []).append(read)
    return [_origin(record, table, reads) for table, reads in by_table.items()]


def _origin(record: RunRecord, place: str, reads: Iterable[str]) -> Document:
    side, _, name = place.partition(".")
    bundle: Document = next((entry for entry in record.document["evidence"] if entry["side"] == side), {"tables": []})
    collected_at = next((table["collected_at"] for table in bundle["tables"] if table["name"] == name), None)
    file = f"{_bundle(bundle)}/{name}.parquet" if collected_at else None
    return {"what": ", ".join(dict.fromkeys(map(origin, reads))), "file": file, "collected_at": collected_at}


def _bundle(bundle: Document) -> str:
    """The name of the bundle, as `ctm-audit bundle list` shows it."""
    return f"{bundle['side']}-{bundle['collected_at'].replace('-', '').replace(':', '')}-{bundle['digest'][:8]}"


def lookups(connection: duckdb.DuckDBPyConnection, record: RunRecord, checked: CheckedRule) -> list[Document]:
    """Every relation that the rule looks up, with the columns that it reads and the first of its rows."""
    return [_lookup(connection, record, name, sorted(columns)) for name, columns in sorted(checked.looked_up.items())]


def _lookup(connection: duckdb.DuckDBPyConnection, record: RunRecord, name: str, columns: list[str]) -> Document:
    relation = RELATIONS[name]
    told: Document = {"relation": name, "meaning": relation.doc, "columns": columns, "rows": None, "values": []}
    places = [] if relation in REFERENCE else relation.over
    told["origins"] = [_origin(record, place, [f"{place}.{column}" for column in columns]) for place in places]
    known = fetch(connection, f"select column_name as name from duckdb_columns() where table_name = {text_literal(name)}")
    if known:  # what was not collected does not exist, and the verdict's reason says why
        chosen = ", ".join(quoted(column["name"]) for column in known if column["name"] in columns) or "1"
        told["values"] = [plain(row) for row in fetch(connection, f"select {chosen} from main.{quoted(name)} limit {SHOWN_ROWS}")]
        told["rows"] = fetch(connection, f"select count(*) as rows from main.{quoted(name)}")[0]["rows"]
    return told
