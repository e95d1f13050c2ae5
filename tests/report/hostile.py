"""Run records in which every text tries to be something else: markup, script, template, another direction."""

from __future__ import annotations

from typing import Any

from tests.report import sample
from tests.report.sample import Record

PAYLOAD = (
    "<script>alert(1)</script></style></title></textarea><img src=x onerror=alert(2)>--><svg onload=alert(3)>"
    "{{ 7 * 7 }}{% raw %}\"' onmouseover=alert(4) x='`${alert(5)}`\u202e\u2066\x00\x1b[2J\ud800\u2028&lt;b&gt;"
)
LONG = "W" * 10_000
CLOSED = {
    *("format_version", "state", "verdict", "weight", "fix_kind", "kind", "side", "ready", "stage"),
    *("collected_at", "now", "as_of", "started_at", "finished_at"),
}
JOINED = {"rule", "rules", "id", "gate"}  # what Parquet holds too, which knows no half characters
NAMES = {"id", "name", "target", "expected", "found", "initial_domain", "source_initial_domain", "wave"}


def everywhere(value: Any, key: str = "") -> Any:
    """The value with the payload at the end of every text that is not one of a closed set; equal texts stay equal."""
    if isinstance(value, dict):
        return {name: everywhere(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [everywhere(part, key) for part in value]
    if not isinstance(value, str) or key in CLOSED:
        return value
    return value + (PAYLOAD.replace("\ud800", "") if key in JOINED else PAYLOAD)


def long_names(value: Any, key: str = "") -> Any:
    """The value with ten kilobytes at the end of every name of an object."""
    if isinstance(value, dict):
        return {name: long_names(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [long_names(part, key) for part in value]
    return value + LONG if isinstance(value, str) and key in NAMES else value


def poisoned_run() -> tuple[Record, list[Record], list[Record]]:
    run, findings, mailboxes = everywhere(sample.run()), everywhere(sample.findings()), everywhere(sample.mailboxes())
    for rule in run["rules"]:
        rule["sources"].append("javascript:alert(6)")
    return run, findings, mailboxes


def long_run() -> tuple[Record, list[Record], list[Record]]:
    return sample.run(), long_names(sample.findings()), long_names(sample.mailboxes())


def many_poisoned(number: int) -> tuple[Record, list[Record], list[Record]]:
    """Poisoned rows that a script unpacks."""
    run, findings, mailboxes = sample.with_many(number)
    return everywhere(run), everywhere(findings), everywhere(mailboxes)
