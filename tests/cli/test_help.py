"""`--help` is quick because it imports nothing heavy, and tells the truth about every command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from ctm_audit.cli.main import COMMANDS, LazyGroup, main

ROOT = Path(__file__).parents[2]
HEAVY = ("duckdb", "pandas", "pyarrow", "jinja2", "pandera", "numpy", "requests", "msal", "dns", "importlib.metadata", "tomllib")
LOADED = (
    f"import sys; from ctm_audit.cli.main import main; code = main(sys.argv[1:]); print([m for m in {HEAVY} if m in sys.modules], code)"
)


def loaded(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout.splitlines()[-1]


def test_help_imports_nothing_heavy() -> None:
    assert loaded("--help") == "[] 0"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_imports_no_evidence_engine(name: str) -> None:
    heavy = loaded(name, "--help")
    assert heavy.endswith(" 0")
    assert not any(module in heavy for module in ("duckdb", "pandas", "pyarrow", "pandera", "jinja2"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_explains_itself(name: str) -> None:
    command = LazyGroup().get_command(click.Context(click.Group()), name)
    assert command is not None
    assert command.help


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audti"]) == 2
    assert "audti" in capsys.readouterr().err


def test_python_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ctm_audit", "--version"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout == "ctm-audit 0.1.0\n"
