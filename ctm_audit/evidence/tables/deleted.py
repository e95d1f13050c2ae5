"""What was deleted and can still come back: for 30 days it keeps its ids and names.

https://learn.microsoft.com/exchange/recipients-in-exchange-online/delete-or-restore-mailboxes and
https://learn.microsoft.com/graph/api/directory-deleteditems-list
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import TARGET, Column, Table, graph_cmdlet_line, graph_line

DELETED = (
    Column("guid", "text", "Guid", n.guid, "directory id", True),
    Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id, '' where the account is gone for good"),
    Column("upn", "text", "UserPrincipalName", n.key, "user principal name, folded", True),
    Column("exchange_guid", "text", "ExchangeGuid", n.guid, "ExchangeGuid, '' for none"),
    Column("archive_guid", "text", "ArchiveGuid", n.guid, "ArchiveGuid, '' for no archive"),
    Column("smtp", "texts", "EmailAddresses", n.smtp, "SMTP addresses without prefix, folded", True),
)


def _line(cmdlet: str, file: str) -> str:
    return f"ConvertTo-Json -InputObject @({cmdlet} -ResultSize Unlimited) -Depth 6 | Set-Content -Encoding utf8 {file}.json"


DELETED_MAILBOXES = Table(
    name="deleted_mailboxes",
    command="Get-Mailbox -SoftDeletedMailbox",
    stems=("Get-Mailbox",),
    variant="SoftDeleted",
    key=("guid",),
    columns=DELETED,
    export=_line("Get-Mailbox -SoftDeletedMailbox", "Get-Mailbox-SoftDeleted"),
)

DELETED_MAIL_USERS = Table(
    name="deleted_mail_users",
    command="Get-MailUser -SoftDeletedMailUser",
    stems=("Get-MailUser",),
    variant="SoftDeleted",
    key=("guid",),
    columns=DELETED,
    export=_line("Get-MailUser -SoftDeletedMailUser", "Get-MailUser-SoftDeleted"),
)

DELETED_USERS = Table(
    name="deleted_users",
    command="Graph directory/deletedItems/microsoft.graph.user",
    stems=("deletedItems", "Get-MgDirectoryDeletedItemAsUser"),
    key=("object_id",),
    columns=(
        Column("object_id", "text", "id", n.guid, "Entra object id", True),
        Column("smtp", "texts", "proxyAddresses", n.smtp, "SMTP addresses without prefix, folded"),
    ),
    export=graph_line("directory/deletedItems/microsoft.graph.user?$top=999&$select=id,proxyAddresses", "deletedItems"),
    other_exports=(graph_cmdlet_line("Get-MgDirectoryDeletedItemAsUser", "-All -Property Id,ProxyAddresses"),),
    sides=TARGET,
)
