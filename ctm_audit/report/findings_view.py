"""One object that a rule names, as the page shows it; and many of them as chunks that a browser unpacks when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ctm_audit.model import Verdict
from ctm_audit.report.chunks import Chunk, packed
from ctm_audit.report.difference import Marked, marked
from ctm_audit.report.words import owner, shortened, visible

CHUNK_ROWS = 5_000
NOT_JUDGED = "Not judged"  # the name of what a finding about missing evidence stands for
VERDICTS: Mapping[str, str] = {
    Verdict.FAIL: "fails",
    Verdict.DUE: "due",
    Verdict.UNDETERMINED: "undetermined",
    Verdict.WAIVED: "waived",
    Verdict.ATTESTED: "attested",
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """One object that a rule names.

    `owner`, `fix` and `reason` are told only where they differ from the rule's own; `id` only where the name does not say it.
    `mailbox` is the key under which the page lists the mailbox, when the object is one.
    """

    verdict: str
    verdict_word: str
    id: str | None
    name: str
    mailbox: str | None
    wave: str | None
    expected: Marked | None
    found: Marked | None
    owner: str | None
    fix: str | None
    command: str | None
    reason: str | None
    until: str | None
    count: int


def finding_view(finding: Mapping[str, Any], rule: Mapping[str, Any]) -> FindingView:
    """One row of findings.parquet beside its entry in `rules`."""
    expected, found = marked(finding["expected"], finding["found"])
    key, name = finding["object_id"], finding["object_name"]
    return FindingView(
        verdict=finding["verdict"],
        verdict_word=_verdict_word(finding["verdict"], finding["original"]),
        id=None if key in name or key == rule["id"] else shortened(key),
        name=NOT_JUDGED if key == rule["id"] else shortened(name),
        mailbox=shortened(key) if finding["object_kind"] == "mailbox" else None,
        wave=finding["wave"],
        expected=expected,
        found=found,
        owner=None if finding["owner"] == rule["owner"] else owner(finding["owner"]),
        fix=None if finding["fix"] == rule["fix"] else finding["fix"],
        command=finding["command"],
        reason=None if finding["reason"] == rule["reason"] else finding["reason"],
        until=finding["until"],
        count=finding["count"],
    )


def _verdict_word(verdict: str, original: str | None) -> str:
    """The verdict as the page says it; of one that somebody waived, with what it was."""
    return f"{VERDICTS[verdict]}, was: {VERDICTS[original]}" if original and verdict == Verdict.WAIVED else VERDICTS[verdict]


def finding_chunks(views: Iterator[FindingView]) -> Iterator[Chunk]:
    """The views as chunks; only the rows of one are ever held."""
    while block := [*islice(views, CHUNK_ROWS)]:
        yield packed({name: [_plain(getattr(view, name)) for view in block] for name in FindingView.__slots__})


def _plain(value: object) -> object:
    """A value as JSON says it: texts with hidden characters shown, a marked one as its three parts and its length when it was cut."""
    if isinstance(value, Marked):
        parts = (value.before, value.differs, value.after)
        return (*parts, value.length if value.shortened else 0) if value.differs or value.shortened else value.before
    return visible(value) if isinstance(value, str) else value


def series(findings: Sequence[FindingView]) -> str:
    """The commands in one block, each once."""
    return "\n".join(dict.fromkeys(finding.command for finding in findings if finding.command))
