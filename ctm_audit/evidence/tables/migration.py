"""What the migration service knows of its batches and their users."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import TARGET, Column, Table, exchange_line

MIGRATION_USERS = Table(
    name="migration_users",
    command="Get-MigrationUser",
    stems=("Get-MigrationUser",),
    key=("identity",),
    columns=(
        Column("identity", "text", "Identity", n.key, "address the user was submitted with, folded", True),
        Column("mailbox_guid", "text", "MailboxGuid", n.guid, "ExchangeGuid of the mailbox, '' before it is known"),
        Column("batch", "text", "BatchId", n.text, "name of the migration batch", True),
        Column("batch_key", "text", "BatchId", n.key, "name of the migration batch, folded", True, sides=TARGET),
        Column("status", "text", "Status", n.key, "state of the move, folded", True),
        Column("consistency", "text", "DataConsistencyScore", n.key, "data consistency score, folded, '' before it is known", sides=TARGET),
        Column("error", "text", "ErrorSummary", n.text, "why the move stands still, '' for no error", sides=TARGET),
    ),
    export=exchange_line("Get-MigrationUser", unlimited=True),
)

# What was asked for when a batch was made is read back from it: https://learn.microsoft.com/powershell/module/exchangepowershell/get-migrationbatch
MIGRATION_BATCHES = Table(
    name="migration_batches",
    command="Get-MigrationBatch",
    stems=("Get-MigrationBatch",),
    key=("name",),
    columns=(
        Column("name", "text", "Identity", n.key, "name of the migration batch, folded", True),
        Column("status", "text", "Status", n.key, "state of the batch, folded", True),
        Column("created", "time", "CreationDateTimeUTC", n.time, "when the batch was made, UTC", True),
        Column("delivery_domain", "text", "TargetDeliveryDomain", n.key, "TargetDeliveryDomain of the batch, folded, '' for none"),
        Column("flags", "texts", "BatchFlags", n.words, "flags of the batch such as autocomplete, folded; none stands for no flag", True),
        Column("has_complete_after", "flag", "CompleteAfter", n.has_time, "true when the batch completes by itself at some hour"),
        Column("notifies", "flag", "NotificationEmails", n.has_members, "true when somebody gets the reports"),
        Column("skips", "texts", "SkipSteps", n.words, "steps that the batch leaves out, folded; none stands for no step", True),
        Column("primary_only", "flag", "PrimaryOnly", n.switched_on, "true when only the mailbox moves and its archive stays"),
        Column("archive_only", "flag", "ArchiveOnly", n.switched_on, "true when only the archive moves"),
    ),
    export=exchange_line("Get-MigrationBatch", unlimited=True),
    sides=TARGET,
)
