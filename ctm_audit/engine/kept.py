"""What a run keeps of its evidence beside the mailboxes, so that verdicts are explained and facts asked for without the bundles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from ctm_audit.evidence.relations import JUDGED, PAIRS, RELATIONS
from ctm_audit.progress import followed
from ctm_audit.rulebook.commands import quoted, text_literal
from ctm_audit.rulebook.judging import Catalogue, CheckedRule

FOLDER = "relations"
CATALOGUE = "catalogue.json"
LOCK = "pairs_lock"
OTHER_WAVES = "pairs_of_other_waves"
BATCH_ROWS = 100_000
LOCKED = "lock."
OF_OTHER_WAVES = "from pairs where row_no not in (select row_no from judged_pairs)"


def keep_relations(connection: duckdb.DuckDBPyConnection, rules: Sequence[CheckedRule], catalogue: Catalogue, run: Path) -> None:
    """Write every relation of the run but `pairs`, whose rows are mailboxes.parquet, into a folder of its own, and what existed.

    Of `pairs` it holds what rules look up in rows of other waves, and what mapping.lock says where a rule that reads
    it did not pass: the lock is no evidence, the first audit writes it, and the second must give the same bytes.
    """
    folder = run / FOLDER
    folder.mkdir()
    for name in followed("Keeping relations", _relations(connection)):
        _write(connection, f"from main.{quoted(name)} order by {'row_no' if name in JUDGED else 'all'}", folder / f"{name}.parquet")
    have = catalogue.fields[PAIRS.name]
    if looked_up := sorted({name for checked in rules for name in checked.looked_up.get(PAIRS.name, ()) if name in have}):
        columns = ", ".join(map(quoted, looked_up))
        _write(connection, f"select row_no, {columns} {OF_OTHER_WAVES} order by row_no", folder / f"{OTHER_WAVES}.parquet")
    if readers := [checked for checked in rules if have.intersection(_locked(checked))]:
        _write(connection, _contradictions(readers, have), folder / f"{LOCK}.parquet")
    text = json.dumps(_document(catalogue), indent=1, ensure_ascii=False)
    (folder / CATALOGUE).write_text(text + "\n", encoding="utf-8", newline="\n")


def _relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The relations of the rule language that exist here as tables, but for `pairs`."""
    tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'main' order by table_name").fetchall()
    return [name for (name,) in tables if name in RELATIONS and name != PAIRS.name]


def _locked(checked: CheckedRule) -> list[str]:
    return sorted(name for name in checked.fields if name.startswith(LOCKED)) if checked.relation is PAIRS else []


def _contradictions(readers: Sequence[CheckedRule], have: frozenset[str]) -> str:
    columns = sorted({name for checked in readers for name in _locked(checked)} & have)
    ids = ", ".join(text_literal(checked.rule.id) for checked in readers)
    spoken = f"select row_no from verdicts where rule in ({ids})"
    return f"select id, {', '.join(map(quoted, columns))} from pairs where row_no in ({spoken}) order by row_no"


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    reader = connection.sql(query).to_arrow_reader(BATCH_ROWS)
    with pa.parquet.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def _document(catalogue: Catalogue) -> dict[str, object]:
    return {
        "fields": {name: sorted(fields) for name, fields in sorted(catalogue.fields.items())},
        "complete": sorted(catalogue.complete),
        "why": dict(sorted(catalogue.why.items())),
    }
