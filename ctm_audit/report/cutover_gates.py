"""What must pass at each step of the domain move, and what the newest run says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ctm_audit.model import DOMAIN_STEPS
from ctm_audit.report.cutover_lines import TITLES
from ctm_audit.rulebook.rule import Rule

Judged = Literal["open", "closed", "undetermined"]
STATES: tuple[Judged, ...] = ("closed", "undetermined", "open")


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule that must pass: what the run says of it."""

    id: str
    title: str
    state: Judged
    told: str


@dataclass(frozen=True, slots=True)
class StepGate:
    """One step of the domain move: open when every rule that blocks there passed in the newest run."""

    step: str
    title: str
    state: Judged
    rules: tuple[Asked, ...]

    @property
    def counts(self) -> str:
        """How many of its rules passed, in words."""
        passed = sum(rule.state == "open" for rule in self.rules)
        return f"{passed} of {len(self.rules)} rules pass"


def step_gates(rules: Sequence[Rule], document: Mapping[str, Any] | None) -> tuple[StepGate, ...]:
    """The steps with their rules; without a run nothing is judged, and so nothing is open."""
    results = {result["id"]: result for result in (document or {}).get("rules", ())}
    found = []
    for step in DOMAIN_STEPS:
        asked = tuple(_asked(rule, results.get(rule.id)) for rule in rules if step in rule.blocks)
        if asked:
            found.append(StepGate(str(step), TITLES[str(step)], _worst(rule.state for rule in asked), asked))
    return tuple(found)


def _asked(rule: Rule, result: Mapping[str, Any] | None) -> Asked:
    if result is None:
        return Asked(rule.id, rule.title, "undetermined", "not judged")
    if result["failed"] or result["due"]:
        return Asked(rule.id, rule.title, "closed", f"fails for {result['failed'] + result['due']}")
    if result["undetermined"]:
        return Asked(rule.id, rule.title, "undetermined", result["reason"] or f"undetermined for {result['undetermined']}")
    if result["passed"] or result["waived"] or result["attested"]:
        return Asked(rule.id, rule.title, "open", "waived" if result["waived"] else "passes")
    return Asked(rule.id, rule.title, "open" if result["not_applicable"] else "undetermined", result["reason"] or "nothing to judge")


def _worst(states: Iterable[Judged]) -> Judged:
    found = set(states)
    return next(state for state in STATES if state in found)
