"""By which evidence a key of the mapping names an object, and which tells how far a pair has come."""

from __future__ import annotations

RESOLUTION = {
    "source": (
        "source.mailboxes.object_id",
        "source.mailboxes.upn",
        "source.mailboxes.primary_smtp",
        "source.mailboxes.exchange_guid",
    ),
    "target": (
        "target.mail_users.object_id",
        "target.mail_users.upn",
        "target.mail_users.primary_smtp",
        "target.recipients.guid",
        "target.recipients.object_id",
        "target.recipients.primary_smtp",
        "target.users.object_id",
        "target.users.upn",
    ),
}
MOVED = (
    "source.mail_users.object_id",
    "source.mail_users.upn",
    "source.mail_users.primary_smtp",
    "source.mail_users.exchange_guid",
    "source.mail_users.external_address",
    "target.mailboxes.object_id",
    "target.mailboxes.upn",
    "target.mailboxes.primary_smtp",
    "target.mailboxes.exchange_guid",
)
MIGRATION_STATE = tuple(f"target.migration_users.{name}" for name in ("identity", "mailbox_guid", "status"))
STAGE = tuple(sorted({*RESOLUTION["source"], *RESOLUTION["target"], *MOVED, *MIGRATION_STATE, "target.recipients.recipient_type_details"}))
