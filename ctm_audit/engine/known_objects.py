"""Finds the object that a person means in a written run, and what the run recorded about it."""

from __future__ import annotations

from typing import Any

import duckdb

from ctm_audit.engine.facts import fetch
from ctm_audit.engine.runs import RunRecord
from ctm_audit.errors import UsageError
from ctm_audit.evidence.relations import PAIRS, Relation
from ctm_audit.rulebook.commands import quoted, text_literal
from ctm_audit.rulebook.judging import CheckedRule

NEAR = 5
FIRST_OF_OTHER_WAVES = 1_000_000_000
"""Rows of `pairs` from this number on are of other waves than the run's (engine/recall.py)."""
Document = dict[str, Any]


def find_object(connection: duckdb.DuckDBPyConnection, record: RunRecord, relation: Relation, name: str) -> Document:
    """Row number, kind, id, name and wave of the object: by its id, else by its name, in any case of letters.

    Raises UsageError when the run knows no such object, with the nearest ones, and when the name means several.
    """
    table = f"main.{quoted(relation.name)}"
    wanted = text_literal(name.casefold())
    try:
        scope = _scope(connection, record, relation)
    except duckdb.CatalogException:
        raise UsageError(f"The run has no {relation.kind}: nothing of the kind was collected.", hint="ctm-audit explain RULE") from None
    told = f"select row_no, {text_literal(relation.kind)} as kind, id, name, nullif(wave, '') as wave from {table} where {scope}"
    for condition in (f"lower(id) = {wanted}", f"lower(name) = {wanted} or ends_with(lower(name), ' → ' || {wanted})"):
        if found := fetch(connection, f"{told} and ({condition}) order by row_no limit {NEAR + 1}"):
            return _only(found, name)
    alike = f"jaro_winkler_similarity(lower(id), {wanted}) desc"
    near = [row["id"] for row in fetch(connection, f"select id from {table} where {scope} order by {alike} limit {NEAR}")]
    raise UsageError(f"The run has no {relation.kind} {name!r}{_of_wave(record)}.", detail=near, hint="ctm-audit explain RULE")


def _scope(connection: duckdb.DuckDBPyConnection, record: RunRecord, relation: Relation) -> str:
    """SQL that is true for rows which the run has judged."""
    fetch(connection, f"select row_no from main.{quoted(relation.name)} limit 0")
    wave = record.document["wave"]
    of_wave = f"wave = {text_literal(wave)}" if wave is not None and not relation.tenant_wide else "true"
    return f"{of_wave} and row_no < {FIRST_OF_OTHER_WAVES}" if relation is PAIRS else of_wave


def _of_wave(record: RunRecord) -> str:
    return f" in wave {record.document['wave']}" if record.document["wave"] is not None else ""


def _only(found: list[Document], name: str) -> Document:
    if len(found) > 1:
        raise UsageError(f"{name!r} means several objects.", detail=[row["id"] for row in found], hint="write the whole id")
    return found[0]


def show_one(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, row_no: int) -> None:
    """Create `one` with the row's number; where the rule does not compare rows, the relation keeps this row alone."""
    connection.execute(f"create temp table one as select {row_no:d}::bigint as row_no")
    name = checked.relation.name
    if name not in checked.looked_up:
        connection.execute(f"create temp table only_row as select * from main.{quoted(name)} join one using (row_no)")
        connection.execute(f"drop view main.{quoted(name)}")
        connection.execute(f"create table main.{quoted(name)} as from only_row")


def recorded(record: RunRecord, rule: str, key: str, kind: str) -> Document | None:
    """The finding of the run about the object; None when it has none."""
    query = "select * from read_parquet($path) where rule = $rule and object_id = $key and object_kind = $kind"
    with duckdb.connect() as connection:
        answer = connection.execute(query, {"path": str(record.findings_file), "rule": rule, "key": key, "kind": kind})
        names = [column[0] for column in answer.description or ()]
        row = answer.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def masking(record: RunRecord, checked: CheckedRule, key: str) -> list[Document]:
    """The failures that keep the rule from being judged for the object: of the object itself, or of anything wider."""
    query = """
        select rule, object_kind, object_id from read_parquet($path) where list_contains($rules, rule) and verdict in ('fail', 'due')
        and (object_kind <> $kind or object_id = $key) order by file_row_number limit 20
    """
    with duckdb.connect() as connection:
        values = {"path": str(record.findings_file), "rules": list(checked.rule.masked_by), "kind": checked.relation.kind, "key": key}
        found = connection.execute(query.replace("$path)", "$path, file_row_number = true)"), values).fetchall()
    return [{"rule": rule, "object": {"kind": kind, "id": name}} for rule, kind, name in found]
