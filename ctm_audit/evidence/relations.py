"""What a rule may read: relations, their fields, and the evidence that each field is made of.

A relation that rules judge (`pairs`, `tenants`, `seats`) has one row for each thing to judge. Beside them every
evidence table is a relation of its own, `source_mailboxes`, `target_recipients` and so on, for use in subqueries.
A field exists in a run only when everything it is made of was collected (docs/relations.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ctm_audit.evidence.tables import SIDES, TABLES, Column, Side, Table, tables_of

SqlType = Literal["VARCHAR", "BOOLEAN", "BIGINT", "TIMESTAMP", "VARCHAR[]"]
SQL_TYPES: dict[str, SqlType] = {
    "text": "VARCHAR",
    "flag": "BOOLEAN",
    "integer": "BIGINT",
    "time": "TIMESTAMP",
    "texts": "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a relation's row.

    `reads` names the evidence as `SIDE.TABLE.COLUMN`; project facts read nothing. `sql` computes the value from the
    aliases of the relation's own query; in it, `{complete:SIDE.TABLE}` stands for true or false.
    """

    name: str
    type: SqlType
    doc: str
    reads: tuple[str, ...] = ()
    sql: str = ""

    @property
    def tables(self) -> frozenset[str]:
        """The tables behind the field, as `SIDE.TABLE`."""
        return frozenset(read.rpartition(".")[0] for read in self.reads)


@dataclass(frozen=True, slots=True)
class Relation:
    """A named set of rows. `kind` says what a row is: `mailbox`, `tenant`, or '' for rows that are only looked up.

    A judged relation has the fields `id`, `name` and `wave`, by which a finding names the row.
    `over` lists the tables whose incompleteness means that rows may be missing.
    """

    name: str
    doc: str
    fields: tuple[Field, ...]
    kind: str = ""
    over: tuple[str, ...] = ()
    by_name: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {item.name: item for item in self.fields})


PROJECT = (
    Field("project.now", "TIMESTAMP", "the time of the audit, UTC (`--as-of` fixes it)", sql="p.now"),
    Field("project.source_tenant_id", "VARCHAR", "tenant id of the source", sql="p.source_tenant_id"),
    Field("project.target_tenant_id", "VARCHAR", "tenant id of the target", sql="p.target_tenant_id"),
    Field("project.source_initial_domain", "VARCHAR", "initial domain of the source, folded", sql="p.source_initial_domain"),
    Field("project.target_initial_domain", "VARCHAR", "initial domain of the target, folded", sql="p.target_initial_domain"),
    Field("project.app_id", "VARCHAR", "application id of the migration app", sql="p.app_id"),
    Field("project.endpoint", "VARCHAR", "name of the migration endpoint, folded", sql="p.endpoint"),
    Field("project.endpoint_name", "VARCHAR", "name of the migration endpoint, as written", sql="p.endpoint_name"),
    Field("project.delivery_domain", "VARCHAR", "TargetDeliveryDomain, folded", sql="p.delivery_domain"),
    Field("project.exchange_host", "VARCHAR", "the documented host of mailbox moves in this cloud", sql="p.exchange_host"),
    Field(
        "project.exchange_hosts", "VARCHAR[]", "every host that has been seen to serve mailbox moves in this cloud", sql="p.exchange_hosts"
    ),
    Field("project.moving_domains", "VARCHAR[]", "domains that move from source to target, folded", sql="p.moving_domains"),
)

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


PLANNED_UPN = (
    "case when m.upn <> '' then m.upn when t.object_id is not null then t.upn"
    " when {complete:target.keys} and contains(m.target_key, '@') then m.target_key end"
)

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
            tuple(
                sorted(
                    {*RESOLUTION["source"], *RESOLUTION["target"], *MOVED, *MIGRATION_STATE, "target.recipients.recipient_type_details"}
                ),
            ),
            "stage_of.stage",
        ),
        _found("source", "true when the key names a mailbox of the source", hits=False),
        _found("source", "how many mailboxes of the source the key names", hits=True),
        _named_id("source", "mailbox"),
        *_copied("source", "s", TABLES["mailboxes"]),
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
        _named_id("target", "object"),
        _recipient("recipient_type", "recipient type, '' when the object is no recipient"),
        _recipient("recipient_type_details", "recipient type in detail, '' when the object is no recipient"),
        *_copied("target", "t", TABLES["mail_users"]),
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
        Field(
            "plan.upn",
            "VARCHAR",
            "UPN at completion: the mapping's, else the target object's, else the target key",
            RESOLUTION["target"],
            PLANNED_UPN,
        ),
        Field(
            "plan.upn_domain",
            "VARCHAR",
            "the part of plan.upn after the last @",
            RESOLUTION["target"],
            f"split_part({PLANNED_UPN}, '@', -1)",
        ),
        _locked("source_object_id", "object id of the source key", "ls.object_id"),
        _locked("source_exchange_guid", "ExchangeGuid of the source key", "ls.exchange_guid"),
        _locked("target_object_id", "object id of the target key", "lt.object_id"),
        _former_keys("source"),
        _former_keys("target"),
        *PROJECT,
    ),
)


