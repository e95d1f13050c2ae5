"""What the migration service knows of its users."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import Column, Table, exchange_line

MIGRATION_USERS = Table(
    name="migration_users",
    command="Get-MigrationUser",
    stems=("Get-MigrationUser",),
    key=("identity",),
    columns=(
        Column("identity", "text", "Identity", n.key, "address the user was submitted with, folded", True),
        Column("mailbox_guid", "text", "MailboxGuid", n.guid, "ExchangeGuid of the mailbox, '' before it is known"),
        Column("batch", "text", "BatchId", n.text, "name of the migration batch", True),
        Column("status", "text", "Status", n.key, "state of the move, folded", True),
    ),
    export=exchange_line("Get-MigrationUser", unlimited=True),
)
