"""One object that a rule names, as the page shows it; and many of them as chunks that a browser unpacks when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ctm_audit.model import Verdict
from ctm_audit.report.chunks import Chunk, Coded, coded, coded_array, packed
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
        id=_id(key, name, rule),
        name=_name(key, name, rule),
        mailbox=_mailbox(key, finding["object_kind"]),
        wave=finding["wave"],
        expected=expected,
        found=found,
        owner=_other_owner(finding["owner"], rule),
        fix=_other(finding["fix"], rule["fix"]),
        command=finding["command"],
        reason=_other(finding["reason"], rule["reason"]),
        until=finding["until"],
        count=finding["count"],
    )


def _verdict_word(verdict: str, original: str | None) -> str:
    """The verdict as the page says it; of one that somebody waived, with what it was."""
    return f"{VERDICTS[verdict]}, was: {VERDICTS[original]}" if original and verdict == Verdict.WAIVED else VERDICTS[verdict]


def _id(key: str, name: str, rule: Mapping[str, Any]) -> str | None:
    return None if key in name or key == rule["id"] else shortened(key)


def _name(key: str, name: str, rule: Mapping[str, Any]) -> str:
    return NOT_JUDGED if key == rule["id"] else shortened(name)


def _mailbox(key: str, kind: str) -> str | None:
    return shortened(key) if kind == "mailbox" else None


def _other_owner(name: str, rule: Mapping[str, Any]) -> str | None:
    return None if name == rule["owner"] else owner(name)


def _other(text: str | None, usual: str | None) -> str | None:
    return None if text == usual else text


def finding_chunks(found: pa.Table, rule: Mapping[str, Any]) -> Iterator[Chunk]:
    """The same of many rows, as chunks with a column for each field of `FindingView`."""
    for block in found.combine_chunks().to_batches(CHUNK_ROWS):
        yield packed(_columns(block, rule))


def _columns(block: pa.RecordBatch, rule: Mapping[str, Any]) -> dict[str, Coded]:
    read = ("verdict", "original", "object_id", "object_name", "object_kind", "expected", "found")
    rows = {name: block[name].to_pylist() for name in read}
    keys, names = rows["object_id"], rows["object_name"]
    values = [*zip(rows["expected"], rows["found"], strict=True)]
    both = {pair: marked(*pair) for pair in dict.fromkeys(values)}
    return {
        "verdict": coded(rows["verdict"]),
        "verdict_word": coded(zip(rows["verdict"], rows["original"], strict=True), lambda pair: _verdict_word(*pair)),
        "id": coded(zip(keys, names, strict=True), lambda pair: _plain(_id(pair[0], pair[1], rule))),
        "name": coded(zip(keys, names, strict=True), lambda pair: _plain(_name(pair[0], pair[1], rule))),
        "mailbox": coded(zip(keys, rows["object_kind"], strict=True), lambda pair: _plain(_mailbox(*pair))),
        "wave": coded_array(block["wave"], _plain),
        "expected": coded(values, lambda pair: _plain(both[pair][0])),
        "found": coded(values, lambda pair: _plain(both[pair][1])),
        "owner": coded_array(block["owner"], lambda value: _other_owner(value, rule)),
        "fix": coded_array(block["fix"], lambda value: _plain(_other(value, rule["fix"]))),
        "command": coded_array(block["command"], _plain),
        "reason": coded_array(block["reason"], lambda value: _plain(_other(value, rule["reason"]))),
        "until": coded_array(block["until"], _plain),
        "count": coded_array(block["count"]),
    }


def _plain(value: object) -> object:
    """A value as JSON says it: texts with hidden characters shown, a marked one as its three parts and its length when it was cut."""
    if isinstance(value, Marked):
        parts = (value.before, value.differs, value.after)
        return (*parts, value.length if value.shortened else 0) if value.differs or value.shortened else value.before
    return visible(value) if isinstance(value, str) else value


def series(findings: Sequence[FindingView]) -> str:
    """The commands in one block, each once."""
    return "\n".join(dict.fromkeys(finding.command for finding in findings if finding.command))
