"""The crash file says where our code was, and holds nothing of what it worked on."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import click
import pytest

from ctm_audit.cli import crash
from ctm_audit.cli import main as entry
from ctm_audit.project_keys import guid

PLANTED = "Pa55-planted-w0rd"


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A command that dies in our code with a secret in its arguments, environment, variables and message."""

    @click.command()
    @click.argument("given")
    def audit(given: str) -> None:
        held = f"{PLANTED}-{given}"
        try:
            guid(held)
        except ValueError as error:
            raise KeyError(held) from error

    monkeypatch.setattr(entry.LazyGroup, "get_command", lambda *_: audit)
    monkeypatch.setenv("CTM_AUDIT_SECRET_OF_MINE", PLANTED)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_bug_writes_a_crash_file_without_secrets(crashing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["audit", PLANTED]) == 70
    (file,) = crashing.iterdir()
    text, told = file.read_text(encoding="utf-8"), capsys.readouterr()
    assert PLANTED not in text + told.out + told.err
    assert str(file) in told.err


def test_the_crash_file_names_command_versions_and_our_frames(crashing: Path) -> None:
    entry.main(["audit", PLANTED])
    text = next(crashing.iterdir()).read_text(encoding="utf-8")
    assert "ctm-audit 0.1.0 stopped in `audit`" in text
    assert "\nduckdb " in text
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "ctm_audit/project_keys.py:" in text
    assert "in guid" in text
    assert str(Path(__file__).parent) not in text


@pytest.mark.parametrize("bits", [0o600] if os.name == "posix" else [])
def test_only_its_owner_can_read_it(bits: int, crashing: Path) -> None:
    entry.main(["audit", "x"])
    assert stat.S_IMODE(next(crashing.iterdir()).stat().st_mode) == bits


def test_without_a_temporary_folder_it_lies_in_the_working_folder(
    crashing: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(crashing / "gone"))
    monkeypatch.chdir(crashing)
    assert entry.main(["audit", "x"]) == 70
    assert next(crashing.glob("ctm-audit-crash-*")).name in capsys.readouterr().err


def test_when_nothing_can_be_written_it_says_so(
    crashing: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crash, "_write", lambda *_: (_ for _ in ()).throw(OSError()))
    assert entry.main(["audit", "x"]) == 70
    assert "No crash file could be written." in capsys.readouterr().err
    assert not list(crashing.iterdir())


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert crash.describe(first, "audit").count("builtins.") == 2
