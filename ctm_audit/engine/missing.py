"""Missing evidence as work: one entry a table, with the line that exports it and what it holds back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ctm_audit.engine.outcome import Outcome
from ctm_audit.evidence.relations import EVIDENCE
from ctm_audit.evidence.tables import ALL_SIDES, SIDES, TABLES, Side
from ctm_audit.model import Step


@dataclass(slots=True)
class Missing:
    """A table whose absence, cut or age keeps rules undetermined at a step."""

    side: Side
    table: str
    reasons: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    holds_mailboxes: bool = False

    def note(self, reason: str) -> None:
        """Remember a reason once."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def hold(self, outcome: Outcome, step: Step) -> None:
        """Remember a rule that the hole keeps from being judged."""
        if outcome.rule.id not in self.rules:
            self.rules.append(outcome.rule.id)
        self.holds_mailboxes |= outcome.rule.over == "pairs" and step in outcome.rule.blocks

    @property
    def obstacle(self) -> str:
        """The name under which the order of repairs knows it."""
        return f"evidence:{self.side}.{self.table}"

    @property
    def what(self) -> str:
        """The command and the reasons in one sentence."""
        return f"{TABLES[self.table].command}: {'; '.join(self.reasons)}"

    @property
    def export(self) -> str:
        """The line that exports it."""
        return TABLES[self.table].export


def missing_evidence(outcomes: Sequence[Outcome], step: Step, stale: Mapping[str, str], why: Mapping[str, str]) -> list[Missing]:
    """What to collect (again), the table that frees the most rules first.

    `stale` gives, for tables as `SIDE.TABLE` that are too old for the step, the sentence that says so; `why` explains
    absent tables and columns, as `SIDE.TABLE` and `SIDE.TABLE.COLUMN`.
    """
    found: dict[str, Missing] = {}
    for outcome in outcomes:
        for place, read in _holes(outcome, step, stale, why):
            entry = found.setdefault(place, _missing(place))
            entry.note(why.get(read) or why.get(place) or stale.get(place) or "some objects lack a value that rules read")
            entry.hold(outcome, step)
    return sorted(found.values(), key=lambda entry: (-len(entry.rules), entry.side, entry.table))


def _missing(place: str) -> Missing:
    named, table = place.split(".")
    return Missing(next(side for side in ALL_SIDES if side == named), table)


def _holes(outcome: Outcome, step: Step, stale: Mapping[str, str], why: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each table behind the rule that has a hole, with the column or table that was read; a rule about exports is about all of them."""
    for gap in (*outcome.gaps, *([outcome.may_lack_rows] if outcome.may_lack_rows else [])):
        for read in gap.reads:
            yield ".".join(read.split(".")[:2]), read
    if outcome.rule.over == EVIDENCE.name and outcome.undetermined:
        for read in why:
            if read.split(".")[0] in SIDES:
                yield ".".join(read.split(".")[:2]), read
    if step in outcome.stale and not outcome.gaps:
        for place in sorted(outcome.tables & stale.keys()):
            yield place, place
