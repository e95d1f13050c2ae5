"""`ctm-audit waivers` and the audit's refusal: exit codes, streams, and nothing written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ctm_audit.cli.main import main
from ctm_audit.sim import contoso_to_fabrikam
from ctm_audit.sim.export import render, write
from ctm_audit.sim.statements import Waived

WAIVED = Waived(rule="MBX-12W", rows=(1,), owner="Megan Bowen", reason="She tidies up.", expires=date(2027, 1, 31))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without evidence, with one waiver that counts."""
    files = render(contoso_to_fabrikam(people=3).with_waiver(WAIVED))
    write({name: content for name, content in files.items() if "/" not in name}, tmp_path)
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "waivers.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def test_list_says_who_what_and_until_when(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waivers", "list", "--project", str(folder)]) == 0
    told = capsys.readouterr()
    assert "waived by Megan Bowen until 2027-01-31: She tidies up." in told.out
    assert "MBX-12W" in told.out
    assert "counted as of 2026-11-20" in told.err


def test_list_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waivers", "list", "--project", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["rule"] for one in found["statements"] if one["kind"] == "waiver"] == ["MBX-12W"]
    assert {one["lapse"] for one in found["statements"]} == {None}


def test_check_is_content_with_what_is_in_order(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waivers", "check", "--project", str(folder)]) == 0
    assert "in order" in capsys.readouterr().err


def test_check_refuses_what_has_expired(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, "2027-01-31", "2026-11-20")
    assert main(["waivers", "check", "--project", str(folder)]) == 2
    assert "waiver 1, MBX-12W: the waiver of Megan Bowen expired on 2026-11-20" in capsys.readouterr().err


def test_check_tells_faults_with_line_and_column(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, "MBX-12W", "STP-01")
    assert main(["waivers", "check", "--project", str(folder)]) == 2
    assert "waivers.toml:4:11: STP-01 cannot be waived" in capsys.readouterr().err


def test_an_audit_with_a_faulty_file_is_refused_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, 'owner   = "Megan Bowen"\n', "")
    before = sorted(folder.rglob("*"))
    assert main(["audit", "--project", str(folder)]) == 2
    assert "needs the key 'owner'" in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before


def test_a_project_without_records_says_how_to_name_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = render(contoso_to_fabrikam(people=3))
    text = "".join(line for line in files["ctm-audit.toml"].splitlines(keepends=True) if not line.startswith("attestations"))
    write({"ctm-audit.toml": text, "mapping.csv": files["mapping.csv"]}, tmp_path)
    assert main(["waivers", "list", "--project", str(tmp_path)]) == 0
    assert 'waivers = "waivers.toml"' in capsys.readouterr().err
