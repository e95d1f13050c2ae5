"""Sizes of mailboxes and archives."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, Column, Table

STATISTICS = (
    Column("mailbox_guid", "text", "MailboxGuid", n.guid, "ExchangeGuid (or ArchiveGuid) of the mailbox", True),
    Column("total_item_size", "integer", "TotalItemSize", n.size, "size of the items, bytes", True),
    Column("deleted_size", "integer", "TotalDeletedItemSize", n.size, "size of Recoverable Items, bytes", True),
)
HEALTH = (
    Column("item_count", "integer", "ItemCount", n.integer, "items in the mailbox, without Recoverable Items", True),
    Column("deleted_item_count", "integer", "DeletedItemCount", n.integer, "items in Recoverable Items", True),
    Column("is_quarantined", "flag", "IsQuarantined", n.flag, "true while the mailbox is quarantined"),
    Column("disconnect_reason", "text", "DisconnectReason", n.text, "why the mailbox is disconnected, '' when it is not"),
)

MAILBOX_STATISTICS = Table(
    name="mailbox_statistics",
    command="Get-MailboxStatistics",
    stems=("Get-MailboxStatistics", "Get-EXOMailboxStatistics"),
    key=("mailbox_guid",),
    columns=(*STATISTICS, *HEALTH),
    export="ConvertTo-Json -InputObject @(Get-Mailbox -ResultSize Unlimited |"
    " ForEach-Object { Get-MailboxStatistics $_.ExchangeGuid }) -Depth 6 | Set-Content -Encoding utf8 Get-MailboxStatistics.json",
    sides=SOURCE,
)

ARCHIVE_STATISTICS = Table(
    name="archive_statistics",
    command="Get-MailboxStatistics -Archive",
    stems=("Get-MailboxStatistics", "Get-EXOMailboxStatistics"),
    variant="Archive",
    key=("mailbox_guid",),
    columns=STATISTICS,
    export="ConvertTo-Json -InputObject @(Get-Mailbox -ResultSize Unlimited -Archive |"
    " ForEach-Object { Get-MailboxStatistics $_.ExchangeGuid -Archive }) -Depth 6"
    " | Set-Content -Encoding utf8 Get-MailboxStatistics-Archive.json",
    sides=SOURCE,
)
