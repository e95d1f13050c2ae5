"""Zips on the command line: our own layout, and those of Microsoft's CrossTenantMailboxMigrationValidation.ps1."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.cli.exports_list import ALWAYS
from ctm_audit.cli.main import main
from ctm_audit.evidence.bundle import Bundle, newest_bundle, open_bundle
from ctm_audit.evidence.tables import SIDES, tables_of
from tests.cli_import.exporting import MAILBOXES, MEMBERS, OTHER, TENANT, write_json, write_project, write_record
from tests.readers.clixml_writer import clixml

Run = Callable[..., tuple[int, str, str]]
RELATIONSHIP: dict[str, Any] = {
    "Name": "to fabrikam",
    "Enabled": True,
    "DomainNames": [OTHER],
    "MailboxMoveEnabled": True,
    "MailboxMoveCapability": "RemoteOutbound",
    "MailboxMovePublishedScopes": ["CTMAllowed"],
    "OAuthApplicationId": OTHER,
}
OTHER_RELATIONSHIP = {**RELATIONSHIP, "Name": "free busy", "MailboxMoveEnabled": False, "MailboxMoveCapability": "None"}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command inside a project; gives exit code, stdout and stderr."""
    monkeypatch.chdir(write_project(tmp_path))

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def made(folder: Path, side: str = "source") -> Bundle:
    return open_bundle(newest_bundle(folder / "evidence" / side))


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def collected(tenant: str = TENANT, **more: bytes) -> dict[str, bytes]:
    """What `-CollectSourceOnly` writes in Windows PowerShell: Clixml and text in UTF-16."""
    files = {
        "SourceTenantId.txt": f"{tenant}\r\n".encode("utf-16"),
        "SourceOrgRelationship.xml": clixml([RELATIONSHIP, OTHER_RELATIONSHIP]).encode("utf-16"),
        "MailboxMovePublishedScopesSGMembers.xml": clixml(MEMBERS).encode("utf-16"),
        "UsersToProcess.csv": b"SourceUser,TargetUser\r\na,b\r\n",
    }
    for number, box in enumerate(MAILBOXES):
        sizes = {"MailboxGuid": box["ExchangeGuid"], "TotalItemSize": "1 GB (1,073,741,824 bytes)"}
        files[f"SourceMailbox_user{number}@contoso.com.xml"] = clixml([box]).encode("utf-16")
        files[f"MailboxStatistics_user{number}@contoso.com.xml"] = clixml([sizes]).encode("utf-16")
        files[f"MailboxDiagnosticLogs_user{number}@contoso.com.xml"] = clixml([{"MailboxLog": "x"}]).encode("utf-16")
    return files | more


def test_the_zip_of_microsofts_script_is_read_whole(run: Run, tmp_path: Path) -> None:
    zipped(tmp_path / "CTMMCollectedSourceData.zip", collected())
    code, out, err = run("import", "source", "CTMMCollectedSourceData.zip")
    tables = made(tmp_path).tables
    assert code == 3
    assert {name: (entry.rows, entry.complete) for name, entry in tables.items()} == {
        "organization_relationships": (2, True),
        "group_members": (2, True),
        "mailboxes": (3, False),
        "mailbox_statistics": (3, False),
    }
    assert tables["group_members"].parts == ("ctmallowed",)
    assert "collects only the mailboxes of its own list" in tables["mailboxes"].reason
    assert made(tmp_path).tenant_id == TENANT
    assert "UsersToProcess.csv: Microsoft's script wrote it" in err
    assert "there is no Get-DistributionGroup.json" in out


def test_a_zip_of_another_tenant_is_refused(run: Run, tmp_path: Path) -> None:
    zipped(tmp_path / "x.zip", collected(OTHER))
    code, _, err = run("import", "source", "x.zip")
    assert code == 2
    assert f"SourceTenantId.txt is of tenant {OTHER}" in err


@pytest.mark.parametrize(
    "relationships",
    [[OTHER_RELATIONSHIP], [RELATIONSHIP, {**RELATIONSHIP, "Name": "again"}], [{**RELATIONSHIP, "MailboxMoveEnabled": "?"}]],
)
def test_members_of_nobody_knows_which_group_are_not_used(run: Run, tmp_path: Path, relationships: list[dict[str, Any]]) -> None:
    zipped(tmp_path / "x.zip", collected() | {"SourceOrgRelationship.xml": clixml(relationships).encode()})
    _, _, err = run("import", "source", "x.zip")
    assert "group_members" not in made(tmp_path).tables
    assert "whose members these are cannot be told" in err


def test_one_broken_mailbox_costs_only_itself(run: Run, tmp_path: Path) -> None:
    files = collected()
    files["SourceMailbox_user1@contoso.com.xml"] = files["SourceMailbox_user1@contoso.com.xml"][:300]
    zipped(tmp_path / "x.zip", files | {"SourceMailbox_user9@contoso.com.xml": b""})
    run("import", "source", "x.zip")
    entry = made(tmp_path).tables["mailboxes"]
    assert entry.rows == 2
    assert "SourceMailbox_user1@contoso.com.xml" in entry.reason
    assert "SourceMailbox_user9@contoso.com.xml: the file holds nothing" in entry.reason


