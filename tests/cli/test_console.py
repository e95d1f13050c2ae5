"""Consoles without UTF-8, closed pipes, hostile texts: the answer comes out, and nothing crashes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctm_audit.cli import console

ROOT = Path(__file__).parents[2]


def run(code: str, encoding: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0"}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False, **more)  # type: ignore[call-overload,no-any-return]  # subprocess has too many overloads for **more


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_no_console_crashes_on_a_character_that_it_lacks(encoding: str) -> None:
    code = "from ctm_audit.cli import console as c; c.prepare(); c.echo_answer('Zoë → 田中 \\ud800'); c.note('→')"
    done = run(code, encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode(encoding).startswith("Zo")
    assert done.stdout.decode(encoding).rstrip().endswith("\\ud800")


def test_utf8_consoles_show_the_characters_themselves() -> None:
    done = run("from ctm_audit.cli import console as c; c.prepare(); c.echo_answer('Zoë → 田中')", "utf-8")
    assert done.stdout.decode("utf-8").rstrip() == "Zoë → 田中"


@pytest.mark.parametrize("sign", ["\x1b", "\x00", "\r", "\x9b", "\u202e", "\u2066", "\ufeff", "\x7f"])
def test_signs_that_a_terminal_obeys_are_shown_as_escapes(sign: str) -> None:
    shown = console.printable(f"a{sign}b")
    assert sign not in shown
    assert shown.startswith("a\\")
    assert shown.endswith("b")


def test_line_ends_and_tabs_stay() -> None:
    assert console.printable("a\tb\nc") == "a\tb\nc"


def test_json_is_ascii_and_exact(capsys: pytest.CaptureFixture[str]) -> None:
    console.echo_json({"name": "Zoë \x1b"})
    assert capsys.readouterr().out == '{\n  "name": "Zo\\u00eb \\u001b"\n}\n'


def test_json_never_holds_what_is_not_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        console.echo_json({"share": float("nan")})


def test_styles_show_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("WT_SESSION", "1")
    for stream, styled in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stdout", stream)
        console.echo_answer("not ready", "red")
        assert ("\x1b[31m" in stream.getvalue()) == styled
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    monkeypatch.setattr(sys, "stdout", plain)
    console.echo_answer("not ready", "red")
    assert plain.getvalue() == "not ready\n"


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_reader_that_has_gone_is_quiet_and_leaves_the_verdict(code: int) -> None:
    script = f"""
import sys, click
from ctm_audit.cli import console, main as entry
@click.command()
def audit():
    for number in range(50_000):
        console.echo_answer(f"line {{number}}")
    return {code}
entry.LazyGroup.get_command = lambda *_: audit
sys.exit(entry.main(["audit"]))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == code


FULL = Path("/dev/full")


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [(["--help"], 5, b"The operating system refused"), (["nonsense", "--json"], 2, b"No such command")] if FULL.exists() else [],
)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_full_disk_behind_stdout_is_no_bug(given: list[str], code: int, told: bytes, encoding: str) -> None:
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C"}
    with FULL.open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "ctm_audit", *given]
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == code
    assert told in done.stderr
    assert b"Traceback" not in done.stderr


def test_without_any_console_nothing_is_written_and_nothing_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    console.prepare()
    console.echo_answer("x")
    console.note("y")
    console.flush()


def test_a_long_line_is_broken_on_a_terminal_and_whole_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "STP-05     " + "every X500 address " * 6
    assert console.fitted(line, hang=11) == line
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    first, *rest = console.fitted(line, hang=11).split("\n")
    assert first.startswith("STP-05     every")
    assert all(one.startswith(" " * 11) for one in rest)
    assert max(map(len, [first, *rest])) <= 40
