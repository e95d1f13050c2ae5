"""`ctm-audit bundle list|show|verify`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ctm_audit.evidence.bundle import list_bundles
from ctm_audit.evidence.tables import TABLES, evidence_of
from tests.cli_import.exporting import recorded, write_export, write_json, write_record
from tests.cli_import.test_import import Run, run

__all__ = ["run"]


@pytest.fixture
def bundles(run: Run, tmp_path: Path) -> list[Path]:
    """Two bundles of the source, newest first."""
    write_record(write_export(tmp_path / "files"), [recorded()])
    run("import", "source", "files")
    write_record(tmp_path / "files", [recorded(collected_at="2026-11-21T00:00:00Z")], started_at="2026-11-21T00:00:00Z")
    write_json(tmp_path / "files", "organization.json", {"value": [{"id": "x"}]})
    run("import", "source", "files", "--collected-at", "2026-11-21")
    return list_bundles(tmp_path / "evidence" / "source")


def test_list_shows_the_newest_first(run: Run, bundles: list[Path]) -> None:
    code, out, _ = run("bundle", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [place.name for place in bundles]
    assert f" of {len(evidence_of('source'))} tables" in out


def test_list_as_json(run: Run, bundles: list[Path]) -> None:
    document = json.loads(run("bundle", "list", "--json")[1])
    assert [Path(one["path"]) for one in document["bundles"]] == bundles
    assert document["bundles"][0]["digest"].startswith(bundles[0].name[-8:])


def test_show_tells_what_there_is_and_how_to_get_the_rest(run: Run, bundles: list[Path]) -> None:
    code, out, _ = run("bundle", "show")
    assert code == 0
    assert bundles[0].name in out
    assert bundles[1].name not in out
    assert "stated by a person" in out
    assert "not collected: there is no subscribedSkus.json" in out
    assert TABLES["subscribed_skus"].export in out
    assert TABLES["mailboxes"].export not in out
    assert "Not signed" in out
    assert run("bundle", "show", bundles[1])[1].count(bundles[1].name) == 1


def test_verify(run: Run, bundles: list[Path], tmp_path: Path) -> None:
    code, out, _ = run("bundle", "verify")
    assert code == 0
    assert out.count("sound: ") == 2
    assert run("bundle", "verify", bundles[0])[0] == 0
    assert run("bundle", "verify", tmp_path / "evidence" / "source", "--json")[0] == 0


def test_verify_names_the_changed_file_of_every_bundle(run: Run, bundles: list[Path]) -> None:
    (bundles[0] / "mailboxes.parquet").write_bytes(b"x")
    (bundles[1] / "extra").write_bytes(b"x")
    code, out, err = run("bundle", "verify")
    assert (code, out) == (5, "")
    assert "mailboxes.parquet: changed" in err
    assert "extra: not named in the manifest" in err
    assert run("bundle", "show")[0] == 5
    code, out, _ = run("bundle", "verify", "--json")
    assert (code, json.loads(out)["error"]["exit_code"]) == (5, 5)


def test_a_changed_manifest_is_refused_also_by_list(run: Run, bundles: list[Path]) -> None:
    manifest = bundles[1] / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"complete": true', b'"complete": false'))
    assert run("bundle", "list")[0] == 5
    assert run("bundle", "verify", bundles[1])[0] == 5
    assert run("bundle", "verify", bundles[0])[0] == 0


@pytest.mark.parametrize("command", ["list", "show", "verify"])
def test_without_a_bundle_the_next_command_is_told(run: Run, tmp_path: Path, command: str) -> None:
    for path in ([], [tmp_path], [tmp_path / "nowhere"]):
        code, out, err = run("bundle", command, *path)
        assert (code, out) == (3, "")
        assert "Next: ctm-audit import source PATH" in err
