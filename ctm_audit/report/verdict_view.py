"""The first screen: the verdict in words, the gates as doors, what to do first, and who must act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctm_audit.model import DOMAIN_STEPS, GateState
from ctm_audit.report.statements_view import statements_sentence
from ctm_audit.report.words import GATE_STATES, are, counted, day_and_time, headline, listed, mailboxes, owner, question
from ctm_audit.report.words import gate as gate_name

AT_FIRST = 7
"""So many acts are shown at once; the others are folded."""
STATES: Mapping[bool | None, str] = {True: "ready", False: "not-ready", None: "undetermined"}


@dataclass(frozen=True, slots=True)
class TenantView:
    """One side of the migration: the name people know, and the id that counts."""

    side: str
    name: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The verdict, and the clock by which it was reached; `asks_mailboxes` is false at a step of the domains that move."""

    state: str
    headline: str
    answer: str
    ready: str
    mailboxes: str
    asks_mailboxes: bool
    step: str
    step_why: str
    question: str
    wave: str | None
    clock: str
    clock_is_set: bool


@dataclass(frozen=True, slots=True)
class GateView:
    """One gate as a door: its name, the question it asks, and its counts in words."""

    id: str
    name: str
    asks: str
    state: str
    state_word: str
    counts: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class FirstView:
    """One act of the order in which the most mailboxes become ready; `ready_after` counts them once it is done.

    `fix` is what the rule says to do; it is empty for evidence, whose title says it. `brings` is true when more are ready than before.
    """

    rule: str | None
    title: str
    owner: str
    fix: str
    objects: str
    ready_after: int
    of: int
    brings: bool


@dataclass(frozen=True, slots=True)
class OwnerView:
    """One person or team, and how much waits for them."""

    name: str
    blockers: str
    rest: str
    objects: int
    rules: tuple[str, ...]


def tenant_view(run: Mapping[str, Any], side: str) -> TenantView:
    """The tenant of one side, which people know by its initial domain; observations of DNS belong to none."""
    project = run["project"]
    return TenantView(side, project.get(f"{side}_initial_domain", ""), project.get(f"{side}_tenant_id", ""))


def verdict_view(run: Mapping[str, Any]) -> VerdictView:
    """The verdict sentence and all that it depends on."""
    return VerdictView(
        state=STATES[run["ready"]],
        headline=headline(run["ready"], run["step"]),
        answer=answer(run),
        ready=_ready(run["mailboxes"]),
        mailboxes=mailbox_sentence(run),
        asks_mailboxes=run["step"] not in DOMAIN_STEPS,
        step=run["step"],
        step_why=run["step_why"],
        question=question(run["step"]),
        wave=run["wave"],
        clock=day_and_time(run["now"]),
        clock_is_set=run["as_of"] is not None,
    )


def answer(run: Mapping[str, Any]) -> str:
    """The gates in one sentence that answers the question of the step, and in another what people have waived or stated."""
    return " ".join(filter(None, (_answer(run), statements_sentence(run))))


def _answer(run: Mapping[str, Any]) -> str:
    states = [gate["state"] for gate in run["gates"] if gate["state"] != GateState.NOT_REQUIRED]
    if not states:
        return f"It cannot be told: no rule of this rule book blocks at {run['step']}."
    if run["ready"]:
        return f"Yes. Every gate that {run['step']} requires is open: {len(states)} of {len(states)}."
    told = [are(states.count(state), state) for state in (GateState.CLOSED, GateState.UNDETERMINED) if state in states]
    gates = f"Of {counted(len(states), 'required gate')}, {listed(told)}"
    if run["ready"] is None:
        return f"It cannot be told. {gates}, and undetermined refuses exactly like closed."
    return f"No. {gates}."


def mailbox_sentence(run: Mapping[str, Any]) -> str:
    """How many mailboxes are ready, and what keeps the others: `26 of 40 mailboxes are ready, 11 are blocked …`."""
    counts = run["mailboxes"]
    if run["step"] in DOMAIN_STEPS:
        have = "has" if counts["total"] == 1 else "have"
        return f"This step asks about domains. {counts['moved']:,} of {mailboxes(counts['total'])} {have} moved."
    told = [are(counts[name], name) for name in ("blocked", "undetermined") if counts[name]]
    if counts["moved"]:
        told.append(f"{counts['moved']:,} {'has' if counts['moved'] == 1 else 'have'} already moved")
    return listed([_ready(counts), *told]) + "."


def _ready(counts: Mapping[str, int]) -> str:
    return f"{counts['ready']:,} of {mailboxes(counts['total'])} {'is' if counts['total'] == 1 else 'are'} ready"


def gate_view(gate: Mapping[str, Any]) -> GateView:
    """One gate with its counts in words, the loudest first."""
    told = ("failed", "undetermined", "due", "warned", "waived", "attested")
    return GateView(
        id=gate["id"],
        name=gate_name(gate["id"]),
        asks=gate["title"],
        state=gate["state"],
        state_word=GATE_STATES[gate["state"]],
        counts=", ".join(f"{gate[name]:,} {name}" for name in told if gate[name]),
        reason=gate["reason"],
    )


def first_views(run: Mapping[str, Any]) -> tuple[FirstView, ...]:
    """The acts of "what first" in their order."""
    fixes = {rule["id"]: rule["fix"] for rule in run["rules"]}
    before = [0, *(act["ready_after"] for act in run["first"])]
    return tuple(_first_view(act, fixes, act["ready_after"] > earlier) for act, earlier in zip(run["first"], before, strict=False))


def _first_view(act: Mapping[str, Any], fixes: Mapping[str, str], brings: bool) -> FirstView:
    objects = counted(act["objects"], "object")
    return FirstView(
        rule=act["rule"],
        title=act["title"],
        owner=owner(act["owner"]),
        fix=fixes[act["rule"]] if act["rule"] else "",
        objects=objects if act["objects"] and act["kind"] != "tenant" else "the whole tenant",
        ready_after=act["ready_after"],
        of=act["of"],
        brings=brings,
    )


def first_sentence(acts: Sequence[Mapping[str, Any]]) -> str:
    """What the order brings: `After these 6, 38 of 40 mailboxes are ready.`; of a long order also what its first seven bring."""
    if not acts:
        return ""
    after, of = acts[-1]["ready_after"], acts[-1]["of"]
    if not after:
        return f"{counted(len(acts), 'thing')} to settle{', in this order' if len(acts) > 1 else ''}."
    if len(acts) > AT_FIRST:
        front = f"After the first {AT_FIRST}, {acts[AT_FIRST - 1]['ready_after']:,} of {mailboxes(of)} {'is' if of == 1 else 'are'} ready"
        return f"{front}; after all {len(acts):,}, {after:,}."
    these = "After this one" if len(acts) == 1 else f"After these {len(acts):,}"
    return f"{these}, {after:,} of {mailboxes(of)} {'is' if of == 1 else 'are'} ready."


def owner_view(told: Mapping[str, Any]) -> OwnerView:
    """What waits for one owner; blockers apart from everything else."""
    rest = {"due": "due later", "warnings": "warning" if told["warnings"] == 1 else "warnings"}
    return OwnerView(
        name=owner(told["owner"]),
        blockers=counted(told["blockers"], "blocker") if told["blockers"] else "",
        rest=", ".join(f"{told[name]:,} {word}" for name, word in rest.items() if told[name]),
        objects=told["objects"],
        rules=tuple(told["rules"]),
    )
