"""The rounds before this one, taken along into the next bundle: rules that ask for three equal rounds read one bundle alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from ctm_audit.dns.rows import Row, iso
from ctm_audit.evidence.bundle import Bundle

KEPT = {"answers": 2, "smtp_probes": 10}
"""How many rounds of a table are taken along: of answers three make a proof, of probes those of more than five minutes."""


def next_round(earlier: Bundle | None) -> tuple[int, dict[str, list[Row]]]:
    """The number of the round after those of a bundle, and the rows of its last rounds by table; the first without a bundle."""
    if earlier is None:
        return 1, {}
    newest = pc.max(pq.read_table(earlier.parquet("answers"), columns=["round"])["round"]).as_py() or 0
    return newest + 1, {name: _rows(earlier, name, newest - kept) for name, kept in KEPT.items() if name in earlier.tables}


def _rows(bundle: Bundle, table: str, after: int) -> list[Row]:
    """The rows of the rounds after one, as they were given to the bundle."""
    rows: list[dict[str, Any]] = pq.read_table(bundle.parquet(table), filters=[("round", ">", after)]).to_pylist()
    return [{name: _given(value) for name, value in row.items()} for row in rows]


def _given(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value
