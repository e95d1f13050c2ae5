"""Missing evidence as work: one entry a table, with the line that exports it and what it holds back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ctm_audit.engine.outcome import Outcome
from ctm_audit.evidence.tables import TABLES, Side
from ctm_audit.model import Step


@dataclass(slots=True)
class Missing:
    """A table whose absence, cut or age keeps rules undetermined at a step."""

    side: Side
    table: str
    reasons: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    holds_mailboxes: bool = False

    @property
    def obstacle(self) -> str:
        """The name under which the order of repairs knows it."""
        return f"evidence:{self.side}.{self.table}"

    @property
    def what(self) -> str:
        """The reasons in one sentence."""
        return "; ".join(self.reasons)

    @property
    def export(self) -> str:
        """The line that exports it."""
        return TABLES[self.table].export


def missing_evidence(outcomes: Sequence[Outcome], step: Step, stale: dict[str, str]) -> list[Missing]:
    """What to collect (again), the table that frees the most rules first.

    `stale` gives, for tables as `SIDE.TABLE` that are too old for the step, the sentence that says so.
    """
    found: dict[str, Missing] = {}
    for outcome in outcomes:
        for place, reasons in _reasons(outcome, step, stale).items():
            side, table = place.split(".")
            entry = found.setdefault(place, Missing("source" if side == "source" else "target", table))
            entry.rules.append(outcome.rule.id)
            entry.reasons += [reason for reason in reasons if reason not in entry.reasons]
            entry.holds_mailboxes |= outcome.rule.over == "pairs" and step in outcome.rule.blocks
    return sorted(found.values(), key=lambda entry: (-len(entry.rules), entry.side, entry.table))


def _reasons(outcome: Outcome, step: Step, stale: dict[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = defaultdict(list)
    for gap in outcome.gaps:
        for place in gap.tables:
            reasons[place].append(gap.reason)
    if step in outcome.stale and not outcome.gaps:
        for place in outcome.tables & stale.keys():
            reasons[place].append(stale[place])
    return reasons
