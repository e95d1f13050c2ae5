"""What the page says about each rule: its counts, its texts, and the objects it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from ctm_audit.model import FixKind, Step, Verdict, Weight
from ctm_audit.report.chunks import Chunk
from ctm_audit.report.findings_listed import Tally, tallies
from ctm_audit.report.findings_shown import Shown, shown_findings
from ctm_audit.report.findings_view import FindingView, series
from ctm_audit.report.words import WEIGHTS, counted, owner

OPEN_UP_TO = 5
COUNTS = ("evaluated", "passed", "failed", "due", "undetermined", "not_applicable", "waived", "attested")
NAMED = ("failed", "due", "undetermined", "waived", "attested")
NOUNS: Mapping[str, tuple[str, str]] = {
    "mailbox": ("mailbox", "mailboxes"),
    "tenant": ("tenant", "tenants"),
    "domain": ("domain", "domains"),
    "wave": ("wave", "waves"),
    "scope group": ("scope group", "scope groups"),
    "evidence": ("export", "exports"),
    "mapping": ("mapping", "mappings"),
    "rule of mail flow": ("transport rule", "transport rules"),
    "batch": ("migration batch", "migration batches"),
    "delegation": ("delegation", "delegations"),
    "name server": ("name server", "name servers"),
    "resolver": ("resolver", "resolvers"),
    "mail host": ("mail host", "mail hosts"),
    "": ("object", "objects"),
}
FIX_KINDS: Mapping[str, str] = {
    FixKind.SCRIPT: "can be scripted",
    FixKind.MANUAL: "by hand",
    FixKind.LEGAL: "a legal decision, one mailbox at a time",
    FixKind.IRREVERSIBLE: "cannot be undone, one object at a time",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from; only an https address becomes a link."""

    text: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule with its counts and the objects it names.

    `findings` are the first of them; `chunks` hold all that the page lists when those are not all. `listed` of `total` objects
    are on the page. `state` is the loudest thing it says: `fail`, `undetermined`, `due`, `waived` or `quiet`; `tone` is the
    same, but `warn` for a failure that only warns. `due_by` is the next step at which it blocks. `how_to` says of which
    well-known guide it is the signature. `script` holds the commands of `findings` when they may be run one after the other.
    """

    id: str
    slug: str
    title: str
    gate: str
    weight: str
    weight_word: str
    state: str
    tone: str
    told: tuple[str, ...]
    counts: Mapping[str, int]
    reason: str | None
    why: str
    how_to: str | None
    predicts: tuple[str, ...]
    sources: tuple[Source, ...]
    owner: str
    fix: str
    fix_kind_word: str
    due_by: str
    findings: tuple[FindingView, ...]
    chunks: tuple[Chunk, ...]
    listed: int
    total: int
    objects: str
    is_open: bool
    is_series: bool
    script: str


def rule_views(run: Mapping[str, Any], connection: duckdb.DuckDBPyConnection) -> tuple[RuleView, ...]:
    """A view of each rule in the order of the run, each with its findings, the failing ones first.

    `connection` has the run's `findings`, of which no more than a chunk is held at a time. KeyError when they name a rule that
    the run does not know.
    """
    rules = {rule["id"]: rule for rule in run["rules"]}
    told = tallies(connection, [*rules])
    shown = dict(shown_findings(connection, rules, told))
    is_open = sum(bool(tally.findings) for tally in told.values()) <= OPEN_UP_TO
    return tuple(_rule_view(rule, run["step"], told[name], shown.get(name, Shown()), is_open) for name, rule in rules.items())


def _rule_view(rule: Mapping[str, Any], step: str, tally: Tally, shown: Shown, is_open: bool) -> RuleView:
    state = _state(rule, tally.verdicts)
    total = max(sum(rule[name] for name in NAMED), tally.objects)
    return RuleView(
        id=rule["id"],
        slug=rule["slug"],
        title=rule["title"],
        gate=rule["gate"],
        weight=rule["weight"],
        weight_word=WEIGHTS[rule["weight"]],
        state=state,
        tone="warn" if state == "fail" and rule["weight"] != Weight.BLOCKER else state,
        told=_told(rule),
        counts={name: rule[name] for name in COUNTS},
        reason=rule["reason"],
        why=rule["why"],
        how_to=rule["how_to"],
        predicts=tuple(rule["predicts"]),
        sources=tuple(Source(text, text.startswith("https://")) for text in rule["sources"]),
        owner=owner(rule["owner"]),
        fix=rule["fix"],
        fix_kind_word=FIX_KINDS[rule["fix_kind"]],
        due_by=_due_by(rule["blocks"], step),
        findings=shown.first,
        chunks=shown.chunks,
        listed=shown.objects,
        total=total,
        objects=_objects(total, tally.kinds),
        is_open=is_open,
        is_series=rule["fix_kind"] == FixKind.SCRIPT,
        script=series(shown.first) if rule["fix_kind"] == FixKind.SCRIPT else "",
    )


def _state(rule: Mapping[str, Any], verdicts: frozenset[str]) -> str:
    """The loudest verdict, from the counts and from the findings: a rule that could not be judged may have counted nothing."""
    if rule["failed"] or Verdict.FAIL in verdicts:
        return "fail"
    if rule["undetermined"] or Verdict.UNDETERMINED in verdicts:
        return "undetermined"
    if rule["due"] or Verdict.DUE in verdicts:
        return "due"
    return "waived" if rule["waived"] or rule["attested"] or verdicts else "quiet"


def _told(rule: Mapping[str, Any]) -> tuple[str, ...]:
    told = {
        "failed": {Weight.WARNING: "warned", Weight.INFO: "noted"}.get(rule["weight"], "failed"),
        "due": "due",
        "undetermined": "undetermined",
        "waived": "waived",
        "attested": "attested",
        "passed": "passed",
    }
    return tuple(f"{rule[name]:,} {word}" for name, word in told.items() if rule[name])


def step_place(step: str) -> int:
    """Where a step stands in the project; one that nobody knows comes last."""
    order = [str(known) for known in Step]
    return order.index(step) if step in order else len(order)


def _due_by(blocks: list[str], step: str) -> str:
    """The next step after this one at which the rule blocks; '' when there is none."""
    return min((name for name in blocks if step_place(name) > step_place(step)), key=step_place, default="")


def _objects(total: int, kinds: frozenset[str]) -> str:
    """The number of objects with their noun, when all are of one kind."""
    one, many = NOUNS.get(next(iter(kinds)), NOUNS[""]) if len(kinds) == 1 else NOUNS[""]
    return counted(total, one, many)
