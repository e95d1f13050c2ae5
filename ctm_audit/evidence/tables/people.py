"""Mailboxes, MailUsers and recipients: one row a person or resource."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.mailbox_state import MAIL_USER_STATE, MAILBOX_STATE
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Side, Table, exchange_line

OBJECT_ID = Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id", True)
UPN = Column("upn", "text", "UserPrincipalName", n.key, "user principal name, folded", True)
PRIMARY_SMTP = Column("primary_smtp", "text", "PrimarySmtpAddress", n.address, "primary SMTP address, folded", True)
EXCHANGE_GUID = Column("exchange_guid", "text", "ExchangeGuid", n.guid, "ExchangeGuid, '' for none", True)


def _move_facts(sides: tuple[Side, ...]) -> tuple[Column, ...]:
    """What a move compares between the mailbox and the MailUser that becomes it."""
    return (
        Column("archive_guid", "text", "ArchiveGuid", n.guid, "ArchiveGuid, '' for no archive", True, sides=sides),
        Column(
            "disabled_archive_guid",
            "text",
            "DisabledArchiveGuid",
            n.guid,
            "GUID of an archive that was switched off and can still come back, '' for none",
            True,
            sides=sides,
        ),
        Column("smtp", "texts", "EmailAddresses", n.smtp, "SMTP addresses without prefix, folded", True, sides=sides),
        Column("x500", "texts", "EmailAddresses", n.x500, "X500 addresses without prefix, folded", True, sides=sides),
        Column("x400", "texts", "EmailAddresses", n.x400, "X400 addresses without prefix, folded", True, sides=sides),
        Column(
            "capabilities", "texts", "PersistedCapabilities", n.words, "persisted capabilities, folded, [] without a license", sides=sides
        ),
    )


MAILBOXES = Table(
    name="mailboxes",
    command="Get-Mailbox",
    stems=("Get-Mailbox", "Get-EXOMailbox"),
    key=("object_id",),
    other_key=("exchange_guid",),
    keyless=("DiscoveryMailbox", "ArbitrationMailbox", "AuditLogMailbox", "MonitoringMailbox", "SystemMailbox"),
    columns=(
        OBJECT_ID,
        UPN,
        PRIMARY_SMTP,
        EXCHANGE_GUID,
        *_move_facts(SOURCE),
        Column("recipient_type_details", "text", "RecipientTypeDetails", n.text, "mailbox type, as Exchange spells it", True, sides=SOURCE),
        Column("legacy_exchange_dn", "text", "LegacyExchangeDN", n.text, "LegacyExchangeDN as written", True, sides=SOURCE),
        Column("legacy_exchange_dn_key", "text", "LegacyExchangeDN", n.fold, "LegacyExchangeDN, folded", True, sides=SOURCE),
        Column("name", "text", "Name", n.key, "name in the directory, folded", True, sides=SOURCE),
        Column("send_on_behalf", "texts", "GrantSendOnBehalfTo", n.folds, "who may send on behalf, folded names", sides=SOURCE),
        Column(
            "accepts_only", "flag", "AcceptMessagesOnlyFromSendersOrMembers", n.has_members, "true when only some may write", sides=SOURCE
        ),
        Column("refuses", "flag", "RejectMessagesFromSendersOrMembers", n.has_members, "true when some may not write", sides=SOURCE),
        Column("is_moderated", "flag", "ModerationEnabled", n.flag, "true when somebody must let each message through", sides=SOURCE),
        Column("is_inactive", "flag", "IsInactiveMailbox", n.flag, "true for an inactive mailbox", sides=SOURCE),
        Column("is_soft_deleted", "flag", "WhenSoftDeleted", n.has_time, "true when the mailbox is soft-deleted", sides=SOURCE),
        *MAILBOX_STATE,
        Column("has_quota", "flag", "ProhibitSendReceiveQuota", n.is_limited, "false when the quota is Unlimited", sides=SOURCE),
        Column("quota", "integer", "ProhibitSendReceiveQuota", n.size, "quota of the mailbox, bytes", sides=SOURCE),
        Column("has_archive_quota", "flag", "ArchiveQuota", n.is_limited, "false when the archive quota is Unlimited", sides=SOURCE),
        Column("archive_quota", "integer", "ArchiveQuota", n.size, "quota of the archive, bytes", sides=SOURCE),
    ),
    export=exchange_line("Get-Mailbox", unlimited=True),
)

MAIL_USERS = Table(
    name="mail_users",
    command="Get-MailUser",
    stems=("Get-MailUser",),
    key=("object_id",),
    columns=(
        OBJECT_ID,
        UPN,
        PRIMARY_SMTP,
        EXCHANGE_GUID,
        Column("external_address", "text", "ExternalEmailAddress", n.address, "ExternalEmailAddress without prefix, folded", True),
        Column("primary_domain", "text", "PrimarySmtpAddress", n.domain_of, "domain of the primary SMTP address", True, sides=TARGET),
        Column("sip_domains", "texts", "EmailAddresses", n.sip_domains, "domains of the SIP addresses, folded", True, sides=TARGET),
        Column("address_count", "integer", "EmailAddresses", n.address_count, "number of addresses of every type", True, sides=TARGET),
        Column("when_changed", "time", "WhenChangedUTC", n.time, "when the object was last changed, UTC", True, sides=TARGET),
        *_move_facts(TARGET),
        Column("is_dir_synced", "flag", "IsDirSynced", n.flag, "true when the object is mastered on-premises", sides=TARGET),
        *MAIL_USER_STATE,
    ),
    export=exchange_line("Get-MailUser", unlimited=True),
)

RECIPIENTS = Table(
    name="recipients",
    command="Get-Recipient",
    stems=("Get-Recipient", "Get-EXORecipient"),
    key=("guid",),
    columns=(
        Column("guid", "text", "Guid", n.guid, "directory id of the recipient", True),
        Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id, '' for contacts", True),
        Column("primary_smtp", "text", "PrimarySmtpAddress", n.address, "primary SMTP address, folded", True),
        Column("recipient_type", "text", "RecipientType", n.text, "recipient type", True),
        EXCHANGE_GUID,
        Column("archive_guid", "text", "ArchiveGuid", n.guid, "ArchiveGuid, '' for no archive", True),
        Column("smtp", "texts", "EmailAddresses", n.smtp, "SMTP addresses without prefix, folded", True),
        Column("x500", "texts", "EmailAddresses", n.x500, "X500 addresses without prefix, folded", True),
        Column("external_address", "text", "ExternalEmailAddress", n.address, "ExternalEmailAddress without prefix, folded, '' for none"),
        Column("recipient_type_details", "text", "RecipientTypeDetails", n.text, "recipient type in detail", True),
    ),
    export=exchange_line("Get-Recipient", unlimited=True),
    sides=TARGET,
)

EXCHANGE_USERS = Table(
    name="exchange_users",
    command="Get-User",
    stems=("Get-User",),
    key=("object_id",),
    columns=(
        OBJECT_ID,
        Column(
            "previous_type", "text", "PreviousRecipientTypeDetails", n.key, "what the object was before, folded; `none` for nothing", True
        ),
    ),
    export=exchange_line("Get-User", unlimited=True),
    sides=TARGET,
)
