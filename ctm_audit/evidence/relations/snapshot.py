"""Fields of `pairs` about what of a mailbox cannot be read any more once it has moved, and was therefore exported."""

from __future__ import annotations

from ctm_audit.evidence.relations.schema import Field


def _exported(name: str, table: str, what: str) -> Field:
    """Every mailbox has entries of its own, so an answer without any is none."""
    reads = ("source.mailboxes.object_id", "source.mailboxes.exchange_guid", f"source.{table}.mailbox_guid")
    sql = f"case when sn.{table} then true when s.exchange_guid is not null and {{complete:source.{table}}} then false end"
    return Field(f"source.{name}", "BOOLEAN", f"true when {what} of the mailbox were exported", reads, sql)


def _counted(name: str, doc: str) -> Field:
    reads = ("source.mailboxes.exchange_guid", "source.mailbox_statistics.mailbox_guid", f"source.mailbox_statistics.{name}")
    return Field(f"source.{name}", "BIGINT", doc, reads, f"ss.{name}")


SNAPSHOT = (
    _exported("has_mailbox_permissions", "mailbox_permissions", "the permissions"),
    _exported("has_send_as", "recipient_permissions", "the send-as permissions"),
    _exported("has_calendar_permissions", "calendar_permissions", "the permissions of the calendar"),
    _counted("item_count", "items in the mailbox, without Recoverable Items"),
    _counted("deleted_item_count", "items in Recoverable Items"),
)
