"""What `_export.json` says beside counts: who could not be asked, a group's real name, and how much was exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctm_audit.errors import UsageError
from ctm_audit.evidence.bundle import open_bundle
from ctm_audit.evidence.manifest import TableEntry
from ctm_audit.readers.collected import ONLY_MAPPED, Asked
from ctm_audit.readers.export_record import read_record
from ctm_audit.readers.importing import import_files
from tests.cli_import.exporting import MAILBOXES, MEMBERS, recorded, write_json, write_record
from tests.evidence.exported import object_id


def take(folder: Path, table: str) -> TableEntry:
    bundle = import_files(Asked("source"), [folder], folder / "bundles").bundle
    return open_bundle(bundle.path).tables[table]


def test_a_table_with_failed_objects_is_incomplete_and_names_them(tmp_path: Path) -> None:
    write_json(tmp_path, "Get-Mailbox.json", MAILBOXES)
    write_record(tmp_path, [recorded(failed=[object_id(7), object_id(8)])])
    entry = take(tmp_path, "mailboxes")
    assert (entry.rows, entry.complete) == (3, False)
    assert f"2 objects could not be asked: {object_id(7)}, {object_id(8)}" in entry.reason


def test_a_hundred_failed_objects_are_counted(tmp_path: Path) -> None:
    write_json(tmp_path, "Get-Mailbox.json", MAILBOXES)
    write_record(tmp_path, [recorded(failed=[object_id(number) for number in range(100)])])
    assert "100 objects could not be asked" in (reason := take(tmp_path, "mailboxes").reason)
    assert "and 80 more" in reason


@pytest.mark.parametrize("more", [{}, {"failed": []}, {"failed": None, "part": None, "scope": None}, {"scope": "all"}])
def test_nothing_more_to_say(tmp_path: Path, more: dict[str, Any]) -> None:
    write_json(tmp_path, "Get-Mailbox.json", MAILBOXES)
    write_record(tmp_path, [recorded(**more)])
    entry = take(tmp_path, "mailboxes")
    assert entry.complete
    assert ONLY_MAPPED not in entry.notes


def test_an_export_of_the_mapped_people_says_so(tmp_path: Path) -> None:
    write_json(tmp_path, "Get-Mailbox.json", MAILBOXES)
    write_record(tmp_path, [recorded(scope="mapped")])
    assert ONLY_MAPPED in take(tmp_path, "mailboxes").notes


def test_the_real_name_of_a_group_wins(tmp_path: Path) -> None:
    file = "Get-DistributionGroupMember.Who moves_-0a1b2c.json"
    write_json(tmp_path, file, MEMBERS)
    write_record(tmp_path, [recorded(file, 2, part="Who moves? / Wer zieht?")])
    assert take(tmp_path, "group_members").parts == ("who moves? / wer zieht?",)


def test_a_group_that_failed_is_named_by_its_real_name(tmp_path: Path) -> None:
    good, bad = "Get-DistributionGroupMember.A.json", "Get-DistributionGroupMember.B_-1.json"
    write_json(tmp_path, good, MEMBERS)
    write_record(tmp_path, [recorded(good, 2), recorded(bad, None, part="B/1", error="Access denied")])
    entry = take(tmp_path, "group_members")
    assert not entry.complete
    assert "part b/1" in entry.reason
    assert "Access denied" in entry.reason


@pytest.mark.parametrize("more", [{"failed": [1]}, {"failed": {"a": 1}}, {"part": 5}, {"scope": ["x"]}])
def test_what_makes_no_sense_is_told(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as error:
        read_record(write_record(tmp_path, [recorded(**more)]))
    assert f"tables[0].{next(iter(more))}: " in error.value.detail[0]
