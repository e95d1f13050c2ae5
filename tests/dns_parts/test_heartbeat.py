"""The heartbeat: what is to be sent, what came, and a ledger in which nothing can be changed unseen."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ctm_audit.cli.main import main
from ctm_audit.dns.heartbeat import Plan, spans
from ctm_audit.dns.heartbeat_ledger import read_ledger
from tests.dns_parts.mails import SOURCE, TARGET, mail

BEGIN, END = "2027-01-16T18:00:00Z", "2027-01-16T21:15:00Z"
LATER = "2027-01-17T12:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in" / "old").mkdir(parents=True)
    return tmp_path / "in"


@pytest.fixture
def ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "window.jsonl"
    arguments = ["--to", "probe@contoso.com", "--from", "a@example.org", "--from", "b@example.net", "--begin", BEGIN, "--end", END]
    assert main(["dns", "heartbeat", "plan", str(path), *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 41
    assert lines[2].startswith("2,2027-01-16T18:05:00Z,b@example.net,probe@contoso.com,[ctm-audit heartbeat ")
    return path


def deliver(folder: Path, plan: Plan, *numbers: int, tenant: str = TARGET, name: str = "") -> None:
    for number in numbers:
        data = mail(plan.subject(number), sent=plan.due(number), delay=timedelta(seconds=number), tenant=tenant, body=name)
        (folder / f"{number}{name}.eml").write_bytes(data)


def told(ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str], as_of: str = LATER) -> tuple[int, dict[str, object]]:
    code = main(["dns", "heartbeat", "check", str(ledger), str(folder), "--as-of", as_of, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_whole_series_passes_and_tells_delays_and_tenants(ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = read_ledger(ledger).plan
    deliver(folder, plan, *range(1, 11), tenant=SOURCE)
    deliver(folder / "old", plan, *range(11, 41))
    code, found = told(ledger, folder, capsys)
    assert (code, found["whole"], found["arrived"]) == (0, True, 40)
    assert found["delays"] == {"p50": 21.0, "p95": 39.0, "max": 40.0}
    assert found["tenants"] == {SOURCE: 10, TARGET: 30}


def test_missing_numbers_are_named(ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = read_ledger(ledger).plan
    deliver(folder, plan, *range(1, 12), *range(29, 41))
    code, found = told(ledger, folder, capsys)
    assert (code, found["missing"]) == (1, list(range(12, 29)))
    assert main(["dns", "heartbeat", "check", str(ledger), str(folder), "--as-of", LATER]) == 1
    assert "17: 12-28" in capsys.readouterr().out


def test_while_messages_may_still_come_nothing_is_whole(ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(folder, read_ledger(ledger).plan, 1, 2, 3)
    code, found = told(ledger, folder, capsys, "2027-01-16T18:20:00Z")
    assert (code, found["whole"], found["awaited"], found["later"]) == (3, None, [4, 5], 35)


def test_copies_that_differ_are_a_fault_and_a_copied_file_is_not(ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = read_ledger(ledger).plan
    deliver(folder, plan, *range(1, 41))
    (folder / "copy.eml").write_bytes((folder / "7.eml").read_bytes())
    assert told(ledger, folder, capsys)[0] == 0
    deliver(folder, plan, 8, name="again")
    code, found = told(ledger, folder, capsys)
    assert (code, found["twice"]) == (1, [8])


def test_what_was_noted_stays_when_the_file_is_gone(ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(folder, read_ledger(ledger).plan, *range(1, 41))
    first = told(ledger, folder, capsys)
    for path in folder.glob("*.eml"):
        path.unlink()
    assert told(ledger, folder, capsys) == first


def test_strangers_do_not_count_and_broken_files_are_named(ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = read_ledger(ledger).plan
    deliver(folder, plan, *range(1, 40), 41)
    (folder / "other.eml").write_bytes(mail("[ctm-audit heartbeat 00000000 #0040] contoso.com"))
    (folder / "broken.eml").write_bytes(b"\x00")
    code, found = told(ledger, folder, capsys)
    assert (code, found["missing"], found["strange"]) == (1, [40], [41])
    assert str(found["unreadable"]).count("broken.eml") == 2


@pytest.mark.parametrize("damage", ["changed", "cut", "removed", "swapped", "garbage"])
def test_a_changed_ledger_is_refused_and_left_alone(damage: str, ledger: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(folder, read_ledger(ledger).plan, 1, 2, 3)
    told(ledger, folder, capsys)
    lines = ledger.read_bytes().splitlines(keepends=True)
    damaged = {
        "changed": [lines[0], lines[1].replace(b'"number": 1', b'"number": 9'), *lines[2:]],
        "cut": [*lines[:-1], lines[-1][:-20]],
        "removed": [lines[0], *lines[2:]],
        "swapped": [lines[0], lines[2], lines[1], lines[3]],
        "garbage": [*lines, b"[" * 90_000 + b"\n"],
    }[damage]
    ledger.write_bytes(b"".join(damaged))
    assert main(["dns", "heartbeat", "check", str(ledger), str(folder)]) == 5
    assert "was changed or cut off" in capsys.readouterr().err
    assert ledger.read_bytes() == b"".join(damaged)


def test_a_ledger_is_never_begun_anew(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = ledger.read_bytes()
    again = ["--to", "p@contoso.com", "--from", "a@example.org", "--begin", BEGIN, "--end", END]
    assert main(["dns", "heartbeat", "plan", str(ledger), *again]) == 2
    assert "is there already" in capsys.readouterr().err
    assert ledger.read_bytes() == before


def test_every_fault_of_a_plan_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ["--to", "probe", "--from", "a b@example.org", "--begin", END, "--end", BEGIN]
    assert main(["dns", "heartbeat", "plan", str(tmp_path / "l"), *wrong]) == 2
    assert capsys.readouterr().err.count("\n  ") == 3
    assert not (tmp_path / "l").exists()
    assert main(["dns", "heartbeat", "check", str(tmp_path / "none"), str(tmp_path)]) == 2


def test_numbers_for_people() -> None:
    assert spans([3, 7, 8, 9, 24]) == "3, 7-9, 24"
    assert spans([]) == ""


def test_the_schedule() -> None:
    plan = Plan("00ff00ff", "contoso.com", "p@contoso.com", ("a", "b"), datetime(2027, 1, 16), timedelta(minutes=5), 3)
    assert [plan.sender(number) for number in (1, 2, 3)] == ["a", "b", "a"]
    assert plan.due(3) == datetime(2027, 1, 16, 0, 10)
