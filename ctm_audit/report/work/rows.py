"""The findings of a run that are somebody's work, in blocks and in order, with what their rules say of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from ctm_audit.engine.runs import RunRecord, finding_blocks
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import COLLECTORS, Verdict

BATCH_ROWS = 20_000
WORK = (Verdict.FAIL, Verdict.DUE, Verdict.UNDETERMINED)
"""What is waived or attested waits for nobody."""
SIDE_OF = {COLLECTORS[side]: side for side in SIDES}
"""Whose work is in one tenant."""
OF_RULES = ("title", "how_to", "shell")
COLUMNS = (
    *("rule", "title", "weight", "verdict", "object_kind", "object_id", "object_name", "wave", "expected", "found"),
    *("fix_kind", "fix", "shell", "command", "reason", "until", "count", "how_to", "gate", "owner"),
)


def schema(columns: Sequence[str]) -> pa.Schema:
    """The schema of blocks with these columns."""
    return pa.schema([(name, pa.int64() if name == "count" else pa.string()) for name in columns])


def work(record: RunRecord, columns: Sequence[str] = COLUMNS) -> Iterator[pa.RecordBatch]:
    """Blocks of at most BATCH_ROWS rows, in the order of the findings, from the file and never all at once.

    `columns` are some of COLUMNS, `rule` and `verdict` among them.
    """
    asked = [name for name in columns if name not in OF_RULES]
    rules = record.document["rules"]
    ids = pa.array([rule["id"] for rule in rules], pa.string())
    told = {name: pa.array([rule[name] for rule in rules], pa.string()) for name in OF_RULES}
    for block in finding_blocks(record, BATCH_ROWS, asked):
        rows = among(block, "verdict", WORK)
        if rows.num_rows:
            yield _with(rows, columns, pc.index_in(rows["rule"], ids), told)


def among(rows: pa.RecordBatch, column: str, values: Iterable[str]) -> pa.RecordBatch:
    """The rows in which the column has one of the values."""
    return rows.filter(pc.is_in(rows[column], pa.array(values, pa.string())))


def by(rows: pa.RecordBatch, column: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Each value of the column with its rows, in the order in which they first stand."""
    for value in map(str, rows[column].unique().to_pylist()):
        yield value, among(rows, column, (value,))


def _with(rows: pa.RecordBatch, columns: Sequence[str], places: Any, told: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([told[name].take(places) if name in told else rows[name] for name in columns], schema=schema(columns))
