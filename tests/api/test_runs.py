"""Runs are found by folder, name or id, the newest without a name; one that is not whole is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from ctm_audit import api
from ctm_audit.engine.runs import find_run, open_run
from ctm_audit.errors import CtmAuditError, Refused, UsageError

FINDING = {"rule": ["STP-05"], "verdict": ["fail"], "object_id": ["adele@contoso.com"], "owner": ["target-admin"]}


def write(folder: Path, finished: str) -> Path:
    folder.mkdir(parents=True)
    document = {"format_version": "1", "clock": {"finished_at": finished}, "rules": [{"id": "STP-05"}]}
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    pa.parquet.write_table(pa.table(FINDING), folder / "findings.parquet")
    pa.parquet.write_table(pa.table({"id": ["a"], "verdict": ["ready"], "blocking": [["STP-05"]]}), folder / "mailboxes.parquet")
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    write(tmp_path / "2026-11-20-submit-0123456789ab", "2026-11-20T18:00:00Z")
    write(tmp_path / "2026-11-19-submit-aaaaaaaaaaaa", "2026-11-21T18:00:00Z")
    write(tmp_path / ".unfinished-x", "2026-12-21T18:00:00Z")
    return tmp_path


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (None, "2026-11-19-submit-aaaaaaaaaaaa"),
        ("0123456789ab", "2026-11-20-submit-0123456789ab"),
        ("2026-11-20-submit-0123456789ab", "2026-11-20-submit-0123456789ab"),
    ],
)
def test_a_run_is_found(runs: Path, named: str | None, found: str) -> None:
    assert find_run(runs, named).name == found
    assert open_run(find_run(runs, named)).order == ("STP-05",)


def test_a_folder_is_a_name_without_a_project(runs: Path) -> None:
    folder = runs / "2026-11-20-submit-0123456789ab"
    assert api.load_run(folder).folder == folder


def test_two_runs_of_one_id_are_told(runs: Path) -> None:
    write(runs / "2026-11-20-submit-0123456789ab-2", "2026-11-20T19:00:00Z")
    with pytest.raises(UsageError, match="means 2 runs"):
        find_run(runs, "0123456789ab")


@pytest.mark.parametrize("named", ["nothing", None])
def test_no_run_is_told(tmp_path: Path, named: str | None) -> None:
    with pytest.raises(UsageError):
        find_run(tmp_path, named)


def remove(folder: Path) -> None:
    (folder / "findings.parquet").unlink()


def cut(folder: Path) -> None:
    path = folder / "mailboxes.parquet"
    path.write_bytes(path.read_bytes()[:-9])


def spoil(folder: Path) -> None:
    (folder / "run.json").write_text('{"format_version": "1"', encoding="utf-8")


def of_tomorrow(folder: Path) -> None:
    (folder / "run.json").write_text('{"format_version": "9"}', encoding="utf-8")


def without_owner(folder: Path) -> None:
    pa.parquet.write_table(pa.table(FINDING).drop(["owner"]), folder / "findings.parquet")


@pytest.mark.parametrize("harm", [remove, cut, spoil, without_owner])
def test_a_run_that_is_not_whole_is_refused(runs: Path, harm: object) -> None:
    folder = runs / "2026-11-19-submit-aaaaaaaaaaaa"
    assert callable(harm)
    harm(folder)
    with pytest.raises(Refused) as refused:
        open_run(find_run(runs, None))
    assert refused.value.hint == "ctm-audit audit"


def test_a_run_of_another_format_is_not_read(runs: Path) -> None:
    folder = runs / "2026-11-19-submit-aaaaaaaaaaaa"
    of_tomorrow(folder)
    with pytest.raises(CtmAuditError, match="this version reads 1"):
        open_run(folder)
