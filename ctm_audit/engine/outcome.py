"""What judging one rule gave, before any step has been asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from ctm_audit.model import Step, Weight
from ctm_audit.rulebook.judging import Gap, asks
from ctm_audit.rulebook.load import Rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts of one rule over the rows it was asked about.

    `tables` are the evidence tables behind it, as `SIDE.TABLE`.
    With `gaps` the rule could not be judged at all, and `undetermined` counts every row it would have judged.
    `stale` says for which steps evidence behind the rule is too old: there its passes count as undetermined.
    `waived` and `attested` count rows of which a record speaks; with `row_by_row` it speaks of rows of a rule that has gaps,
    and `may_lack_rows` says why there may be rows that nobody has seen.
    """

    rule: Rule
    tables: frozenset[str]
    passed: int = 0
    failed: int = 0
    undetermined: int = 0
    not_applicable: int = 0
    gaps: tuple[Gap, ...] = ()
    stale: dict[Step, str] = field(default_factory=dict)
    nothing: str | None = None
    waived: int = 0
    attested: int = 0
    row_by_row: bool = False
    may_lack_rows: Gap | None = None

    @property
    def rows(self) -> int:
        """How many rows the rule was asked about."""
        return self.passed + self.failed + self.undetermined + self.not_applicable + self.waived + self.attested

    def passed_at(self, step: Step) -> int:
        """Passes that count at this step: none when the evidence is too old for it."""
        return 0 if step in self.stale else self.passed

    def undetermined_at(self, step: Step) -> int:
        """Rows undetermined at this step; at least one when the rule could not be judged, when rows may be missing, or when it
        finds nothing wrong in stale evidence."""
        unknown = self.undetermined + (self.passed if step in self.stale else 0)
        unseen = (self.gaps and not self.row_by_row) or self.may_lack_rows
        return max(unknown, 1) if unseen or (step in self.stale and not self.failed) else unknown

    def reason_at(self, step: Step) -> str | None:
        """Why the rule is undetermined, or judged nothing, in one sentence."""
        if self.gaps:
            return "; ".join(gap.reason for gap in self.gaps)
        if self.may_lack_rows:
            return self.may_lack_rows.reason
        if self.rule.attest and self.undetermined:
            return asks(self.rule)
        return self.stale.get(step) or self.nothing


def weight_at(rule: Rule, step: Step) -> Weight:
    """What a failure of the rule means at this step: before the first step that it blocks, it is due."""
    if step in rule.blocks:
        return Weight.BLOCKER
    if step in rule.warns:
        return Weight.WARNING
    return Weight.DUE if any(step.is_before(blocked) for blocked in rule.blocks) else Weight.INFO
