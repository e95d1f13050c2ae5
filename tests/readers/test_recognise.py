"""Files are recognised by their names, and every other file is named with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit.evidence.tables import SIDES, TABLES, Side
from ctm_audit.readers.collected import file_name
from ctm_audit.readers.recognise import Recognised, recognise


@pytest.mark.parametrize(
    ("name", "side", "table", "part"),
    [
        ("Get-Mailbox.json", "source", "mailboxes", ""),
        ("GET-MAILBOX.JSON", "target", "mailboxes", ""),
        ("Get-EXOMailbox.csv", "source", "mailboxes", ""),
        ("Get-MailboxStatistics.json", "source", "mailbox_statistics", ""),
        ("get-mailboxstatistics-archive.csv", "source", "archive_statistics", ""),
        ("Get-EXOMailboxStatistics-Archive.json", "source", "archive_statistics", ""),
        ("Get-DistributionGroupMember.CTMAllowed.json", "source", "group_members", "ctmallowed"),
        ("Get-DistributionGroupMember.CTM allowed v1.2.json", "source", "group_members", "ctm allowed v1.2"),
        ("users.json", "target", "users", ""),
        ("subscribedSkus.json", "source", "subscribed_skus", ""),
    ],
)
def test_recognised(name: str, side: Side, table: str, part: str) -> None:
    assert recognise(Path(name), side, {}) == Recognised(TABLES[table], part)


@pytest.mark.parametrize(
    ("name", "side", "why"),
    [
        ("Get-Mailbox.txt", "source", "a file of this kind is not read"),
        ("Get-Mailbox", "source", "a file of this kind is not read"),
        ("notes.json", "source", "not that of a known export"),
        ("Get-Mailbox (1).json", "source", "not that of a known export"),
        ("Get-Mailbox.old.json", "source", "one file"),
        ("Get-MailboxStatistics-Archives.json", "source", "not that of a known export"),
        ("Get-DistributionGroupMember.json", "source", "GROUP"),
        ("Get-DistributionGroupMember. .json", "source", "GROUP"),
        ("Get-DistributionGroupMember.\udcff.json", "source", "GROUP"),
        ("Get-Recipient.json", "source", "nothing reads Get-Recipient of the source tenant"),
    ],
)
def test_not_used(name: str, side: Side, why: str) -> None:
    told = recognise(Path(name), side, {})
    assert isinstance(told, str)
    assert why in told


@pytest.mark.parametrize("side", SIDES)
def test_the_name_that_the_tool_asks_for_is_recognised(side: Side) -> None:
    for table in TABLES.values():
        if side in table.sides:
            found = recognise(Path(file_name(table)), side, {})
            assert isinstance(found, Recognised)
            assert found.table is table
