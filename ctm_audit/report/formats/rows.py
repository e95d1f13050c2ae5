"""The findings of a run record: all of them one by one, or the few that a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ctm_audit.engine.folder import finding
from ctm_audit.engine.runs import RunRecord, finding_blocks
from ctm_audit.model import Verdict

BATCH_ROWS = 20_000


def findings(record: RunRecord) -> Iterator[dict[str, Any]]:
    """Every finding as it stands in the JSON, in order, a block of the file at a time."""
    for block in finding_blocks(record, BATCH_ROWS):
        yield from map(finding, block.to_pylist())


def few_findings(record: RunRecord, most_a_rule: int) -> list[dict[str, Any]]:
    """At most so many findings of each rule, in order: first of all those that could be judged."""
    judged: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    others: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, found in enumerate(findings(record)):
        kept = (others if found["verdict"] == Verdict.UNDETERMINED else judged).setdefault(found["rule"], [])
        if len(kept) < most_a_rule:
            kept.append((place, found))
    chosen = [pair for rule in {**judged, **others} for pair in [*judged.get(rule, ()), *others.get(rule, ())][:most_a_rule]]
    return [found for _, found in sorted(chosen, key=lambda pair: pair[0])]
