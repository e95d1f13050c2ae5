"""`ctm-audit import`: what is written, what is said, and the exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pandera.config import config_context

from ctm_audit.cli.main import main
from ctm_audit.evidence.bundle import Bundle, list_bundles, newest_bundle, open_bundle
from ctm_audit.evidence.tables import TABLES
from tests.cli_import.exporting import MAILBOXES, MEMBERS, OTHER, TENANT, recorded, write_export, write_json, write_project, write_record

EXAMPLES = Path(__file__).parents[2] / "examples" / "contoso-to-fabrikam"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command inside a project; gives exit code, stdout and stderr."""
    monkeypatch.chdir(write_project(tmp_path))

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def bundle_of(folder: Path) -> Bundle:
    return open_bundle(newest_bundle(folder / "evidence" / "source"))


def test_a_bundle_with_gaps(run: Run, tmp_path: Path) -> None:
    write_record(write_export(tmp_path / "files"), [recorded(), recorded("Get-DistributionGroupMember.CTMAllowed.json", 2)])
    (tmp_path / "files" / "notes.txt").write_text("x", encoding="utf-8")
    code, out, err = run("import", "source", "files")
    bundle = bundle_of(tmp_path)
    assert code == 3
    assert (bundle.tables["mailboxes"].rows, bundle.tables["group_members"].parts) == (3, ("ctmallowed",))
    assert (bundle.tenant_id, bundle.initial_domain, bundle.cloud) == (TENANT, "contoso.onmicrosoft.com", "worldwide")
    assert (str(bundle.collected_at), bundle.collected_how) == ("2026-11-20 17:00:20", "_export.json")
    assert all(entry.complete for entry in bundle.tables.values())
    lines = out.splitlines()
    assert [line.split() for line in lines if line.startswith("Get-Mailbox  ")] == [["Get-Mailbox", "3", "yes"]]
    assert "Graph subscribedSkus: there is no subscribedSkus.json" in out
    assert TABLES["subscribed_skus"].export in out
    assert out.splitlines()[-1] == f"bundle: {bundle.path}"
    assert "Not used: notes.txt: a file of this kind is not read" in err
    assert "Next: close the gaps" in err


def test_the_clean_example_has_no_gap(run: Run, tmp_path: Path) -> None:
    clean = EXAMPLES / "clean"
    code, _, err = run("import", "source", clean / "source", "--project", clean, "-o", tmp_path / "out")
    assert code == 0
    assert "Next: ctm-audit" in err
    assert not open_bundle(newest_bundle(tmp_path / "out")).absent


def test_next_is_the_other_side_and_then_the_audit(run: Run, tmp_path: Path) -> None:
    for name in ("clean/ctm-audit.toml", "clean/mapping.csv", "clean/ctm-audit.salt"):
        (tmp_path / Path(name).name).write_bytes((EXAMPLES / name).read_bytes())
    assert "Next: ctm-audit import target PATH" in run("import", "source", EXAMPLES / "clean" / "source")[2]
    assert "Next: ctm-audit audit" in run("import", "target", EXAMPLES / "clean" / "target")[2]


def test_a_bundle_of_the_other_side_is_not_audited(run: Run, tmp_path: Path) -> None:
    for name in ("clean/ctm-audit.toml", "clean/mapping.csv", "clean/attestations.toml"):
        (tmp_path / Path(name).name).write_bytes((EXAMPLES / name).read_bytes())
    for side in ("source", "target"):
        run("import", "source", EXAMPLES / "clean" / "source", "-o", tmp_path / "evidence" / side)
    code, _, err = run("audit")
    assert code == 5
    assert "is evidence of the source tenant, not evidence of the target tenant" in err


def test_the_same_import_again_gives_the_same_bundle(run: Run, tmp_path: Path) -> None:
    write_record(write_export(tmp_path / "files"))
    assert run("import", "source", "files")[0] == run("import", "source", "files")[0] == 3
    assert len(list_bundles(tmp_path / "evidence" / "source")) == 1


