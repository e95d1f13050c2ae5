"""`pairs`: one row a row of the mapping, with what is known of the mailbox and of the object it is mapped to."""

from __future__ import annotations

from ctm_audit.evidence.relations.accounts import ACCOUNTS
from ctm_audit.evidence.relations.holders import HOLDERS
from ctm_audit.evidence.relations.keys import RESOLUTION, STAGE
from ctm_audit.evidence.relations.licenses import PLANNED_LICENSE
from ctm_audit.evidence.relations.mailbox_state import MAILBOX_STATE
from ctm_audit.evidence.relations.plan import PLAN
from ctm_audit.evidence.relations.probes import PROBE
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import SQL_TYPES, Field, Relation
from ctm_audit.evidence.relations.snapshot import SNAPSHOT
from ctm_audit.evidence.relations.usage import USAGE
from ctm_audit.evidence.tables import TABLES, Side, Table

ACCEPTED = ("target.accepted_domains.name", "target.accepted_domains.match_subdomains")
SCOPE = (
    "source.organization_relationships.domain_names",
    "source.organization_relationships.move_scopes",
    "source.distribution_groups.guid",
    "source.distribution_groups.object_id",
    "source.distribution_groups.name",
    "source.distribution_groups.alias",
    "source.distribution_groups.primary_smtp",
    "source.group_members.part",
    "source.group_members.object_id",
)

SUBMIT_BY = "p.wave_submit_by[list_position(p.wave_names, m.wave)]"


