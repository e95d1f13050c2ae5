"""One place turns errors into exit codes: each class of error has its own, told on stderr, and as JSON when asked."""

import errno
import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from ctm_audit import errors
from ctm_audit.cli import main as entry
from ctm_audit.cli.options import json_option


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Puts a command that does what it is told in the place of `audit`."""

    def put(act: Callable[[], object]) -> None:
        @click.command()
        @json_option
        def audit(as_json: bool) -> object:
            del as_json
            return act()

        monkeypatch.setattr(entry.LazyGroup, "get_command", lambda *_: audit)

    return put


def raising(error: BaseException) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


CLASSES = [
    (errors.UsageError("wrong"), 2),
    (errors.EvidenceGap("unseen"), 3),
    (errors.Refused("no"), 5),
    (errors.ServiceFailure("down"), 6),
    (click.UsageError("bad option"), 2),
    (click.FileError("x", "gone"), 2),
    (click.Abort(), 130),
    (KeyboardInterrupt(), 130),
    (PermissionError(errno.EACCES, "Permission denied", "runs"), 5),
    (OSError(errno.ENOSPC, "No space left on device"), 5),
    (click.exceptions.Exit(4), 4),
    (ValueError("boom"), 70),
    (RecursionError(), 70),
    (MemoryError(), 70),
    (EOFError(), 70),
]


@pytest.mark.parametrize(("error", "code"), CLASSES, ids=lambda value: type(value).__name__)
def test_each_error_has_its_exit_code(
    error: BaseException, code: int, command: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    command(raising(error))
    assert entry.main(["audit"]) == code
    assert bool(list(tmp_path.glob("ctm-audit-crash-*.txt"))) == (code == 70)


@pytest.mark.parametrize(("answer", "code"), [(None, 0), (0, 0), (1, 1), (3, 3)])
def test_a_command_returns_its_exit_code(answer: int | None, code: int, command: Callable[..., None]) -> None:
    command(lambda: answer)
    assert entry.main(["audit"]) == code


def test_an_error_is_told_on_stderr_with_detail_and_next_command(command: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    fault = errors.Fault("mapping.csv", 3, 7, "target is empty")
    command(raising(errors.UsageError("The mapping is wrong.", detail=[fault], hint="repair it")))
    entry.main(["audit"])
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "ctm-audit: The mapping is wrong.\n  mapping.csv:3:7: target is empty\nNext: repair it\n"


def test_with_json_the_error_is_also_one_document_on_stdout(command: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    command(raising(errors.EvidenceGap("No bundle.", detail=["source"], hint="ctm-audit import source PATH")))
    assert entry.main(["audit", "--json"]) == 3
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "format_version": "1",
        "error": {"exit_code": 3, "summary": "No bundle.", "detail": ["source"], "hint": "ctm-audit import source PATH"},
    }
    assert "No bundle." in told.err


def test_json_may_be_asked_for_by_a_variable(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTM_AUDIT_JSON", "1")
    command(raising(errors.Refused("no")))
    entry.main(["audit"])
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 5


@pytest.mark.parametrize("given", [["audit", "--nonsense", "--json"], ["nonsense", "--json"], ["audit", "extra", "--json"]])
def test_a_usage_error_is_json_too(given: list[str], command: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    if given[0] == "audit":
        command(lambda: 0)
    assert entry.main(given) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["exit_code"] == 2
    assert "--help" in told.err


def test_no_command_is_a_usage_error_that_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Commands:" in told.err


def test_help_and_version_succeed_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["--help"]) == 0
    assert entry.main(["--version"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.endswith("ctm-audit 0.1.0\n")
    assert all(name in told.out for name in entry.COMMANDS)


def test_every_option_has_its_variable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    @click.option("--wave")
    def audit(wave: str) -> None:
        click.echo(wave)

    monkeypatch.setattr(entry.LazyGroup, "get_command", lambda *_: audit)
    monkeypatch.setenv("CTM_AUDIT_AUDIT_WAVE", "pilot")
    assert entry.main(["audit"]) == 0
    assert capsys.readouterr().out == "pilot\n"


def test_windows_leaves_patterns_to_us(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    @click.argument("names", nargs=-1)
    def audit(names: tuple[str, ...]) -> None:
        click.echo(" ".join(names))

    monkeypatch.setattr(entry.LazyGroup, "get_command", lambda *_: audit)
    monkeypatch.setattr("sys.argv", ["ctm-audit", "audit", "*.json", "--", "-x"])
    monkeypatch.setattr(entry, "glob", lambda pattern: ["b.json", "a.json"] if pattern == "*.json" else [])
    monkeypatch.setattr(entry, "IS_WINDOWS", True)
    assert entry.main() == 0
    assert capsys.readouterr().out == "a.json b.json -x\n"
