"""What the page says about each rule: its counts, its texts, and the objects it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctm_audit.model import FixKind, Verdict, Weight
from ctm_audit.report.difference import SHOWN, Marked, marked
from ctm_audit.report.words import WEIGHTS, counted, owner, visible

OBJECTS_SHOWN = 200
OPEN_UP_TO = 10
VERDICTS: Mapping[str, str] = {
    Verdict.FAIL: "fails",
    Verdict.DUE: "due",
    Verdict.UNDETERMINED: "undetermined",
    Verdict.WAIVED: "waived",
    Verdict.ATTESTED: "attested",
}
ORDER = tuple(VERDICTS)
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
    "": ("object", "objects"),
}
NOT_JUDGED = "Not judged"  # the name of what a finding about missing evidence stands for
FIX_KINDS: Mapping[str, str] = {
    FixKind.SCRIPT: "can be scripted",
    FixKind.MANUAL: "by hand",
    FixKind.LEGAL: "a legal decision, one mailbox at a time",
    FixKind.IRREVERSIBLE: "cannot be undone, one object at a time",
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """One object that a rule names.

    `owner` and `fix` are told only where they differ from the rule's own; `id` only where the name does not say it.
    """

    verdict: str
    verdict_word: str
    kind: str
    id: str | None
    name: str
    wave: str | None
    expected: Marked | None
    found: Marked | None
    owner: str | None
    fix: str | None
    command: str | None
    reason: str | None
    until: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from; only an https address becomes a link."""

    text: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule with its counts, and at most 200 of the objects it names; `left_out` counts the others.

    `state` is the loudest thing it says: `fail`, `undetermined`, `due`, `waived` or `quiet`; `tone` is
    the same, but `warn` for a failure that only warns.
    `script` holds the commands of the shown objects when they may be run one after the other, else it is empty.
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
    predicts: tuple[str, ...]
    sources: tuple[Source, ...]
    owner: str
    fix: str
    fix_kind: str
    fix_kind_word: str
    findings: tuple[FindingView, ...]
    left_out: int
    objects: str
    is_open: bool
    script: str


def rule_views(rules: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> tuple[RuleView, ...]:
    """A view of each rule in the order of the run, each with its findings, the failing ones first."""
    by_rule: dict[str, list[Mapping[str, Any]]] = {rule["id"]: [] for rule in rules}
    for finding in findings:
        by_rule[finding["rule"]].append(finding)
    return tuple(_rule_view(rule, by_rule[rule["id"]]) for rule in rules)


def _rule_view(rule: Mapping[str, Any], findings: list[Mapping[str, Any]]) -> RuleView:
    ordered = sorted(findings, key=lambda finding: ORDER.index(finding["verdict"]))
    shown = tuple(_finding_view(finding, rule) for finding in ordered[:OBJECTS_SHOWN])
    state = _state(rule, ordered)
    total = max(sum(rule[name] for name in NAMED), sum(finding["count"] for finding in findings))
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
        predicts=tuple(rule["predicts"]),
        sources=tuple(Source(text, text.startswith("https://")) for text in rule["sources"]),
        owner=owner(rule["owner"]),
        fix=rule["fix"],
        fix_kind=rule["fix_kind"],
        fix_kind_word=FIX_KINDS[rule["fix_kind"]],
        findings=shown,
        left_out=total - sum(finding.count for finding in shown),
        objects=_objects(total, ordered),
        is_open=total <= OPEN_UP_TO,
        script=_script(rule, shown),
    )


def _state(rule: Mapping[str, Any], findings: list[Mapping[str, Any]]) -> str:
    """The loudest verdict, from the counts and from the findings: a rule that could not be judged may have counted nothing."""
    verdicts = {finding["verdict"] for finding in findings}
    if rule["failed"] or Verdict.FAIL in verdicts:
        return "fail"
    if rule["undetermined"] or Verdict.UNDETERMINED in verdicts:
        return "undetermined"
    if rule["due"] or Verdict.DUE in verdicts:
        return "due"
    return "waived" if rule["waived"] or rule["attested"] or verdicts else "quiet"


def _told(rule: Mapping[str, Any]) -> tuple[str, ...]:
    told = {
        "failed": "warned" if rule["weight"] == Weight.WARNING else "failed",
        "due": "due",
        "undetermined": "undetermined",
        "waived": "waived",
        "attested": "attested",
        "passed": "passed",
    }
    return tuple(f"{rule[name]:,} {word}" for name, word in told.items() if rule[name])


def _objects(total: int, findings: list[Mapping[str, Any]]) -> str:
    kinds = {finding["object"]["kind"] for finding in findings}
    one, many = NOUNS.get(kinds.pop(), NOUNS[""]) if len(kinds) == 1 else NOUNS[""]
    return counted(total, one, many)


def _script(rule: Mapping[str, Any], findings: Sequence[FindingView]) -> str:
    """The commands in one block, for fixes that may be scripted; a legal or irreversible act is never part of a series."""
    if rule["fix_kind"] != FixKind.SCRIPT:
        return ""
    commands = dict.fromkeys(finding.command for finding in findings if finding.command)
    return "\n".join(commands)


def _finding_view(finding: Mapping[str, Any], rule: Mapping[str, Any]) -> FindingView:
    expected, found = marked(finding["expected"], finding["found"])
    key, name = finding["object"]["id"], finding["object"]["name"]
    return FindingView(
        verdict=finding["verdict"],
        verdict_word=_verdict_word(finding["verdict"], finding["original"]),
        kind=finding["object"]["kind"],
        id=None if key in name or key == rule["id"] else shortened(key),
        name=NOT_JUDGED if key == rule["id"] else shortened(name),
        wave=finding["wave"],
        expected=expected,
        found=found,
        owner=None if finding["owner"] == rule["owner"] else owner(finding["owner"]),
        fix=None if finding["fix"] == rule["fix"] else finding["fix"],
        command=finding["command"],
        reason=finding["reason"],
        until=finding["until"],
        count=finding["count"],
    )


def _verdict_word(verdict: str, original: str | None) -> str:
    """The verdict as the page says it; of one that somebody waived, with what it was."""
    return f"{VERDICTS[verdict]}, was: {VERDICTS[original]}" if original and verdict == Verdict.WAIVED else VERDICTS[verdict]


def shortened(name: str) -> str:
    """A name with hidden characters shown, cut when it is longer than a line or two."""
    shown = visible(name)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
