"""Fields of `pairs` about what keeps the source mailbox, what moves it already, and what its archive holds."""

from __future__ import annotations

from ctm_audit.evidence.relations.schema import SQL_TYPES, Field, SqlType
from ctm_audit.evidence.tables import TABLES, Column

FLAGS = (
    ("litigation_hold", "LitigationHoldEnabled", "litigation hold (legal counsel)"),
    ("label_hold", "ComplianceTagHoldApplied", "an item with a retention label that retains (the compliance administrator)"),
    ("delay_hold", "DelayHoldApplied", "delay hold after a lifted hold (ends by itself)"),
    ("delay_release_hold", "DelayReleaseHoldApplied", "delay release hold after a lifted hold (ends by itself)"),
)
ORGANIZATION = "source.organization_config"
ORGANIZATION_HOLDS = (
    f"case when {{complete:{ORGANIZATION}}} then (select case when count(*) = count(o.in_place_holds)"
    " then flatten(list(o.in_place_holds)) end from raw.source_organization_config o) end"
)
FLAG_TEXTS = ", ".join(f"case when s.{name} then '{told}' end" for name, _, told in FLAGS)
UNSEEN = ", ".join(
    f"case when s.{name} is null then '{name_there}' end" for name, name_there, _ in (*FLAGS, ("in_place_holds", "InPlaceHolds", ""))
)
FREE = f"not ({' or '.join(f's.{name}' for name, _, _ in FLAGS)}) and s.in_place_holds = [] and ({ORGANIZATION_HOLDS}) = []"
HELD = (
    f"case when {FREE} then [] else list_filter([{FLAG_TEXTS}], lambda cause: cause is not null)"
    " || coalesce(told_holds(retaining(s.in_place_holds)), [])"
    f" || coalesce(list_transform(told_holds(reaching({ORGANIZATION_HOLDS}, s.in_place_holds)),"
    " lambda cause: 'whole organization: ' || cause), [])"
    f" || list_transform(list_filter([{UNSEEN}], lambda cause: cause is not null), lambda cause: 'not exported: ' || cause) end"
)


def _columns(table: str) -> tuple[str, ...]:
    return tuple(f"source.{table}.{column.name}" for column in TABLES[table].columns)


def _of_resources(column: Column) -> tuple[str, ...]:
    return ("source.mailboxes.exchange_guid", "source.calendar_processing.mailbox_guid", f"source.calendar_processing.{column.name}")


def _statistic(name: str, sql_type: SqlType, doc: str) -> Field:
    reads = ("source.mailboxes.exchange_guid", "source.mailbox_statistics.mailbox_guid", f"source.mailbox_statistics.{name}")
    return Field(f"source.{name}", sql_type, doc, reads, f"ss.{name}")


MAILBOX_STATE = (
    Field(
        "source.organization_holds",
        "VARCHAR[]",
        "hold ids of the whole source organization, folded",
        (f"{ORGANIZATION}.name", f"{ORGANIZATION}.in_place_holds"),
        ORGANIZATION_HOLDS,
    ),
    Field(
        "source.held_by",
        "VARCHAR[]",
        "everything that is known to keep the mailbox, each with its owner, and what of it was not exported",
        ("source.mailboxes.object_id",),
        HELD,
        only_told=True,
    ),
    _statistic("deleted_size", "BIGINT", "size of Recoverable Items of the mailbox, bytes"),
    Field(
        "source.archive_deleted_size",
        "BIGINT",
        "size of Recoverable Items of the archive, bytes; 0 without an archive",
        ("source.mailboxes.archive_guid", "source.archive_statistics.mailbox_guid", "source.archive_statistics.deleted_size"),
        "case when s.archive_guid = '' then 0 else sa.deleted_size end",
    ),
    _statistic("is_quarantined", "BOOLEAN", "true while the mailbox is quarantined"),
    _statistic("disconnect_reason", "VARCHAR", "why the mailbox is disconnected, '' when it is not"),
    Field(
        "source.substrate_hold_items",
        "BIGINT",
        "items in the folder SubstrateHolds of the archive; 0 without an archive",
        ("source.mailboxes.archive_guid", "source.mailboxes.exchange_guid", *_columns("archive_folders")),
        "case when s.archive_guid = '' then 0 else sf.items end",
    ),
    Field(
        "source.has_hold_log",
        "BOOLEAN",
        "true when the mailbox's log of holds was exported",
        ("source.mailboxes.exchange_guid",),
        "sh.holds is not null",
        ages=("source.hold_tracking",),
    ),
    Field(
        "source.logged_holds",
        "VARCHAR[]",
        "retention policies that the mailbox's log of holds calls active, folded",
        ("source.mailboxes.exchange_guid", *_columns("hold_tracking")),
        "sh.holds",
    ),
    Field(
        "target.has_onedrive",
        "BOOLEAN",
        "true when the person already has a OneDrive in the target",
        ("target.mail_users.upn", "target.personal_sites.url", "target.personal_sites.owner"),
        "case when od.owner is not null then true when {complete:target.personal_sites} and t.upn is not null"
        " and (select count(*) = count(o.owner) from onedrives o) then false end",
    ),
    *(
        Field(
            f"source.{column.name}",
            SQL_TYPES[column.type],
            column.doc,
            _of_resources(column),
            f"sc.{column.name}",
        )
        for column in TABLES["calendar_processing"].columns[1:]
    ),
    Field(
        "source.archives_expand",
        "BOOLEAN",
        "true when every archive of the source organization expands",
        (f"{ORGANIZATION}.name", f"{ORGANIZATION}.auto_expanding"),
        f"case when {{complete:{ORGANIZATION}}} then (select case when count(*) = count(o.auto_expanding)"
        " then bool_or(o.auto_expanding) end from raw.source_organization_config o) end",
    ),
)
