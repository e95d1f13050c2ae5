"""What the page shows, made from the run record alone: run.json, findings.parquet and mailboxes.parquet.

A key that the record lacks raises KeyError: a report with a hole would read as a clean one. Only what later versions added may lack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctm_audit.engine.runs import RunRecord
from ctm_audit.model import GateState, Verdict, Weight
from ctm_audit.progress import tell
from ctm_audit.report import verdict_view
from ctm_audit.report.chunks import characters
from ctm_audit.report.evidence_view import EvidenceView, FactsView, GapView, evidence_view, facts_views, gap_view
from ctm_audit.report.facts import FactsOfMailboxes, facts_of_mailboxes
from ctm_audit.report.mailboxes_view import MailboxesView, mailboxes_view
from ctm_audit.report.older import NO_WORK_LISTS, completed
from ctm_audit.report.rules_view import RuleView, rule_views, step_place
from ctm_audit.report.run_tables import open_tables
from ctm_audit.report.statements_view import StatementView, statement_views, statements_sentence

MAKING = "Making the page"
CHARACTERS = 8_000_000
"""What all chunks may take of the page; with the rest it stays below 10 MB."""
LATER = {
    str(Weight.DUE): "Due at a later step",
    str(Weight.WARNING): "Warnings",
    str(Weight.INFO): "For information",
    "waived": "Waived or attested",
}
COUNTS = ("ready", "blocked", "undetermined", "moved", "total")


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that belong together on the page; a group of a gate carries the gate's question and state."""

    id: str
    title: str
    asks: str
    state: str
    state_word: str
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What blocks only at a later step: the step, and the rules that will refuse it."""

    step: str
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything the page shows, in its order."""

    project: str
    run_id: str
    tool_version: str
    rulebook: str
    rules_in_book: int
    extra_rules: Mapping[str, str] | None
    source: verdict_view.TenantView
    target: verdict_view.TenantView
    verdict: verdict_view.VerdictView
    counts: Mapping[str, int]
    asked: tuple[verdict_view.GateView, ...]
    not_asked: tuple[verdict_view.GateView, ...]
    first: tuple[verdict_view.FirstView, ...]
    first_sentence: str
    owners: tuple[verdict_view.OwnerView, ...]
    has_work_lists: bool
    blocking: tuple[Group, ...]
    later: tuple[Group, ...]
    gate_names: Mapping[str, str]
    rules: tuple[RuleView, ...]
    due: tuple[Due, ...]
    mailboxes: MailboxesView
    facts: FactsOfMailboxes
    tenant_wide: int
    gaps: tuple[GapView, ...]
    evidence: tuple[EvidenceView, ...]
    reference: tuple[FactsView, ...]
    statements: tuple[StatementView, ...]
    statements_sentence: str
    statement_files: tuple[str, ...]


def report_view(record: RunRecord) -> ReportView:
    """The whole page as values, none of them larger than a page can hold.

    Raises KeyError when the record lacks a key, Refused when a table of it lacks a column.
    """
    run = completed(record.document)
    with open_tables(record) as connection:
        tell(MAKING, 0, 3)
        rules = rule_views(run, connection)
        tell(MAKING, 1, 3)
        mailboxes = mailboxes_view(connection)
        tell(MAKING, 2, 3)
        taken = sum(characters(rule.chunks) for rule in rules) + characters(mailboxes.chunks)
        return _report_view(run, rules, mailboxes, facts_of_mailboxes(connection, CHARACTERS - taken))


def _report_view(run: Mapping[str, Any], rules: tuple[RuleView, ...], mailboxes: MailboxesView, facts: FactsOfMailboxes) -> ReportView:
    gates = tuple(verdict_view.gate_view(gate) for gate in run["gates"])
    return ReportView(
        project=run["project"]["name"],
        run_id=run["run_id"],
        tool_version=run["tool_version"],
        rulebook=run["rulebook"]["digest"],
        rules_in_book=run["rulebook"]["rules"],
        extra_rules=run["rulebook"]["extra"],
        source=verdict_view.tenant_view(run, "source"),
        target=verdict_view.tenant_view(run, "target"),
        verdict=verdict_view.verdict_view(run),
        counts={name: run["mailboxes"][name] for name in COUNTS},
        asked=tuple(gate for gate in gates if gate.state != GateState.NOT_REQUIRED),
        not_asked=tuple(gate for gate in gates if gate.state == GateState.NOT_REQUIRED),
        first=verdict_view.first_views(run),
        first_sentence=verdict_view.first_sentence(run["first"]),
        owners=tuple(verdict_view.owner_view(told) for told in run["owners"]),
        has_work_lists=all(rule["shell"] != NO_WORK_LISTS for rule in run["rules"]),
        blocking=_blocking(gates, rules),
        due=_due(rules),
        later=_later(rules),
        gate_names={gate.id: gate.name for gate in gates},
        rules=rules,
        mailboxes=mailboxes,
        facts=facts,
        tenant_wide=sum(act["kind"] != "rule" for act in run["first"]),
        gaps=tuple(gap_view(gap) for gap in run["gaps"]),
        evidence=tuple(evidence_view(bundle, run) for bundle in run["evidence"]),
        reference=facts_views(run["reference"]),
        statements=statement_views(run),
        statements_sentence=statements_sentence(run),
        statement_files=tuple(f"{file['name']} ({file['digest'][:12]})" for file in run["statement_files"].values()),
    )


def _blocking(gates: Sequence[verdict_view.GateView], rules: Sequence[RuleView]) -> tuple[Group, ...]:
    """The rules that refuse at this step, gate by gate; a rule that could not be judged refuses like one that fails."""
    refusing = [rule for rule in rules if _place(rule) == Weight.BLOCKER]
    groups = (Group(g.id, g.name, g.asks, g.state, g.state_word, tuple(r for r in refusing if r.gate == g.id)) for g in gates)
    return tuple(group for group in groups if group.rules)


def _later(rules: Sequence[RuleView]) -> tuple[Group, ...]:
    """What does not refuse now: due at a later step, warnings, for information, waived."""
    groups = (Group(place, title, "", "", "", tuple(r for r in rules if _place(r) == place)) for place, title in LATER.items())
    return tuple(group for group in groups if group.rules)


def _due(rules: Sequence[RuleView]) -> tuple[Due, ...]:
    """What is to be done by which later step, the next one first."""
    waiting = [rule for rule in rules if _place(rule) == Weight.DUE]
    steps = sorted({rule.due_by for rule in waiting}, key=lambda step: (step_place(step), step))
    return tuple(Due(step, tuple(rule for rule in waiting if rule.due_by == step)) for step in steps)


def _place(rule: RuleView) -> str:
    """The one place where the page tells of a rule: its weight, `waived`, or `quiet` when it names nothing."""
    if rule.state in {"quiet", "waived"}:
        return rule.state
    if rule.weight == Weight.BLOCKER and rule.state == Verdict.DUE:
        return Weight.DUE
    return rule.weight