def _by_side(name: str, sql_type: SqlType, doc: str, table: str, columns: tuple[str, ...], value: str) -> Field:
    """A value of one tenant, aggregated over a table that both tenants have; NULL where that table is incomplete."""
    reads = tuple(f"{side}.{table}.{column}" for side in SIDES for column in columns)
    choices = " ".join(
        f"when x.id = '{side}' and {{complete:{side}.{table}}} then (select {value} from raw.{side}_{table} o)" for side in SIDES
    )
    return Field(name, sql_type, doc, reads, f"case {choices} end")


TENANTS = Relation(
    name="tenants",
    doc="Two rows, `source` and `target`: settings of a whole tenant.",
    kind="tenant",
    fields=(
        Field("id", "VARCHAR", "`source` or `target`", sql="x.id"),
        Field("name", "VARCHAR", "initial domain of the tenant", sql="x.name"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field("tenant_id", "VARCHAR", "tenant id in the project file", sql="x.tenant_id"),
        Field("partner_tenant_id", "VARCHAR", "tenant id of the other side in the project file", sql="x.partner_tenant_id"),
        _by_side(
            "organization_ids", "VARCHAR[]", "tenant ids that Graph answered for", "organization", ("id",), "list(o.id order by o.id)"
        ),
        _by_side(
            "connection_tenant_ids",
            "VARCHAR[]",
            "tenant ids of the Exchange sessions",
            "connections",
            ("connection_id", "tenant_id"),
            "list(distinct o.tenant_id order by o.tenant_id)",
        ),
        _by_side(
            "is_dehydrated",
            "BOOLEAN",
            "true while organization customization is not enabled",
            "organization_config",
            ("name", "is_dehydrated"),
            "case when count(*) = count(o.is_dehydrated) then bool_or(o.is_dehydrated) end",
        ),
        *PROJECT,
    ),
)

SKU_COLUMNS = ("sku_id", "sku_part_number", "capability_status", "enabled_units", "consumed_units", "plans")
SEATS = Relation(
    name="seats",
    doc="One row a wave (one in all without waves): migration licenses needed up to and with it, and free ones.",
    kind="wave",
    fields=(
        Field("id", "VARCHAR", "the wave, or `all`", sql="w.id"),
        Field("name", "VARCHAR", "the wave in words", sql="w.name"),
        Field("wave", "VARCHAR", "the wave, '' for the whole mapping", sql="w.wave"),
        Field(
            "needed",
            "BIGINT",
            "user mailboxes up to this wave without a migration license on either side",
            (
                *PAIRS.by_name["stage"].reads,
                "source.mailboxes.recipient_type_details",
                "source.mailboxes.capabilities",
                "target.mail_users.capabilities",
                *PAIRS.by_name["source.success_plans"].reads,
                *PAIRS.by_name["target.success_plans"].reads,
            ),
            "w.needed",
        ),
        Field(
            "available",
            "BIGINT",
            "migration seats bought and not assigned, both tenants together",
            tuple(f"{side}.subscribed_skus.{name}" for side in SIDES for name in SKU_COLUMNS),
            "w.available",
        ),
        *PROJECT,
    ),
)

MAILBOX_PLANS = Relation(
    name="mailbox_plans",
    doc="Reference data: the service plans that give a user a mailbox (reference/licenses.toml).",
    fields=(Field("name", "VARCHAR", "service plan name"),),
)


def _plain(side: Side, table: Table) -> Relation:
    """An evidence table as a relation."""
    place = f"{side}.{table.name}"
    fields = [_plain_field(place, column) for column in table.columns_of(side)]
    if table.parts:
        fields.insert(0, Field("part", "VARCHAR", "the group that the file was exported for, folded", (f"{place}.part",)))
    return Relation(f"{side}_{table.name}", f"{table.command} of the {side} tenant.", tuple(fields), over=(place,))


def _plain_field(place: str, column: Column) -> Field:
    return Field(column.name, SQL_TYPES[column.type], column.doc, (f"{place}.{column.name}",))


JUDGED: dict[str, Relation] = {relation.name: relation for relation in (PAIRS, TENANTS, SEATS)}
RELATIONS: dict[str, Relation] = {
    **JUDGED,
    MAILBOX_PLANS.name: MAILBOX_PLANS,
    **{f"{side}_{table.name}": _plain(side, table) for side in SIDES for table in tables_of(side)},
}


def origin(read: str) -> str:
    """`SIDE.TABLE.COLUMN` in an administrator's words: `source Get-Mailbox.ExchangeGuid`."""
    side, table, column = read.split(".")
    return f"{side} {TABLES[table].origin(column)}"
