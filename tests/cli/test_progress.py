"""Progress is on stderr alone, and Ctrl-C at any moment ends with exit code 130 and nothing half-written."""

from __future__ import annotations

import _thread
import dataclasses
import io
import json
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.cli import progress
from ctm_audit.cli.main import main
from ctm_audit.cli.progress import shown_progress
from ctm_audit.progress import followed, tell
from ctm_audit.rulebook.load import RuleBook, load_book

STAGES = {
    "import": ("Looking for exports", "Reading the exports", "Writing the bundle"),
    "audit": ("Judging rules", "Writing the run", "Keeping relations", "Writing the findings"),
    "xlsx": ("Writing here.xlsx", "Writing the findings"),
    "html": ("Writing here.html", "Making the page"),
}
ENDLESS = "select count(*) from range(10000000000) a, range(100000) b, mailboxes m where a.range + b.range = 7"


class Terminal(io.StringIO):
    encoding = "cp1252"

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def few_rules() -> RuleBook:
    book = load_book(data_folder("rules"))
    return dataclasses.replace(
        book, checked=tuple(one for one in book.checked if one.rule.attest or one.rule.id in {"STP-01", "STP-14", "MBX-12W"})
    )


@pytest.fixture
def project(broken_project: Path, few_rules: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the broken example with one run, of which few rules are judged, as the working folder."""
    monkeypatch.setattr(api, "load_book", lambda *_: few_rules)
    folder = Path(shutil.copytree(broken_project, tmp_path / "project"))
    (folder / "here.xlsx").write_bytes(b"of yesterday")
    monkeypatch.chdir(folder)
    return folder


def call(command: str) -> int:
    words = {
        "import": ["import", "source", "source", "-o", "new"],
        "audit": ["audit", "--for", "submit", "--json"],
        "xlsx": ["report", "--format", "xlsx", "--out", "here.xlsx"],
        "html": ["report", "--out", "here.html"],
    }
    return main(words[command])


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def press_ctrl_c(stage: str, heard: set[str]) -> Callable[[object, str, int, int], None]:
    """A listener that sends SIGINT in the middle of a stage."""

    def hear(_: object, what: str, done: int, total: int) -> None:
        if what == stage and 2 * done >= total and stage not in heard:
            heard.add(stage)
            signal.raise_signal(signal.SIGINT)

    return hear


@pytest.mark.parametrize("command", STAGES)
def test_ctrl_c_leaves_nothing_half_written(
    command: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, heard = files(project), set[str]()
    (scratch := tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    for stage in STAGES[command]:
        monkeypatch.setattr(progress._Lines, "hear", press_ctrl_c(stage, heard))
        assert call(command) == 130, stage
        assert files(project) == before, stage
        assert not [*scratch.iterdir()], stage
    assert heard == {*STAGES[command]}
    shown = capsys.readouterr()
    assert (shown.out, {*shown.err.splitlines()}) == ("", {"ctm-audit: interrupted"})


def test_ctrl_c_stops_a_query_at_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    pressed = Timer(1.0, _thread.interrupt_main)
    pressed.start()
    assert main(["query", ENDLESS, "--project", str(project)]) == 130
    pressed.join()
    assert time.monotonic() - begun < 60, "the limit of a question is 120 seconds"
    assert "Traceback" not in capsys.readouterr().err


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert progress._Lines.every == 30
    monkeypatch.setattr(progress._Lines, "every", 0.05)
    with shown_progress():
        time.sleep(0.1)
        tell("Judging rules", 45, 1160)
        time.sleep(0.2)
    shown = capsys.readouterr()
    assert (shown.out, {*shown.err.splitlines()}) == ("", {"Judging rules: 45 of 1,160 ..."})


def test_a_terminal_gets_a_bar_that_its_encoding_knows_and_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(progress, "SOON", 0)
    monkeypatch.setattr(progress._Bar, "every", 0.05)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with shown_progress():
        tell("Joining the evidence")
        for _ in followed("Judging rules", range(4)):
            time.sleep(0.15)
    written = terminal.getvalue()
    assert "Judging rules  50% |##########          | 2 of 4, 00:00" in written
    assert "\x1b[3" not in written, "no colour, whatever NO_COLOR says"
    assert written.isascii()
    assert written.rpartition("\r")[2].strip() == written.splitlines()[-1].strip() == ""
    assert "\n" not in written


@pytest.mark.usefixtures("project")
def test_the_answer_stays_clean_beside_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    monkeypatch.setattr(progress, "SOON", 0)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert call("audit") == 1
    assert json.loads(capsys.readouterr().out)["step"] == "submit"
    assert "Joining the evidence" in terminal.getvalue()
    monkeypatch.setenv("TERM", "dumb")
    assert not progress._is_terminal()