def _copied(struct: Side, alias: str, table: Table, *, without: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """The columns of a joined table as fields of a struct."""
    return tuple(
        Field(
            f"{struct}.{column.name}",
            SQL_TYPES[column.type],
            column.doc,
            (f"{struct}.{table.name}.{column.name}",),
            f"{alias}.{column.name}",
        )
        for column in table.columns_of(struct)
        if column.name not in without
    )


STANDS_IN_BATCHES = {
    "source": "(s.object_id is null or (s.upn || s.primary_smtp || s.exchange_guid) is not null)",
    "target": "(s.object_id is null or s.exchange_guid is not null) and (t.object_id is null or (t.upn || t.primary_smtp) is not null)",
}


def _batches(side: Side) -> Field:
    """Who stands in a batch is told by name and by ExchangeGuid, so all of them must be known."""
    reads = tuple(f"{side}.migration_users.{name}" for name in ("identity", "mailbox_guid", "batch", "status"))
    found = f"{side[0]}b"
    sql = (
        f"case when {{complete:{side}.batches}} and {STANDS_IN_BATCHES[side]}"
        f" then case when {found}.row_no is null then [] else {found}.batches end end"
    )
    return Field(f"{side}.batches", "VARCHAR[]", "batches in which the user stands, with their state; [] for none", reads, sql)


def _of_move(name: str, column: str, doc: str) -> Field:
    """Something that the migration service says of a mailbox in a batch of the target."""
    reads = tuple(f"target.migration_users.{name}" for name in ("identity", "mailbox_guid", column))
    sql = (
        f"case when {{complete:target.batches}} and {STANDS_IN_BATCHES['target']}"
        f" then case when mv.row_no is null then [] else mv.{name} end end"
    )
    return Field(f"target.{name}", "VARCHAR[]", doc, reads, sql)


def _plans(side: Side, column: str, doc: str) -> Field:
    reads = (f"{side}.license_details.user_id", f"{side}.license_details.sku_id", f"{side}.license_details.{column}")
    plans, key = f"{side[0]}l", f"{side[0]}r"
    sql = (
        f"case when not {{complete:{side}.license_details}} then null"
        f" when {plans}.user_id is null and {key}.id is not null then [] else {plans}.{column} end"
    )
    return Field(f"{side}.{column}", "VARCHAR[]", doc, reads, sql)


def _found(side: Side, doc: str, *, hits: bool) -> Field:
    complete = f"{{complete:{side}.keys}}"
    alias = f"{side[0]}r.hits"
    if hits:
        return Field(f"{side}.hits", "BIGINT", doc, RESOLUTION[side], f"case when {alias} > 1 or {complete} then coalesce({alias}, 0) end")
    return Field(f"{side}.found", "BOOLEAN", doc, RESOLUTION[side], f"case when {alias} > 0 then true when {complete} then false end")


def _rows(side: Side, what: str) -> Field:
    found = f"{side[0]}r"
    sql = f"case when {found}.id is not null then n{side[0]}.mapped when {found}.row_no is null and {{complete:{side}.keys}} then 0 end"
    doc = f"how many rows of the mapping name the {what} that the key names, by whatever key; 0 when it names none"
    return Field(f"{side}.rows", "BIGINT", doc, RESOLUTION[side], sql)


def _named_id(side: Side, what: str) -> Field:
    found = f"{side[0]}r"
    sql = f"case when {found}.row_no is not null then {found}.id when {{complete:{side}.keys}} then '' end"
    return Field(f"{side}.named_id", "VARCHAR", f"id of the {what} that the key names, '' for none", RESOLUTION[side], sql)


def _former_keys(side: Side) -> Field:
    found, former = f"{side[0]}r", f"f{side[0]}"
    sql = (
        f"case when {found}.id is not null then coalesce(list_filter({former}.keys, lambda k: k <> m.{side}_key), [])"
        f" when {found}.row_no is null and {{complete:{side}.keys}} then [] end"
    )
    doc = "other keys under which mapping.lock knows the object that the key names, [] for none"
    return Field(f"lock.{side}_former_keys", "VARCHAR[]", doc, RESOLUTION[side], sql)


def _locked(name: str, doc: str, sql: str) -> Field:
    return Field(f"lock.{name}", "VARCHAR", f"{doc} in mapping.lock, '' when the key is not locked yet", sql=f"coalesce({sql}, '')")


def _recipient(column: str, doc: str) -> Field:
    reads = ("target.recipients.guid", "target.recipients.object_id", f"target.recipients.{column}")
    sql = f"case when r.id is not null then r.{column} when tr.id is not null and {{complete:target.keys}} then '' end"
    return Field(f"target.{column}", "VARCHAR", doc, reads, sql)


PAIRS = Relation(
    name="pairs",
    doc="One row for each row of the mapping: a mailbox of the source and the object it is mapped to in the target.",
    kind="mailbox",
    fields=(
        Field("id", "VARCHAR", "the source key as the mapping writes it", sql="m.source"),
        Field("name", "VARCHAR", "the source key and the target key", sql="m.source || ' → ' || m.target"),
        Field("wave", "VARCHAR", "wave of the row, '' for none", sql="m.wave"),
        Field(
            "stage",
            "VARCHAR",
            "unprepared, prepared, moving, synced, moved or inconsistent",
            STAGE,
            "stage_of.stage",
        ),
        _found("source", "true when the key names a mailbox of the source", hits=False),
        _found("source", "how many mailboxes of the source the key names", hits=True),
        _rows("source", "mailbox"),
        _named_id("source", "mailbox"),
        *_copied("source", "s", TABLES["mailboxes"], without=("send_on_behalf",)),
        Field(
            "source.total_item_size",
            "BIGINT",
            "size of the mailbox, bytes",
            ("source.mailboxes.exchange_guid", "source.mailbox_statistics.mailbox_guid", "source.mailbox_statistics.total_item_size"),
            "ss.total_item_size",
        ),
        Field(
            "source.archive_total_item_size",
            "BIGINT",
            "size of the archive, bytes; 0 without an archive",
            ("source.mailboxes.archive_guid", "source.archive_statistics.mailbox_guid", "source.archive_statistics.total_item_size"),
            "case when s.archive_guid = '' then 0 else sa.total_item_size end",
        ),
        *MAILBOX_STATE,
        _plans("source", "success_plans", "known service plans (reference/licenses.toml) in state Success"),
        Field(
            "source.in_scope",
            "BOOLEAN",
            "true when the mailbox is a direct member of a group published to the target",
            ("source.mailboxes.object_id", *SCOPE),
            "case when s.object_id in (select object_id from scope_members) then true "
            "when (select scopes_are_known from scope_summary) then false end",
        ),
        _batches("source"),
        _found("target", "true when the key names a recipient or user of the target", hits=False),
        _found("target", "how many objects of the target the key names", hits=True),
        _rows("target", "object"),
        _named_id("target", "object"),
        _recipient("recipient_type", "recipient type, '' when the object is no recipient"),
        _recipient("recipient_type_details", "recipient type in detail, '' when the object is no recipient"),
        *_copied("target", "t", TABLES["mail_users"]),
        Field(
            "target.previous_type",
            "VARCHAR",
            TABLES["exchange_users"].column("previous_type").doc,
            ("target.exchange_users.object_id", "target.exchange_users.previous_type"),
            "tx.previous_type",
        ),
        *ACCOUNTS,
        _plans("target", "success_plans", "known service plans (reference/licenses.toml) in state Success"),
        _plans("target", "live_plans", "known service plans (reference/licenses.toml) in any state but Disabled"),
        Field(
            "target.unaccepted_smtp",
            "VARCHAR[]",
            "SMTP addresses in domains that the target tenant does not accept",
            ("target.mail_users.smtp", *ACCEPTED),
            "case when {complete:target.accepted_domains} and refused.is_known"
            " then list_filter(t.smtp, lambda a: list_contains(refused.domains, split_part(a, '@', -1))) end",
        ),
        _batches("target"),
        *HOLDERS,
        _of_move("scores", "consistency", "data consistency scores of its move, folded; [] before there is one"),
        _of_move("errors", "error", "what the migration service says is wrong with its move; [] for nothing"),
        *USAGE,
        *SNAPSHOT,
        *PLAN,
        *PLANNED_LICENSE,
        Field("plan.has_submit_by", "BOOLEAN", "true when the project says submit_by for the wave", sql=f"{SUBMIT_BY} is not null"),
        Field("plan.submit_by", "TIMESTAMP", "until when the wave of the mailbox is submitted, UTC", sql=SUBMIT_BY),
        Field("plan.route", "VARCHAR", "how the mailbox moves, mrs or orchestrator", sql="coalesce(nullif(m.route, ''), p.route)"),
        _locked("source_object_id", "object id of the source key", "ls.object_id"),
        _locked("source_exchange_guid", "ExchangeGuid of the source key", "ls.exchange_guid"),
        _locked("target_object_id", "object id of the target key", "lt.object_id"),
        _former_keys("source"),
        _former_keys("target"),
        *PROBE,
        *PROJECT,
    ),
)
