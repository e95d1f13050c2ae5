"""What keeps a source mailbox, what moves it already, and what does not travel with it.

https://learn.microsoft.com/powershell/module/exchangepowershell/get-mailbox
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Table, exchange_line

MAILBOX_STATE = (
    Column("litigation_hold", "flag", "LitigationHoldEnabled", n.flag, "true while litigation hold is on", sides=SOURCE),
    Column("delay_hold", "flag", "DelayHoldApplied", n.flag, "true while a delay hold follows a lifted hold", sides=SOURCE),
    Column(
        "delay_release_hold",
        "flag",
        "DelayReleaseHoldApplied",
        n.flag,
        "true while chats and other hidden content wait out a lifted hold",
        sides=SOURCE,
    ),
    Column("label_hold", "flag", "ComplianceTagHoldApplied", n.flag, "true once an item has a retention label that retains", sides=SOURCE),
    Column("in_place_holds", "texts", "InPlaceHolds", n.hold_ids, "hold ids on the mailbox, folded", sides=SOURCE),
    Column("retention_hold", "flag", "RetentionHoldEnabled", n.flag, "true while retention processing is suspended", sides=SOURCE),
    Column("elc_disabled", "flag", "ElcProcessingDisabled", n.flag, "true while the folder assistant skips the mailbox", sides=SOURCE),
    Column("aux_archives", "integer", "MailboxLocations", n.aux_archives, "number of auxiliary archives", True, sides=SOURCE),
    Column("auto_expanding", "flag", "AutoExpandingArchiveEnabled", n.flag, "true when the mailbox's archive expands", sides=SOURCE),
    Column("move_status", "text", "MailboxMoveStatus", n.key, "state of a move of the mailbox, folded; `none` without", True, sides=SOURCE),
    Column("move_remote_host", "text", "MailboxMoveRemoteHostName", n.key, "other end of a move, '' for none", sides=SOURCE),
    Column("encryption_policy", "text", "DataEncryptionPolicy", n.text, "data encryption policy (Customer Key), '' for none", sides=SOURCE),
    Column("retention_policy", "text", "RetentionPolicy", n.key, "name of the retention policy, folded, '' for none", sides=SOURCE),
    Column(
        "room_account_enabled", "flag", "RoomMailboxAccountEnabled", n.switched_on, "true when the account of a room is used", sides=SOURCE
    ),
    Column("forwarding_address", "text", "ForwardingAddress", n.text, "recipient to whom mail is forwarded, '' for none", sides=SOURCE),
    Column("forwarding_smtp", "text", "ForwardingSmtpAddress", n.address, "address to which mail is forwarded, '' for none", sides=SOURCE),
)

MAIL_USER_STATE = (
    Column("has_recoverable_quota", "flag", "RecoverableItemsQuota", n.is_limited, "false when the quota is Unlimited", sides=TARGET),
    Column("recoverable_quota", "integer", "RecoverableItemsQuota", n.size, "quota of Recoverable Items, bytes", sides=TARGET),
    Column("move_status", "text", "MailboxMoveStatus", n.key, "state of a move of the object, folded; `none` without", True, sides=TARGET),
)

RETENTION_POLICIES = Table(
    name="retention_policies",
    command="Get-RetentionPolicy",
    stems=("Get-RetentionPolicy",),
    key=("name",),
    columns=(Column("name", "text", "Name", n.key, "name of the policy, folded", True),),
    export=exchange_line("Get-RetentionPolicy"),
    sides=TARGET,
)

MOVE_REQUESTS = Table(
    name="move_requests",
    command="Get-MoveRequest",
    stems=("Get-MoveRequest",),
    key=("exchange_guid",),
    columns=(Column("exchange_guid", "text", "ExchangeGuid", n.guid, "ExchangeGuid of the mailbox that is moved", True),),
    export=exchange_line("Get-MoveRequest", unlimited=True),
)