def test_json_is_one_document(run: Run, tmp_path: Path) -> None:
    write_record(write_export(tmp_path / "files"), [recorded(count=4)])
    code, out, _ = run("import", "source", tmp_path / "files", tmp_path / "ctm-audit.toml", "--json")
    document = json.loads(out)
    assert (document["format_version"], document["exit_code"], code) == ("1", 3, 3)
    assert document["bundle"]["tables"]["mailboxes"]["rows"] == 3
    assert document["bundle"]["path"] == str(bundle_of(tmp_path).path)
    assert document["used"] == ["Get-DistributionGroupMember.CTMAllowed.json", "Get-Mailbox.json"]
    assert [one["file"] for one in document["ignored"]] == ["ctm-audit.toml"]
    gap = next(gap for gap in document["gaps"] if gap["table"] == "mailboxes")
    assert "STP-01" in gap.pop("rules")
    assert gap == {
        "table": "mailboxes",
        "command": "Get-Mailbox",
        "what": "3 objects here, but 4 exported",
        "export": TABLES["mailboxes"].export,
    }


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("name", "spoil", "why"),
    [
        ("Get-Mailbox.json", Path.unlink, "there is no Get-Mailbox.json"),
        ("Get-Mailbox.json", lambda path: path.write_bytes(b""), "holds nothing"),
        ("Get-Mailbox.json", lambda path: path.write_bytes(b"\xff\xfe"), "holds nothing"),
        ("Get-Mailbox.json", lambda path: path.write_bytes(b"Connect-ExchangeOnline first"), "this is not JSON"),
        ("Get-Mailbox.json", lambda path: path.write_text('{"error": {"code": "Denied"}}', encoding="utf-8"), "answered with an error"),
        ("Get-Mailbox.json", lambda path: path.write_text('[{"Name": "x"}]', encoding="utf-8"), "ExchangeGuid is in none"),
        ("Get-Mailbox.json", lambda path: path.write_text("[null]", encoding="utf-8"), "null"),
        ("Get-DistributionGroupMember.CTMAllowed.json", Path.unlink, "there is no Get-DistributionGroupMember.GROUP.json"),
        ("Get-DistributionGroupMember.CTMAllowed.json", lambda path: path.write_bytes(b""), "holds nothing"),
    ],
)
def test_a_table_that_cannot_be_made_is_absent_with_the_reason(
    run: Run, tmp_path: Path, name: str, spoil: Callable[[Path], object], why: str
) -> None:
    spoil(write_export(tmp_path / "files") / name)
    code, out, _ = run("import", "source", "files")
    table = "group_members" if "Member" in name else "mailboxes"
    assert code == 3
    assert why in bundle_of(tmp_path).absent[table]
    assert why in out
    assert TABLES[table].export in out


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (cut, "cut off"),
        (lambda path: path.write_text(path.read_text(encoding="utf-8") + "]", encoding="utf-8"), "this is not JSON"),
        (lambda path: path.write_text(json.dumps({"value": MAILBOXES, "@odata.nextLink": "x"}), encoding="utf-8"), "not followed"),
        (
            lambda path: path.write_text(
                json.dumps([*MAILBOXES, {**MAILBOXES[0], "Name": "x", "LitigationHoldEnabled": True}]), encoding="utf-8"
            ),
            "same key",
        ),
        (lambda path: path.write_text(json.dumps([*MAILBOXES, {"Name": "x"}]), encoding="utf-8"), "without ExternalDirectoryObjectId"),
    ],
)
def test_a_table_that_lacks_rows_is_incomplete_with_the_reason(run: Run, tmp_path: Path, spoil: Callable[[Path], object], why: str) -> None:
    spoil(write_export(tmp_path / "files") / "Get-Mailbox.json")
    code, out, _ = run("import", "source", "files")
    entry = bundle_of(tmp_path).tables["mailboxes"]
    assert (code, entry.complete) == (3, False)
    assert entry.rows > 0
    assert why in entry.reason
    assert f"no: {entry.reason}" in out


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ([recorded(error="Access denied")], "absent: Get-Mailbox.json: the export failed with 'Access denied'"),
        ([recorded(count=2)], "incomplete: 3 objects here, but 2 exported"),
        ([recorded(), recorded("get-mailbox.CSV")], "incomplete: get-mailbox.CSV is named in _export.json, but it is not here"),
        ([recorded()], "complete"),
    ],
)
def test_what_the_record_says_of_a_table(run: Run, tmp_path: Path, files: list[dict[str, Any]], state: str) -> None:
    write_record(write_export(tmp_path / "files"), files)
    assert run("import", "source", "files")[0] == 3
    bundle = bundle_of(tmp_path)
    entry = bundle.tables.get("mailboxes")
    assert state == (
        f"absent: {bundle.absent['mailboxes']}" if entry is None else "complete" if entry.complete else f"incomplete: {entry.reason}"
    )


