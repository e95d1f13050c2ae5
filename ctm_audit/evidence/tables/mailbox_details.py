"""What only a question for each mailbox tells: the folders of its archive, its log of holds, its booking rules.

https://learn.microsoft.com/powershell/module/exchangepowershell/get-mailboxfolderstatistics
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Table

MAILBOX_GUID = Column("mailbox_guid", "text", "mailboxGuid", n.guid, "ExchangeGuid of the mailbox that was asked for", True)


def each_line(mailboxes: str, cmdlet: str, properties: str, file: str) -> str:
    """The line that asks a cmdlet for each of some mailboxes, and writes down of which mailbox the answer is."""
    return (
        f"ConvertTo-Json -InputObject @(Get-Mailbox -ResultSize Unlimited{mailboxes} | ForEach-Object {{ $id = $_.ExchangeGuid;"
        f" {cmdlet} | Select-Object @{{n='mailboxGuid';e={{$id}}}}, {properties} }}) -Depth 6 | Set-Content -Encoding utf8 {file}.json"
    )


ARCHIVE_FOLDERS = Table(
    name="archive_folders",
    command="Get-MailboxFolderStatistics -Archive",
    stems=("Get-MailboxFolderStatistics",),
    variant="Archive",
    key=("mailbox_guid", "path"),
    columns=(
        MAILBOX_GUID,
        Column("path", "text", "FolderPath", n.key, "path of the folder in Recoverable Items, folded", True),
        Column("name", "text", "Name", n.key, "name of the folder, folded", True),
        Column("items", "integer", "ItemsInFolder", n.integer, "items in the folder", True),
    ),
    export=each_line(
        " -Archive",
        "Get-MailboxFolderStatistics $id -Archive -FolderScope RecoverableItems",
        "Name, FolderPath, ItemsInFolder",
        "Get-MailboxFolderStatistics-Archive",
    ),
    sides=SOURCE,
)

HOLD_TRACKING = Table(
    name="hold_tracking",
    command="Export-MailboxDiagnosticLogs",
    stems=("Export-MailboxDiagnosticLogs",),
    key=("mailbox_guid",),
    columns=(
        MAILBOX_GUID,
        Column("holds", "texts", "MailboxLog", n.tracked_holds, "policies that the log of holds calls active, folded"),
    ),
    export=each_line("", "Export-MailboxDiagnosticLogs $id -ComponentName HoldTracking", "MailboxLog", "Export-MailboxDiagnosticLogs"),
    sides=SOURCE,
    optional=True,
)

CALENDAR_PROCESSING = Table(
    name="calendar_processing",
    command="Get-CalendarProcessing",
    stems=("Get-CalendarProcessing",),
    key=("mailbox_guid",),
    columns=(
        MAILBOX_GUID,
        Column("automate_processing", "text", "AutomateProcessing", n.key, "none, autoupdate or autoaccept", True),
        Column("resource_delegates", "texts", "ResourceDelegates", n.texts, "who decides on bookings"),
    ),
    export=each_line(
        " -RecipientTypeDetails RoomMailbox,EquipmentMailbox",
        "Get-CalendarProcessing $id",
        "AutomateProcessing, ResourceDelegates",
        "Get-CalendarProcessing",
    ),
    sides=SOURCE,
)

PERSONAL_SITES = Table(
    name="personal_sites",
    command="Get-SPOSite -IncludePersonalSite",
    stems=("Get-SPOSite",),
    key=("url",),
    columns=(
        Column("url", "text", "Url", n.key, "address of the OneDrive, folded", True),
        Column("owner", "text", "Owner", n.key, "UPN of its owner, folded", True),
    ),
    export="ConvertTo-Json -InputObject @(Get-SPOSite -IncludePersonalSite $true -Limit All -Filter \"Url -like '-my.sharepoint.'\" |"
    " Select-Object Url, Owner) -Depth 6 | Set-Content -Encoding utf8 Get-SPOSite.json",
    sides=TARGET,
    optional=True,
)
