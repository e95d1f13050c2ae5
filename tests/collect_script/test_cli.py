"""`ctm-audit export-script` and its salt."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ctm_audit.cli.main import main
from tests.collect_script.powershell import faults

EXAMPLE = Path(__file__).parents[2] / "examples" / "contoso-to-fabrikam" / "clean"
PROJECT = ["--project", str(EXAMPLE)]


@pytest.mark.parametrize("side", ["source", "target"])
def test_it_prints_the_script(side: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export-script", side, *PROJECT]) == 0
    told = capsys.readouterr()
    assert not faults(told.out)
    assert f"$Side = '{side}'" in told.out
    assert f"ctm-audit import {side}" in told.err


def test_it_writes_the_same_script_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["export-script", "source", *PROJECT])
    printed = capsys.readouterr().out
    file = tmp_path / "export.ps1"
    file.write_text("old", encoding="utf-8")
    assert main(["export-script", "source", *PROJECT, "-o", str(file)]) == 0
    assert file.read_bytes() == printed.encode()
    assert list(tmp_path.iterdir()) == [file]


def test_a_broken_mapping_gives_no_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ctm-audit.toml").write_bytes((EXAMPLE / "ctm-audit.toml").read_bytes())
    (tmp_path / "mapping.csv").write_text("source,target\n,b@x.com\n", encoding="utf-8")
    assert main(["export-script", "source", "--project", str(tmp_path), "-o", str(tmp_path / "export.ps1")]) == 2
    assert not (tmp_path / "export.ps1").exists()
    assert "mapping.csv:2" in capsys.readouterr().err


def test_without_a_side_there_is_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export-script"]) == 2
    assert "ctm-audit export-script source" in capsys.readouterr().err


def test_a_salt_is_written_once_and_never_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "salt.txt"
    assert main(["export-script", "--new-salt", str(file)]) == 0
    salt = file.read_text(encoding="ascii")
    assert re.fullmatch("[0-9a-f]{64}\n", salt)
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600
    assert main(["export-script", "--new-salt", str(file)]) == 2
    assert file.read_text(encoding="ascii") == salt
    told = capsys.readouterr()
    assert salt.strip() not in told.out + told.err


def test_two_salts_differ(tmp_path: Path) -> None:
    for name in "ab":
        assert main(["export-script", "--new-salt", str(tmp_path / name)]) == 0
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_a_salt_is_no_script(tmp_path: Path) -> None:
    assert main(["export-script", "source", "--new-salt", str(tmp_path / "salt")]) == 2
    assert not list(tmp_path.iterdir())
