"""What the page shows, made from the run record alone: run.json, its findings and its mailboxes.

A key that the record lacks raises KeyError: a report with a hole would read as a clean one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctm_audit.model import GateState, Verdict, Weight
from ctm_audit.report import verdict_view
from ctm_audit.report.evidence_view import EvidenceView, FactsView, GapView, evidence_view, facts_views, gap_view
from ctm_audit.report.rules_view import RuleView, rule_views, shortened
from ctm_audit.report.statements_view import StatementView, statement_views, statements_sentence

MAILBOXES_SHOWN = 500
MAILBOX_ORDER = ("blocked", "undetermined", "ready", "moved")
LATER = {
    str(Weight.DUE): "Due at a later step",
    str(Weight.WARNING): "Warnings",
    str(Weight.INFO): "For information",
    "waived": "Waived or attested",
}
COUNTS = ("ready", "blocked", "undetermined", "moved", "total")


@dataclass(frozen=True, slots=True)
class MailboxView:
    """One mailbox with its verdict and the rules that stand in its way."""

    id: str
    target: str
    wave: str | None
    stage: str | None
    verdict: str
    blocking: tuple[str, ...]
    undetermined: tuple[str, ...]
    accepted: tuple[str, ...]


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
    blocking: tuple[Group, ...]
    later: tuple[Group, ...]
    gate_names: Mapping[str, str]
    rules: tuple[RuleView, ...]
    mailboxes: tuple[MailboxView, ...]
    mailboxes_left_out: int
    has_waves: bool
    gaps: tuple[GapView, ...]
    evidence: tuple[EvidenceView, ...]
    reference: tuple[FactsView, ...]
    statements: tuple[StatementView, ...]
    statements_sentence: str
    statement_files: tuple[str, ...]


def report_view(run: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], mailboxes: Sequence[Mapping[str, Any]]) -> ReportView:
    """The whole page as values.

    A caller may hand over fewer findings and mailboxes than the run has (`OBJECTS_SHOWN`, `MAILBOXES_SHOWN` are enough): what is
    left out is counted from the run record. Raises KeyError when the record lacks something.
    """
    rules = rule_views(run["rules"], findings)
    gates = tuple(verdict_view.gate_view(gate) for gate in run["gates"])
    shown = sorted(mailboxes, key=lambda mailbox: MAILBOX_ORDER.index(mailbox["verdict"]))[:MAILBOXES_SHOWN]
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
        first=tuple(verdict_view.first_view(act, {rule.id: rule.fix for rule in rules}) for act in run["first"]),
        first_sentence=verdict_view.first_sentence(run["first"]),
        owners=tuple(verdict_view.owner_view(told) for told in run["owners"]),
        blocking=_blocking(gates, rules),
        later=_later(rules),
        gate_names={gate.id: gate.name for gate in gates},
        rules=rules,
        mailboxes=tuple(_mailbox(mailbox) for mailbox in shown),
        mailboxes_left_out=run["mailboxes"]["total"] - len(shown),
        has_waves=any(mailbox["wave"] for mailbox in mailboxes),
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


def _place(rule: RuleView) -> str:
    """The one place where the page tells of a rule: its weight, `waived`, or `quiet` when it names nothing."""
    if rule.state in {"quiet", "waived"}:
        return rule.state
    if rule.weight == Weight.BLOCKER and rule.state == Verdict.DUE:
        return Weight.DUE
    return rule.weight


def _mailbox(mailbox: Mapping[str, Any]) -> MailboxView:
    return MailboxView(
        id=shortened(mailbox["id"]),
        target=shortened(mailbox["target"]),
        wave=mailbox["wave"],
        stage=mailbox["stage"],
        verdict=mailbox["verdict"],
        blocking=tuple(mailbox["blocking"]),
        undetermined=tuple(mailbox["undetermined"]),
        accepted=(*mailbox["waived"], *mailbox["attested"]),
    )
