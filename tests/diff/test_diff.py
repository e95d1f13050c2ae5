"""Two runs compared: every kind of change, and nothing fixed that was only not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from ctm_audit.cli.main import main
from ctm_audit.engine.compare import CHANGES, compared
from ctm_audit.engine.runs import RunRecord
from ctm_audit.errors import Refused
from ctm_audit.report.diff_lines import WORDS, diff_lines

Finding = tuple[str, str, str]
MASKS: Mapping[str, Sequence[str]] = {"IDN-03": (), "STP-01": ("IDN-03",), "STP-05": ("IDN-03", "TRU-14"), "TRU-14": (), "LIC-02": ()}
COLUMNS = ("rule", "verdict", "object_kind", "object_id", "object_name", "wave", "owner", "found", "count")
SCHEMA = pa.schema([(name, pa.int64() if name == "count" else pa.string()) for name in COLUMNS])


def rule(name: str, digest: str = "same") -> dict[str, Any]:
    return {"id": name, "title": f"title of {name}", "masked_by": list(MASKS.get(name, ())), "digest": digest}


def write(folder: Path, findings: Sequence[Finding], moved: Sequence[str] = (), rules: Sequence[Any] = (), **changes: Any) -> Path:
    folder.mkdir()
    document = {
        "format_version": "1",
        "run_id": folder.name,
        "tool_version": "1",
        "clock": {"finished_at": "2026-11-20T18:00:00Z"},
        "project": {"source_tenant_id": "s", "target_tenant_id": "t"},
        "step": "submit",
        "wave": None,
        "now": "2026-11-20T18:00:00Z",
        "ready": False,
        "mailboxes": {"ready": 1, "total": 3},
        "reference": {},
        "rules": list(rules) or [rule(name) for name in MASKS],
        **changes,
    }
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    pa.parquet.write_table(pa.table(_columns(findings), SCHEMA), folder / "findings.parquet")
    people = ["ada", "bob", "eve"]
    verdicts = ["moved" if name in moved else "blocked" for name in people]
    pa.parquet.write_table(pa.table({"id": people, "verdict": verdicts, "blocking": [["x"]] * 3}), folder / "mailboxes.parquet")
    return folder


def _columns(findings: Sequence[Finding]) -> dict[str, list[Any]]:
    rows = [
        (name, verdict, _kind(name, key), key, key, None, "target-admin", "", 7 if name == key else 1) for name, verdict, key in findings
    ]
    return {column: [row[place] for row in rows] for place, column in enumerate(COLUMNS)}


def _kind(name: str, key: str) -> str:
    return "evidence" if name == key else "tenant" if key == "target" else "mailbox"


def changes(tmp_path: Path, old: Sequence[Finding], new: Sequence[Finding], **told: Any) -> dict[tuple[str, str], str]:
    first, second = write(tmp_path / "first", old), write(tmp_path / "second", new, **told)
    with compared(record(first), record(second)) as comparison:
        assert diff_lines(comparison.document)
        return {(one["rule"], one["object"]["id"]): one["change"] for one in comparison.each()}


def record(folder: Path) -> RunRecord:
    return RunRecord(folder, json.loads((folder / "run.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, "fail", "new"),
        ("undetermined", "fail", "new"),
        ("waived", "fail", "new"),
        ("fail", "due", "open"),
        ("fail", None, "fixed"),
        ("due", None, "fixed"),
        (None, "undetermined", "undetermined"),
        ("fail", "undetermined", "undetermined"),
        ("undetermined", "undetermined", "still_undetermined"),
        ("undetermined", None, "settled"),
        ("fail", "waived", "accepted"),
        ("undetermined", "attested", "accepted"),
        ("waived", None, None),
    ],
)
def test_a_change_of_one_object(tmp_path: Path, before: str | None, after: str | None, change: str | None) -> None:
    old, new = ([("STP-01", verdict, "ada")] if verdict else [] for verdict in (before, after))
    assert changes(tmp_path, old, new) == ({("STP-01", "ada"): change} if change else {})


def test_what_another_failure_masks_is_not_fixed(tmp_path: Path) -> None:
    old = [("STP-01", "fail", "ada"), ("STP-05", "fail", "bob"), ("STP-01", "fail", "bob")]
    found = changes(tmp_path, old, [("IDN-03", "fail", "ada"), ("TRU-14", "due", "target")])
    assert found[("STP-01", "ada")] == "masked"
    assert found[("STP-05", "bob")] == "masked"
    assert found[("STP-01", "bob")] == "fixed"


def test_what_was_not_seen_is_not_fixed(tmp_path: Path) -> None:
    old = [("STP-01", "fail", "ada"), ("STP-01", "undetermined", "bob")]
    found = changes(tmp_path, old, [("STP-01", "undetermined", "STP-01")])
    assert found == {("STP-01", "ada"): "undetermined", ("STP-01", "bob"): "still_undetermined", ("STP-01", "STP-01"): "undetermined"}


def test_who_moved_or_left_the_mapping_is_not_fixed(tmp_path: Path) -> None:
    old = [("STP-01", "fail", "ada"), ("STP-01", "fail", "gone@contoso.com"), ("STP-01", "fail", "bob")]
    found = changes(tmp_path, old, [], moved=["ada"])
    assert found == {("STP-01", "ada"): "gone", ("STP-01", "gone@contoso.com"): "gone", ("STP-01", "bob"): "fixed"}


@pytest.mark.parametrize(
    ("different", "words"),
    [
        ({"step": "complete"}, "step: submit and complete"),
        ({"wave": "1"}, "wave: all and 1"),
        ({"project": {"source_tenant_id": "s", "target_tenant_id": "other"}}, "target tenant: t and other"),
        ({"rules": [{"id": "STP-01"}]}, "earlier version"),
    ],
)
def test_runs_that_ask_otherwise_are_refused(tmp_path: Path, different: dict[str, Any], words: str) -> None:
    first, second = write(tmp_path / "first", []), write(tmp_path / "second", [], **different)
    with pytest.raises(Refused) as refused, compared(record(first), record(second), across_rule_books=True):
        pass
    assert words in str(refused.value)


def test_other_rule_books_are_compared_only_on_request_and_then_in_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    findings = [(name, "fail", "ada") for name in ("STP-01", "STP-05", "LIC-02")]
    first = write(tmp_path / "first", findings, rules=[rule("STP-01"), rule("STP-05"), rule("LIC-02")])
    second = write(tmp_path / "second", [], rules=[rule("STP-01"), rule("STP-05", "other"), rule("IDN-03")])
    assert main(["diff", str(first), str(second)]) == 5
    assert "STP-05: another text" in capsys.readouterr().err
    assert main(["diff", str(first), str(second), "--across-rule-books", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["rule"], one["change"]) for one in told["changes"]] == [("STP-01", "fixed")]
    left_out = {one["rule"]: one["why"] for one in told["left_out"]}
    assert left_out == {"STP-05": "another text", "LIC-02": "only in the first run", "IDN-03": "only in the second run"}


def test_every_change_has_words_and_lines_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(WORDS) == set(CHANGES)
    first = write(tmp_path / "first", [("STP-01", "fail", "ada"), ("TRU-14", "fail", "target")], now="2026-11-21T18:00:00Z")
    second = write(tmp_path / "second", [("STP-05", "fail", "bob\x1b[2J"), ("STP-01", "undetermined", "STP-01")])
    assert main(["diff", str(first), str(second)]) == 0
    told = capsys.readouterr().out
    assert "the second run is the earlier one" in told
    assert "\x1b" not in told
    assert all(len(line) <= 80 for line in told.splitlines())
