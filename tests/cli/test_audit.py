"""`ctm-audit audit` as a person or a pipeline meets it: exit codes, streams, one JSON document, and runs that stay."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ctm_audit import api
from ctm_audit.cli.main import main
from ctm_audit.evidence.tables import SIDES
from ctm_audit.project import load
from ctm_audit.sim.examples import broken, clean
from ctm_audit.sim.export import Files, write

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "run.schema.json").read_text(encoding="utf-8"))
Said = tuple[int, str, str]
Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs the program and gives its exit code, stdout and stderr."""

    def run(*arguments: object) -> Said:
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def imported(files: Files, folder: Path) -> Path:
    write(files, folder)
    project, _ = load(folder)
    for side in SIDES:
        api.import_exports(project, side, [folder / side])
    return folder


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return imported(clean(), tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def not_ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return imported(broken(), tmp_path_factory.mktemp("broken"))


@pytest.fixture
def own(ready: Path, tmp_path: Path) -> Path:
    """A copy of the ready project that a test may spoil."""
    return Path(shutil.copytree(ready, tmp_path / "own", ignore=shutil.ignore_patterns("runs", "mapping.lock")))


def test_ready_is_0_and_the_last_line_is_the_report(ready: Path, say: Say, tmp_path: Path) -> None:
    code, out, _ = say("audit", "--project", ready, "--for", "submit", "--out", tmp_path)
    assert code == 0
    assert "submit" in out.splitlines()[0]
    report = Path(out.splitlines()[-1])
    assert report.is_file()
    assert report.is_relative_to(tmp_path)


def test_not_ready_is_1(not_ready: Path, say: Say, tmp_path: Path) -> None:
    code, out, _ = say("audit", "--project", not_ready, "--for", "submit", "--out", tmp_path)
    assert code == 1
    assert Path(out.splitlines()[-1]).is_file()


def test_undetermined_is_3(ready: Path, say: Say, tmp_path: Path) -> None:
    code, out, _ = say("audit", "--project", ready, "--for", "submit", "--as-of", "2026-11-25T00:00:00Z", "--out", tmp_path)
    assert code == 3
    assert Path(out.splitlines()[-1]).is_file()


@pytest.mark.parametrize("project", ["ready", "not_ready"])
def test_json_is_one_document_that_fits_its_schema(project: str, request: pytest.FixtureRequest, say: Say, tmp_path: Path) -> None:
    folder: Path = request.getfixturevalue(project)
    code, out, _ = say("audit", "--project", folder, "--for", "submit", "--out", tmp_path, "--json")
    document = json.loads(out)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []
    assert {0: True, 1: False}[code] is document["ready"]
    refusing = [one for one in document["findings"] if one["weight"] == "blocker" and one["verdict"] in ("fail", "undetermined")]
    assert bool(refusing) is (code == 1)
    written = json.loads(next(tmp_path.glob("*/run.json")).read_text(encoding="utf-8"))
    assert written == {name: value for name, value in document.items() if name != "findings"}


def test_without_a_step_it_says_which_one_comes_next(ready: Path, say: Say, tmp_path: Path) -> None:
    code, out, _ = say("audit", "--project", ready, "--out", tmp_path, "--json")
    document = json.loads(out)
    assert (document["step"], document["step_why"]) == ("complete", "next unfinished step")
    assert code == {True: 0, False: 1, None: 3}[document["ready"]]


def test_a_wave_alone(ready: Path, say: Say, tmp_path: Path) -> None:
    code, out, _ = say("audit", "--project", ready, "--for", "submit", "--wave", "pilot", "--out", tmp_path, "--json")
    assert (code, json.loads(out)["mailboxes"]["total"], json.loads(out)["wave"]) == (0, 4, "pilot")


def test_runs_stay_and_stand_beside_each_other(ready: Path, say: Say, tmp_path: Path) -> None:
    for _ in range(2):
        assert say("audit", "--project", ready, "--for", "submit", "--out", tmp_path)[0] == 0
    first, second = sorted(path.name for path in tmp_path.iterdir())
    assert second == f"{first}-2"


WRONG: list[tuple[list[str], str]] = [
    (["--wave", "9"], "waves with rows: 1, 2, pilot"),
    (["--wave", ""], "waves with rows: 1, 2, pilot"),
    (["--for", "jump"], "assess"),
    (["--as-of", "yesterday"], "--as-of"),
    (["--rules", "nowhere"], "nowhere"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG)
def test_wrong_options_are_2_and_write_nothing(arguments: list[str], told: str, ready: Path, say: Say, tmp_path: Path) -> None:
    code, out, err = say("audit", "--project", ready, "--out", tmp_path / "runs", *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert not (tmp_path / "runs").exists()


def test_all_faults_of_project_and_mapping_are_told_at_once(own: Path, say: Say) -> None:
    (own / "ctm-audit.toml").write_text(
        (own / "ctm-audit.toml").read_text(encoding="utf-8").replace('scope   = "subset"', 'scope = "some"'), encoding="utf-8"
    )
    (own / "mapping.csv").write_text("source,target,wave\na@contoso.com,,pilot\nb@contoso.com,=x,9\n", encoding="utf-8")
    code, out, err = say("audit", "--project", own)
    assert (code, out) == (2, "")
    assert all(place in err for place in ("ctm-audit.toml:", "mapping.csv:2:", "mapping.csv:3:"))
    assert not (own / "runs").exists()


@pytest.mark.parametrize("side", SIDES)
def test_without_a_bundle_it_is_3_and_the_next_command_is_named(side: str, own: Path, say: Say) -> None:
    shutil.rmtree(own / "evidence" / side)
    code, out, err = say("audit", "--project", own, "--json")
    assert (code, json.loads(out)["error"]["exit_code"]) == (3, 3)
    assert "Next: ctm-audit import" in err
    assert not (own / "runs").exists()


def test_a_changed_bundle_is_5(own: Path, say: Say) -> None:
    file = next((own / "evidence" / "source").glob("*/mailboxes.parquet"))
    file.write_bytes(file.read_bytes() + b" ")
    code, out, err = say("audit", "--project", own)
    assert (code, out) == (5, "")
    assert "mailboxes.parquet" in err
    assert not (own / "runs").exists()


def test_a_run_that_breaks_off_leaves_nothing(own: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(api, "write_page", fail)
    code, out, err = say("audit", "--project", own, "--for", "submit")
    assert (code, out) == (5, "")
    assert "No space left" in err
    assert list((own / "runs").iterdir()) == []
    assert not (own / "mapping.lock").exists()


def test_the_project_is_found_upwards(own: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own / "evidence")
    code, out, _ = say("audit", "--for", "submit", "--wave", "pilot")
    assert (code, Path(out.splitlines()[-1]).is_relative_to(own / "runs")) == (0, True)


def test_a_process_of_its_own_ends_with_the_verdict_also_on_a_console_without_utf8(not_ready: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "CTM_AUDIT_PROJECT": str(not_ready)}
    command = [sys.executable, "-m", "ctm_audit", "audit", "--for", "submit", "--out", str(tmp_path / "läufe")]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, timeout=120, check=False)
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert done.stdout.splitlines()[-1].endswith(b"readiness.html")
    assert b"Traceback" not in done.stderr
