"""What each owner has of each rule: how many objects, and the first of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ctm_audit.model import Verdict
from ctm_audit.report.work.rows import among, by

SHOWN = 50
"""So many objects of a rule stand on a page; the table beside it has all of them."""
SHOWN_COLUMNS = ("verdict", "object_name", "wave", "expected", "found", "command", "reason", "fix", "count")


@dataclass(slots=True)
class Share:
    """The work of one owner under one rule: the number of its findings, of those that are not judged, and the first rows."""

    findings: int = 0
    undetermined: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, rows: pa.RecordBatch) -> None:
        """Count more rows, and keep them as long as there are few."""
        self.findings += rows.num_rows
        self.undetermined += among(rows, "verdict", (Verdict.UNDETERMINED,)).num_rows
        self.rows += rows.select(list(SHOWN_COLUMNS)).slice(0, max(0, SHOWN - len(self.rows))).to_pylist()


Shares = dict[str, dict[str, Share]]


def shares(batches: Iterable[pa.RecordBatch]) -> Shares:
    """For each owner the share of each rule, both in the order of the findings."""
    found: Shares = {}
    for batch in batches:
        for owner, mine in by(batch, "owner"):
            for rule, rows in by(mine, "rule"):
                found.setdefault(owner, {}).setdefault(rule, Share()).add(rows)
    return found