def test_the_support_zip_gives_each_side_its_own(run: Run, tmp_path: Path) -> None:
    zipped(
        tmp_path / "CTMMCollectedData.zip",
        {
            "TenantIds.txt": f"SourceTenantId: {TENANT}\r\nTargetTenantId: {OTHER}\r\n".encode(),
            "SourceOrgRelationship.xml": clixml([RELATIONSHIP]).encode(),
            "TargetOrgRelationship.xml": clixml([{**RELATIONSHIP, "MailboxMoveCapability": "Inbound"}]).encode(),
            "TargetAcceptedDomains.xml": clixml([{"DomainName": "fabrikam.com", "MatchSubDomains": False}]).encode(),
        },
    )
    assert run("import", "target", "CTMMCollectedData.zip")[0] == 3
    assert sorted(made(tmp_path, "target").tables) == ["accepted_domains", "organization_relationships"]
    assert made(tmp_path, "target").tenant_id == OTHER
    assert run("import", "source", "CTMMCollectedData.zip")[0] == 3
    assert sorted(made(tmp_path).tables) == ["organization_relationships"]


def test_a_hostile_zip_is_refused_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    zipped(tmp_path / "x.zip", {"../Get-Mailbox.json": b"[]"})
    code, _, err = run("import", "source", "x.zip")
    assert code == 5
    assert "leads out of its folder" in err
    assert not (tmp_path / "evidence").exists()


def test_a_zip_in_a_folder_is_named(run: Run, tmp_path: Path) -> None:
    write_json(tmp_path / "files", "Get-Mailbox.json", MAILBOXES)
    zipped(tmp_path / "files" / "x.zip", {})
    assert "x.zip: a zip in a folder is not opened" in run("import", "source", "files")[2]


def test_what_a_file_is_can_be_said(run: Run, tmp_path: Path) -> None:
    write_json(tmp_path, "people.json", MAILBOXES)
    assert run("import", "source", "people.json", "--as", "Get-Mailbox")[0] == 3
    assert made(tmp_path).tables["mailboxes"].complete
    write_json(tmp_path / "files", "people.json", MAILBOXES[:2])
    write_json(tmp_path / "files", "members.json", MEMBERS)
    run("import", "source", "files", "--as", "Get-Mailbox=people.json", "--as", "Get-DistributionGroupMember.CTM=members.json")
    assert made(tmp_path).tables["group_members"].parts == ("ctm",)


def test_a_file_known_by_its_content_is_not_the_whole(run: Run, tmp_path: Path) -> None:
    write_json(tmp_path, "people.json", MAILBOXES)
    assert run("import", "source", "people.json")[0] == 3
    assert "--as Get-Mailbox=people.json does" in made(tmp_path).tables["mailboxes"].reason


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["people.json", "--as", "Get-Nothing"], "Get-Nothing=people.json: that is the name of no export"),
        (["people.json", "--as", "Get-Mailbox=other.json"], "other.json is not among the files"),
        (["people.json", "people.json", "--as", "Get-Mailbox"], "not clear which file is meant"),
        (["people.json", "--as", "Get-DistributionGroupMember"], "must tell the group"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, tmp_path: Path, arguments: list[str], why: str) -> None:
    write_json(tmp_path, "people.json", MAILBOXES)
    code, _, err = run("import", "source", *arguments)
    assert code == 2
    assert why in err


def test_the_five_column_list_is_named_for_what_it_is(run: Run, tmp_path: Path) -> None:
    header = '"UserPrincipalName","PrimarySmtpAddress","ExchangeGuid","LegacyExchangeDN","Alias"'
    row = f'"a@contoso.com","a@contoso.com","{TENANT}","/o=x/cn=a","a"'
    (tmp_path / "list.csv").write_text(f"{header}\r\n{row}\r\n", encoding="utf-8", newline="")
    code, out, _ = run("import", "source", "list.csv")
    assert code == 3
    assert "Get-Mailbox: ExternalDirectoryObjectId is in none of the objects" in out
    assert "nobody says that it is the whole export" in out


def test_objects_of_another_tenant_never_become_evidence(run: Run, tmp_path: Path) -> None:
    strange = {**MAILBOXES[0], "OrganizationalUnitRoot": "litware.onmicrosoft.com"}
    own = {**MAILBOXES[1], "OrganizationalUnitRoot": "Contoso.onmicrosoft.com"}
    write_json(tmp_path, "Get-Mailbox.json", [strange, own])
    run("import", "source", "Get-Mailbox.json")
    entry = made(tmp_path).tables["mailboxes"]
    assert (entry.rows, entry.complete) == (1, False)
    assert "'User0@Contoso.com' is of litware.onmicrosoft.com, not of contoso.onmicrosoft.com" in entry.reason
    write_json(tmp_path, "Get-Mailbox.json", [strange])
    assert run("import", "source", "Get-Mailbox.json")[0] == 2


def test_without_a_project_the_record_tells_whose_objects_they_are(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "elsewhere"
    write_json(folder, "Get-Mailbox.json", [{**MAILBOXES[0], "OrganizationalUnitRoot": "litware.onmicrosoft.com"}, MAILBOXES[1]])
    write_record(folder)
    (tmp_path / "ctm-audit.toml").unlink()
    monkeypatch.chdir(folder)
    run("import", "source", ".", "-o", "out")
    assert "is of litware.onmicrosoft.com" in open_bundle(newest_bundle(folder / "out")).tables["mailboxes"].reason


def test_the_list_of_exports_needs_no_project_and_names_every_way(run: Run) -> None:
    code, out, _ = run("import", "--list")
    assert code == 0
    tables = [table for side in SIDES for table in tables_of(side)]
    for shell in ALWAYS:
        assert sum(line.removesuffix(": none") == f"    {shell}" for line in out.splitlines()) == len(tables)
    for table in tables:
        assert all(f"      {line}\n" in out for line in (table.export, *table.other_exports))
    assert "Get-MailUser.json\n    Microsoft Graph PowerShell: none\n    On-premises: none\n" in out
    assert "ConvertTo-Json -InputObject @(Get-Mailbox -ResultSize Unlimited)" in out
    assert "Get-MgDomain -All" in out
    assert "Get-DistributionGroupMember.GROUP" in out
