"""The same evidence, rule book and clock give the same bytes: twice, on another day, in another folder, in another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctm_audit.evidence.tables import SIDES
from ctm_audit.sim.examples import broken
from ctm_audit.sim.export import write

ROOT = Path(__file__).parents[2]
# One whole run in a process of its own. Real clocks are moved by replacing the only function that reads one.
AUDIT = """
import sys
from datetime import datetime
from pathlib import Path
from ctm_audit import api
from ctm_audit.model import Step

folder, day = Path(sys.argv[1]), sys.argv[2]
api._now = lambda: datetime.fromisoformat(day)
project, mapping = api.open_project(folder)
bundles = [api.import_exports(project, side, [folder / side]).bundle for side in ("source", "target")]
api.audit(project, mapping, step=Step.SUBMIT)
"""


def run(folder: Path, *, day: str, seed: str, cwd: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "7" else "UTC"}
    subprocess.run([sys.executable, "-c", AUDIT, str(folder), day], check=True, cwd=cwd, env=environment, timeout=120)


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The broken example, run in two folders of different names and depth, on different days, with different hash seeds."""
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other") / "a b" / "ü"
    for folder, day, seed in ((one, "2026-11-20T18:00:05", "0"), (other, "2031-01-01T03:04:05", "7")):
        write(broken(), folder)
        run(folder, day=day, seed=seed, cwd=folder if seed == "0" else folder.parent)
    return one, other


def files(folder: Path) -> Iterator[Path]:
    yield from sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def the_run(project: Path) -> Path:
    (found,) = (project / "runs").iterdir()
    return found


@pytest.mark.parametrize("side", SIDES)
def test_an_import_gives_the_same_bundle(side: str, projects: tuple[Path, Path]) -> None:
    one, other = (project / "evidence" / side for project in projects)
    assert [*files(one)] == [*files(other)]
    assert [*files(one)]
    for file in files(one):
        assert (one / file).read_bytes() == (other / file).read_bytes(), file


def test_an_audit_gives_the_same_run(projects: tuple[Path, Path]) -> None:
    one, other = (the_run(project) for project in projects)
    assert one.name == other.name
    assert {"findings.parquet", "findings.csv", "mailboxes.parquet", "junit.xml", "readiness.html", "run.json"} <= {*map(str, files(one))}
    for file in (file for file in files(one) if file.name != "run.json"):
        assert (one / file).read_bytes() == (other / file).read_bytes(), file


def test_only_the_clock_of_the_document_tells_the_day(projects: tuple[Path, Path]) -> None:
    one, other = (json.loads((the_run(project) / "run.json").read_text(encoding="utf-8")) for project in projects)
    assert one.pop("clock") == {"started_at": "2026-11-20T18:00:05Z", "finished_at": "2026-11-20T18:00:05Z"}
    assert other.pop("clock") == {"started_at": "2031-01-01T03:04:05Z", "finished_at": "2031-01-01T03:04:05Z"}
    assert json.dumps(one) == json.dumps(other)


def test_the_lock_of_the_mapping_is_the_same(projects: tuple[Path, Path]) -> None:
    one, other = ((project / "mapping.lock").read_bytes() for project in projects)
    assert one == other


def test_nothing_that_was_written_names_the_machine(projects: tuple[Path, Path]) -> None:
    one, _ = projects
    for file in (*(the_run(one) / name for name in ("run.json", "readiness.html", "junit.xml", "findings.csv")), one / "mapping.lock"):
        assert str(one) not in file.read_text(encoding="utf-8")


def test_the_same_again_gives_a_second_folder_and_leaves_the_first(projects: tuple[Path, Path]) -> None:
    one, _ = projects
    first = the_run(one)
    before = {file: (first / file).read_bytes() for file in files(first)}
    run(one, day="2026-11-21T00:00:00", seed="1", cwd=one)
    again = one / "runs" / f"{first.name}-2"
    assert {file: (first / file).read_bytes() for file in files(first)} == before
    assert all((again / file).read_bytes() == content for file, content in before.items() if file.name != "run.json")
    assert len([*(one / "evidence" / "source").iterdir()]) == 1
