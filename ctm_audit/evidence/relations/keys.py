"""By which evidence a key of the mapping names an object."""

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
