"""`domains`: every domain that plays a part in the migration, and what each tenant says of it."""

from __future__ import annotations

from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import SQL_TYPES, Field, Relation
from ctm_audit.evidence.tables import TABLES

ACCEPTED = tuple(f"target.accepted_domains.{name}" for name in ("name", "type", "match_subdomains"))
NONE_VALUES = {"VARCHAR": "''", "BOOLEAN": "false", "VARCHAR[]": "[]"}


def _of_source(name: str) -> Field:
    """What the source says of the domain; a domain that it does not have is nothing of all that."""
    column = TABLES["domains"].column(name)
    sql_type = SQL_TYPES[column.type]
    sql = f"case when s.name is not null then s.{name} when {{complete:source.domains}} then {NONE_VALUES[sql_type]} end"
    return Field(f"source.{name}", sql_type, column.doc, ("source.domains.name", f"source.domains.{name}"), sql)


def _of_target(name: str) -> Field:
    """What the target says of the domain, or of the accepted domain above it that accepts its subdomains."""
    column = TABLES["domains"].column(name)
    sql_type = SQL_TYPES[column.type]
    sql = (
        f"case when d.name is not null then d.{name} when h.domain is null then null when above.name is not null then above.{name}"
        f" when {{complete:target.domains}} then {NONE_VALUES[sql_type]} end"
    )
    return Field(f"target.{name}", sql_type, column.doc, ("target.domains.name", f"target.domains.{name}", *ACCEPTED), sql)


def _counted(table: str, name: str, field: str) -> Field:
    """A count that was made for the domain; unknown when nobody counted for it."""
    alias = {"domain_references": "refs", "domain_recipients": "rcpt"}[table]
    reads = (f"source.{table}.domain", f"source.{table}.{name}")
    return Field(f"source.{field}", "BIGINT", TABLES[table].column(name).doc, reads, f"{alias}.{name}")


COUNTED = (
    *(_counted("domain_references", name, name) for name in ("users", "deleted_users", "applications")),
    _counted("domain_references", "others", "other_objects"),
    _counted("domain_recipients", "people", "people"),
    _counted("domain_recipients", "others", "other_recipients"),
    _counted("domain_recipients", "policies", "address_policies"),
)

DOMAINS = Relation(
    name="domains",
    doc="One row for each domain that moves, that is the TargetDeliveryDomain, or in which the plan or a mapped MailUser has an address.",
    kind="domain",
    tenant_wide=True,
    fields=(
        Field("id", "VARCHAR", "the domain, folded", sql="u.domain"),
        Field("name", "VARCHAR", "the domain, folded", sql="u.domain"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field("is_moving", "BOOLEAN", "true when the project says that it moves from source to target", sql="u.is_moving"),
        Field("is_delivery", "BOOLEAN", "true for the TargetDeliveryDomain", sql="u.is_delivery"),
        Field(
            "planned",
            "BIGINT",
            "mailboxes that the mapping gives a primary SMTP address in it at completion, in waves without domain cutover",
            sql="u.planned",
        ),
        Field("final", "BIGINT", "mailboxes whose final UPN or final primary SMTP address in the mapping is in it", sql="u.final"),
        Field(
            "used",
            "BIGINT",
            "mapped MailUsers whose primary SMTP address is in it",
            ("target.mail_users.object_id", "target.mail_users.primary_domain"),
            "case when u.used > 0 or {complete:target.mail_users} then u.used end",
        ),
        *(_of_source(name) for name in ("is_verified", "is_default", "is_initial", "authentication", "is_admin_managed")),
        Field(
            "source.children",
            "VARCHAR[]",
            "verified domains of the source below it",
            ("source.domains.name", "source.domains.is_verified"),
            "case when {complete:source.domains} and below.is_known then below.names end",
        ),
        *COUNTED,
        *(_of_target(name) for name in ("is_verified", "services")),
        Field(
            "target.accepted_as",
            "VARCHAR",
            "how the target's Exchange accepts it: authoritative, internalrelay, externalrelay, or '' when it does not",
            ACCEPTED,
            "case when h.domain is null then null when a.name is not null then a.type else '' end",
        ),
        *PROJECT,
    ),
)
