"""`ctm-audit demo`: the main job from any folder, without a project and without a checkout's help."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ctm_audit.cli.main import main

ROOT = Path(__file__).parents[2]


def test_the_demo_runs_from_any_folder_and_ends_with_the_report(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ctm_audit", "demo"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, timeout=120, check=False)
    report = Path(done.stdout.decode("utf-8").splitlines()[-1])
    assert done.returncode == 0
    assert report.is_file()
    assert report.is_relative_to(tmp_path / "ctm-audit-demo" / "runs")
    assert b"Imported source" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_clean_demo_is_ready_and_the_broken_one_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for example, ready in (("clean", True), ("broken", False)):
        assert main(["demo", example, "--out", str(tmp_path / example), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["ready"] is ready


def test_a_second_demo_stands_beside_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "demo"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["demo", "clean", "--out", str(out)]) == 0
    assert Path(capsys.readouterr().out.splitlines()[-1]).is_relative_to(tmp_path / "demo-2")
    assert [entry.name for entry in out.iterdir()] == ["mine.txt"]


def test_an_example_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "perfect", "--out", str(tmp_path / "x")]) == 2
    assert "broken" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
