"""Fields of `pairs` about somebody else: other objects of the target that hold what the mailbox brings along, or what is planned for it.

They are looked for among the people whose facts a bundle holds and among the keyed hashes of everybody else; the mapped
object itself never counts. `engine.holders` makes the lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ctm_audit.evidence.others import HOLDER, HOLDS, TYPE
from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.schema import Field
from ctm_audit.evidence.tables import OTHERS, Side

MAILBOX = "select r.row_no, unnest({values}) as value from source_keys r join raw.source_mailboxes o on o.object_id = r.id"
PLANNED = "select row_no, lower(unnest([{columns}])) as value from mapping"


@dataclass(frozen=True, slots=True)
class Held:
    """What is looked for, and where: values of one kind in tables of one side.

    `sought` is a query that gives `row_no, value`, folded; `reads` what it is made of; `known` is true in rows of `pairs` of which
    every value is known.
    """

    name: str
    doc: str
    kind: str
    tables: tuple[str, ...]
    sought: str
    reads: tuple[str, ...] = ()
    known: str = "true"
    side: Side = "target"

    @property
    def table(self) -> str:
        """The table in which `engine.holders` puts what it finds; `pairs` knows it by the same name."""
        return f"{self.side}_{self.name}"


def _of_mailbox(name: str, doc: str, kind: str, values: str, columns: Sequence[str]) -> Held:
    """Values of the source mailbox, sought among the target's recipients."""
    known = " and ".join(f"s.{column} is not null" for column in columns)
    reads = tuple(f"source.mailboxes.{column}" for column in columns)
    return Held(name, doc, kind, ("recipients",), MAILBOX.format(values=values), reads, known)


HELD = (
    _of_mailbox(
        "guid_holders",
        "other recipients of the target that have the ExchangeGuid or ArchiveGuid of the source mailbox",
        "guid",
        "[o.exchange_guid, o.archive_guid]",
        ("exchange_guid", "archive_guid"),
    ),
    _of_mailbox(
        "x500_holders",
        "other recipients of the target that have an X500 address of the source mailbox, or its LegacyExchangeDN as one",
        "x500",
        "list_append(coalesce(o.x500, []), o.legacy_exchange_dn_key)",
        ("x500", "legacy_exchange_dn_key"),
    ),
    _of_mailbox(
        "address_holders",
        "other recipients of the target that have an SMTP address of the source mailbox, or that mail is forwarded to",
        "address",
        "o.smtp",
        ("smtp",),
    ),
    Held(
        "upn_holders",
        "other users of the target that have the UPN that the mapping plans",
        "upn",
        ("users",),
        PLANNED.format(columns="upn, final_upn"),
    ),
    Held(
        "planned_holders",
        "other recipients of the target that have an address that the mapping plans, as primary or as UPN",
        "address",
        ("recipients",),
        PLANNED.format(columns='upn, "primary", final_upn, final_primary'),
    ),
    Held(
        "deleted_guid_holders",
        "deleted mailboxes and MailUsers of the target that have the ExchangeGuid or ArchiveGuid of the source mailbox",
        "guid",
        ("deleted_mailboxes", "deleted_mail_users"),
        MAILBOX.format(values="[o.exchange_guid, o.archive_guid]"),
        ("source.mailboxes.exchange_guid", "source.mailboxes.archive_guid"),
        "s.exchange_guid is not null and s.archive_guid is not null",
    ),
    Held(
        "deleted_name_holders",
        "deleted objects of the target that have the target key, a planned name or an SMTP address of the source mailbox",
        "address",
        ("deleted_mailboxes", "deleted_mail_users", "deleted_users"),
        " union all ".join(
            (PLANNED.format(columns='target_key, upn, "primary", final_upn, final_primary'), MAILBOX.format(values="o.smtp"))
        ),
        ("source.mailboxes.smtp",),
        "s.smtp is not null",
    ),
    Held(
        "deleted_guid_holders",
        "deleted mailboxes and MailUsers of the source that have the ExchangeGuid or ArchiveGuid of the mailbox",
        "guid",
        ("deleted_mailboxes", "deleted_mail_users"),
        MAILBOX.format(values="[o.exchange_guid, o.archive_guid]"),
        ("source.mailboxes.exchange_guid", "source.mailboxes.archive_guid"),
        "s.exchange_guid is not null and s.archive_guid is not null",
        "source",
    ),
    Held(
        "deleted_name_holders",
        "deleted mailboxes and MailUsers of the source that have an SMTP address of the mailbox",
        "address",
        ("deleted_mailboxes", "deleted_mail_users"),
        MAILBOX.format(values="o.smtp"),
        ("source.mailboxes.smtp",),
        "s.smtp is not null",
        "source",
    ),
)


def columns_read(held: Held) -> tuple[str, ...]:
    """The evidence in which the holders are looked for, as `SIDE.TABLE.COLUMN`."""
    others = tuple(f"{held.side}.{OTHERS.name}.{column}" for column in ("part", *(column.name for column in OTHERS.columns)))
    return tuple(f"{held.side}.{table}.{column}" for table in held.tables for column in _columns(table, held.kind)) + others


def _columns(table: str, kind: str) -> tuple[str, ...]:
    typed = (TYPE[table],) if table in TYPE else ()
    return (*HOLDER[table], *typed, *HOLDS[table][kind])


def _field(held: Held) -> Field:
    """Known holders stay; that there is nobody is known only of complete evidence."""
    nobody = f"{{complete:{held.table}}} and {held.known}"
    sql = f"case when {held.table}.row_no is not null then {held.table}.holders when {nobody} then [] end"
    reads = tuple(dict.fromkeys((*RESOLUTION["source"], *RESOLUTION["target"], *held.reads, *columns_read(held))))
    return Field(f"{held.side}.{held.name}", "VARCHAR[]", f"{held.doc}; [] for nobody", reads, sql)


HOLDERS = tuple(map(_field, HELD))
