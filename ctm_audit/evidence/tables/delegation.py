"""Who may open, or write in the name of, which mailbox: one row an entry.

An answer does not name the mailbox that was asked for in a form that is unique, so the export line writes it down. Calendars are
found by their type: their names are in the language of the mailbox.
https://learn.microsoft.com/powershell/module/exchangepowershell/get-mailboxpermission
https://learn.microsoft.com/powershell/module/exchangepowershell/get-mailboxfolderpermission
"""

from __future__ import annotations

from datetime import timedelta

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.mailbox_details import MAILBOX_GUID, each_line
from ctm_audit.evidence.tables.schema import SOURCE, Column, Table

A_DAY = timedelta(hours=24)  # one question a mailbox: for ten thousand of them that takes a night
KEY = ("mailbox_guid", "trustee", "rights")
RIGHTS = Column("rights", "text", "AccessRights", n.rights, "what the entry allows, folded, joined by commas", True)
IS_INHERITED = Column("is_inherited", "flag", "IsInherited", n.flag, "true when the entry comes from above and not from an administrator")
# Each calendar of a mailbox, found by its type, and the address of whoever may open it.
CALENDARS = (
    "Get-MailboxFolderStatistics $id -FolderScope Calendar | Where-Object { $_.FolderType -eq 'Calendar' } |"
    " ForEach-Object { Get-MailboxFolderPermission ($id.ToString() + ':' + $_.FolderId) }"
)
TRUSTEE = (
    "@{n='Trustee';e={if ($_.User.RecipientPrincipal) { $_.User.RecipientPrincipal.PrimarySmtpAddress }"
    " else { [string] $_.User.UserType }}}"
)

MAILBOX_PERMISSIONS = Table(
    name="mailbox_permissions",
    command="Get-MailboxPermission",
    stems=("Get-MailboxPermission",),
    key=KEY,
    columns=(
        MAILBOX_GUID,
        Column("trustee", "text", "User", n.key, "who has the right, folded", True),
        RIGHTS,
        IS_INHERITED,
        Column("is_denied", "flag", "Deny", n.flag, "true when the entry forbids"),
    ),
    export=each_line("", "Get-MailboxPermission $id", "User, AccessRights, IsInherited, Deny", "Get-MailboxPermission"),
    sides=SOURCE,
    lasts=A_DAY,
)

RECIPIENT_PERMISSIONS = Table(
    name="recipient_permissions",
    command="Get-RecipientPermission",
    stems=("Get-RecipientPermission",),
    key=KEY,
    columns=(
        MAILBOX_GUID,
        Column("trustee", "text", "Trustee", n.key, "who has the right, folded", True),
        RIGHTS,
        IS_INHERITED,
        Column("type", "text", "AccessControlType", n.key, "allow or deny", True),
    ),
    export=each_line("", "Get-RecipientPermission $id", "Trustee, AccessRights, IsInherited, AccessControlType", "Get-RecipientPermission"),
    sides=SOURCE,
    lasts=A_DAY,
)

CALENDAR_PERMISSIONS = Table(
    name="calendar_permissions",
    command="Get-MailboxFolderPermission",
    stems=("Get-MailboxFolderPermission",),
    key=KEY,
    columns=(
        MAILBOX_GUID,
        Column("trustee", "text", "Trustee", n.key, "who has the right, folded: an address, or default, anonymous, external", True),
        RIGHTS,
    ),
    export=each_line("", CALENDARS, f"{TRUSTEE}, AccessRights", "Get-MailboxFolderPermission"),
    sides=SOURCE,
    lasts=A_DAY,
)