def test_a_failed_group_makes_all_groups_incomplete(run: Run, tmp_path: Path) -> None:
    (write_export(tmp_path / "files") / "Get-DistributionGroupMember.Second.json").write_bytes(b"")
    run("import", "source", "files")
    entry = bundle_of(tmp_path).tables["group_members"]
    assert (entry.complete, entry.parts, entry.rows) == (False, ("ctmallowed",), 2)
    assert "part second" in entry.reason


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tenant_id": OTHER}, f"is of tenant {OTHER}; the project's source tenant is {TENANT}"),
        ({"side": "target"}, "_export.json is of the target tenant, not of the source tenant"),
        ({"started_at": "x"}, "started_at"),
    ],
)
def test_files_of_another_tenant_or_side_are_refused(run: Run, tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    write_record(write_export(tmp_path / "files"), **changes)
    code, out, err = run("import", "source", "files")
    assert (code, out) == (2, "")
    assert why in err
    assert not (tmp_path / "evidence").exists()


def test_two_records_of_different_tenants_are_refused_without_a_project(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ctm-audit.toml").unlink()
    write_record(write_export(tmp_path / "a"))
    write_record(write_export(tmp_path / "b"), tenant_id=OTHER)
    code, _, err = run("import", "source", "a", "b", "-o", "out")
    assert code == 2
    assert "different tenants" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("names", [[], ["notes.txt"], ["Get-Recipient.json"], ["Get-Mailbox.json"]])
def test_nothing_usable_writes_nothing(run: Run, tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "files").mkdir()
    for name in names:
        (tmp_path / "files" / name).write_bytes(b"")
    code, out, err = run("import", "source", "files")
    assert (code, out) == (2, "")
    assert "Nothing could be used" in err
    assert all(name in err for name in names)
    assert not (tmp_path / "evidence").exists()


def test_paths_that_do_not_exist_are_all_named(run: Run, tmp_path: Path) -> None:
    write_export(tmp_path / "files")
    code, _, err = run("import", "source", "files", "nowhere", "neither")
    assert code == 2
    assert "nowhere does not exist" in err
    assert "neither does not exist" in err


def test_without_a_record_the_oldest_file_tells_the_time(run: Run, tmp_path: Path) -> None:
    files = write_export(tmp_path / "files")
    os.utime(files / "Get-Mailbox.json", (1_700_000_000.9, 1_700_000_000.9))
    os.utime(files / "Get-DistributionGroupMember.CTMAllowed.json", (1_600_000_000, 1_600_000_000))
    os.utime(write_json(files, "unknown.json", []), (1, 1))
    run("import", "source", "files")
    bundle = bundle_of(tmp_path)
    assert (str(bundle.collected_at), bundle.collected_how) == ("2020-09-13 12:26:40", "oldest modification time of the files")
    assert str(bundle.tables["mailboxes"].collected_at) == "2023-11-14 22:13:20"
    assert bundle.tenant_id == ""


def test_a_stated_time_stands_for_all_tables_and_is_called_so(run: Run, tmp_path: Path) -> None:
    write_record(write_export(tmp_path / "files"), [recorded()])
    run("import", "source", "files", "--collected-at", "2026-11-01T10:00:00+02:00")
    bundle = bundle_of(tmp_path)
    assert bundle.collected_how == "stated by a person"
    assert {str(entry.collected_at) for entry in bundle.tables.values()} == {"2026-11-01 08:00:00"}


def test_a_file_beside_the_record_that_it_does_not_name(run: Run, tmp_path: Path) -> None:
    files = write_export(tmp_path / "files")
    write_record(files, [recorded()])
    os.utime(files / "Get-DistributionGroupMember.CTMAllowed.json", (1_600_000_000, 1_600_000_000))
    run("import", "source", "files")
    bundle = bundle_of(tmp_path)
    assert bundle.collected_how == "_export.json and oldest modification time of the files"
    assert str(bundle.collected_at) == "2020-09-13 12:26:40"


def test_a_time_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    write_export(tmp_path / "files")
    code, _, err = run("import", "source", "files", "--collected-at", "yesterday")
    assert code == 2
    assert "--collected-at" in err


def test_the_tenant_that_graph_answered_for_names_the_bundle(run: Run, tmp_path: Path) -> None:
    write_json(write_export(tmp_path / "files"), "organization.json", {"value": [{"id": TENANT}]})
    run("import", "source", "files")
    assert bundle_of(tmp_path).tenant_id == TENANT


@pytest.mark.parametrize(
    ("second", "agrees"),
    [(MAILBOXES[::-1], True), (MAILBOXES[:2], False), ([{**MAILBOXES[0], "LitigationHoldEnabled": True}, *MAILBOXES[1:]], False)],
)
def test_two_files_of_one_table_must_say_the_same(run: Run, tmp_path: Path, second: list[dict[str, Any]], agrees: bool) -> None:
    write_json(write_export(tmp_path / "files"), "Get-EXOMailbox.json", second)
    code, out, _ = run("import", "source", "files")
    bundle = bundle_of(tmp_path)
    assert code == 3
    assert ("mailboxes" in bundle.tables) is agrees
    assert ("Get-EXOMailbox.json and Get-Mailbox.json contradict each other" in out) is not agrees


def test_two_files_of_one_group_must_say_the_same_too(run: Run, tmp_path: Path) -> None:
    files = write_export(tmp_path / "files")
    write_json(files / "more", "Get-DistributionGroupMember.CTMALLOWED.json", MEMBERS[:1])
    run("import", "source", "files", files / "more")
    assert "contradict each other" in bundle_of(tmp_path).absent["group_members"]


def test_a_second_file_that_cannot_be_read_makes_the_table_incomplete(run: Run, tmp_path: Path) -> None:
    (write_export(tmp_path / "files") / "Get-Mailbox.csv").write_bytes(b"")
    run("import", "source", "files")
    entry = bundle_of(tmp_path).tables["mailboxes"]
    assert (entry.rows, entry.complete) == (3, False)
    assert "Get-Mailbox.csv: the file holds nothing" in entry.reason


def test_a_folder_in_a_folder_is_named(run: Run, tmp_path: Path) -> None:
    write_export(tmp_path / "files" / "inner")
    write_export(tmp_path / "files")
    assert "Not used: inner: a folder in a folder is not read" in run("import", "source", "files")[2]


def test_the_same_file_named_twice_is_one_file(run: Run, tmp_path: Path) -> None:
    files = write_export(tmp_path / "files")
    run("import", "source", "files", files, files / "Get-Mailbox.json")
    assert bundle_of(tmp_path).tables["mailboxes"].complete


def test_without_a_project_the_folder_must_be_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ctm-audit.toml").unlink()
    write_export(tmp_path / "files")
    assert run("import", "source", "files")[0] == 2
    code, _, err = run("import", "source", "files", "-o", "out")
    assert code == 3
    assert len(list_bundles(tmp_path / "out")) == 1
    assert "Next: close the gaps" in err


def test_a_broken_project_file_is_told_even_when_the_folder_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ctm-audit.toml").write_text("[project]\n", encoding="utf-8")
    write_export(tmp_path / "files")
    assert run("import", "source", "files", "-o", "out")[0] == 2
    assert not (tmp_path / "out").exists()


def test_nothing_enters_while_pandera_is_switched_off(run: Run, tmp_path: Path) -> None:
    write_export(tmp_path / "files")
    with config_context(validation_enabled=False):
        code, _, err = run("import", "source", "files")
    assert code == 5
    assert "PANDERA_VALIDATION_ENABLED" in err
    assert not (tmp_path / "evidence").exists()


def test_a_hostile_name_reaches_no_terminal(run: Run, tmp_path: Path) -> None:
    write_export(tmp_path / "files")
    (tmp_path / "files" / "a\x1b[2Jb\u202e.json").write_bytes(b"[]")
    write_json(tmp_path / "files", "Get-Mailbox.json", [*MAILBOXES, {"Name": "x\x1b[2J\u202e"}])
    _, out, err = run("import", "source", "files")
    assert "\x1b" not in out + err
    assert "\u202e" not in out + err


def test_a_gap_says_which_rules_it_leaves_undetermined(run: Run, tmp_path: Path) -> None:
    boxes = [{name: value for name, value in one.items() if name != "LegacyExchangeDN"} for one in MAILBOXES]
    write_json(tmp_path / "files", "Get-Mailbox.json", boxes)
    _, out, _ = run("import", "source", "files", "--json")
    costs = {gap["what"]: gap["rules"] for gap in json.loads(out)["gaps"]}
    assert costs["LegacyExchangeDN is in none of the objects"] == ["STP-05", "STP-17"]
    assert "LIC-02" in costs["there is no subscribedSkus.json"]
    _, out, _ = run("bundle", "show")
    assert "LegacyExchangeDN is in none of the objects\n      undetermined: STP-05, STP-17\n      ConvertTo-Json" in out


def test_a_table_much_older_than_the_others_is_named(run: Run, tmp_path: Path) -> None:
    write_export(tmp_path / "files")
    eight_days = 8 * 86_400
    moved = (tmp_path / "files" / "Get-Mailbox.json").stat().st_mtime - eight_days
    os.utime(tmp_path / "files" / "Get-Mailbox.json", (moved, moved))
    _, out, _ = run("import", "source", "files")
    assert "Get-Mailbox: it was exported 8 days before the newest table of this import" in out
    assert bundle_of(tmp_path).tables["mailboxes"].complete
