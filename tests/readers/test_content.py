"""Recognition by content: right, or a question; never another table, and never a whole one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.evidence.tables import SIDES, TABLES, Side, Table, tables_of
from ctm_audit.readers.content import MARKS, tables_by_content
from ctm_audit.readers.recognise import Recognised, recognise
from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.export import objects_of
from tests.evidence.exported import mailbox

SCENARIO = contoso_to_fabrikam(people=6)
EXPORTS: list[tuple[Side, Table, list[dict[str, Any]]]] = [
    (side, table, found)
    for side, tenant in zip(SIDES, (SCENARIO.source, SCENARIO.target), strict=True)
    for table in tables_of(side)
    if (found := objects_of(tenant, table))
]
HOW_TO = ("UserPrincipalName", "PrimarySmtpAddress", "ExchangeGuid", "LegacyExchangeDN", "Alias")


def write(folder: Path, objects: list[dict[str, Any]]) -> Path:
    path = folder / "people.json"
    path.write_text(json.dumps(objects), encoding="utf-8")
    return path


@pytest.mark.parametrize(("side", "table", "objects"), EXPORTS, ids=[f"{side} {table.name}" for side, table, _ in EXPORTS])
def test_a_whole_export_is_recognised_or_asked_for(tmp_path: Path, side: Side, table: Table, objects: list[dict[str, Any]]) -> None:
    found = tables_by_content(write(tmp_path, objects), side)
    assert found in ([], [table])
    assert found or table.name in {"users", "recipients", "group_members", "organization", "mailboxes"} or table.name not in MARKS


@settings(max_examples=60)
@given(st.sampled_from(EXPORTS), st.data())
def test_some_columns_of_an_export_are_never_taken_for_another(
    tmp_path_factory: pytest.TempPathFactory, export: tuple[Side, Table, list[dict[str, Any]]], data: st.DataObject
) -> None:
    side, table, objects = export
    names = data.draw(st.sets(st.sampled_from(sorted(objects[0])), min_size=1))
    some = [{name: value for name, value in one.items() if name in names} for one in objects]
    for found in tables_by_content(write(tmp_path_factory.getbasetemp(), some), side):
        assert found is table


def test_a_guess_is_never_the_whole_table(tmp_path: Path) -> None:
    found = recognise(write(tmp_path, [mailbox(1)]), "source", {})
    assert isinstance(found, Recognised)
    assert found.table is TABLES["mailboxes"]
    assert found.loss == (
        "people.json was recognised by its content, and nobody says that it is the whole export; --as Get-Mailbox=people.json does"
    )


@pytest.mark.parametrize("types", [["UserMailbox", "MailUser"], ["GroupMailbox"], ["RemoteUserMailbox"], [16]])
def test_other_recipients_are_not_taken_for_mailboxes(tmp_path: Path, types: list[Any]) -> None:
    told = recognise(write(tmp_path, [mailbox(number, RecipientTypeDetails=kind) for number, kind in enumerate(types)]), "source", {})
    assert told == "the name is not that of a known export, and its content tells nothing either; --as NAME=people.json says what it is"


@pytest.mark.parametrize("changes", [{"WhenSoftDeleted": "2026-01-01T00:00:00Z"}, {"IsInactiveMailbox": True}])
def test_deleted_mailboxes_are_not_taken_for_mailboxes(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert tables_by_content(write(tmp_path, [mailbox(1, **changes)]), "source") == []


def test_the_five_columns_of_the_usual_how_to_are_an_incomplete_list_of_mailboxes(tmp_path: Path) -> None:
    rows = [{name: mailbox(1).get(name, "a") for name in HOW_TO}]
    assert tables_by_content(write(tmp_path, rows), "source") == [TABLES["mailboxes"]]
    assert tables_by_content(write(tmp_path, rows), "target") == []  # there they may be MailUsers


def test_statistics_of_an_archive_are_told_by_their_value(tmp_path: Path) -> None:
    rows = [{"MailboxGuid": "a", "TotalItemSize": "b", "ItemCount": 1, "IsArchiveMailbox": True}]
    assert tables_by_content(write(tmp_path, rows), "source") == [TABLES["archive_statistics"]]
    rows[0].pop("IsArchiveMailbox")
    assert tables_by_content(write(tmp_path, rows), "source") == []


def test_what_a_person_says_is_believed(tmp_path: Path) -> None:
    path = write(tmp_path, [{"a": 1}])
    assert recognise(path, "source", {"people.json": "get-mailbox"}) == Recognised(TABLES["mailboxes"])
    members = recognise(path, "source", {"people.json": "Get-DistributionGroupMember.CTM"})
    assert isinstance(members, Recognised)
    assert members.part == "ctm"
