"""What a rule may read: relations, their fields, and the evidence that each field is made of.

A relation that rules judge (`pairs`, `tenants`, `seats` …) has one row for each thing to judge. Beside them every
evidence table is a relation of its own, `source_mailboxes`, `target_recipients` and so on, for use in subqueries.
A field exists in a run only when everything it is made of was collected (docs/relations.md).
"""

from __future__ import annotations

from ctm_audit.evidence.relations.batches import BATCHES
from ctm_audit.evidence.relations.delegations import DELEGATIONS
from ctm_audit.evidence.relations.dns import DNS_DOMAINS, DNS_SERVERS
from ctm_audit.evidence.relations.dns_hosts import DNS_MX_HOSTS, DNS_RESOLVERS
from ctm_audit.evidence.relations.domains import DOMAINS
from ctm_audit.evidence.relations.evidence import EVIDENCE
from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.licenses import LICENSE_SEATS
from ctm_audit.evidence.relations.mail_rules import MAIL_RULES
from ctm_audit.evidence.relations.mapping_file import MAPPING_FILE
from ctm_audit.evidence.relations.pairs import PAIRS
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.reference import REFERENCE
from ctm_audit.evidence.relations.schema import SQL_TYPES, Field, Relation, SqlType
from ctm_audit.evidence.relations.scope_groups import SCOPE_GROUPS
from ctm_audit.evidence.relations.seats import SEATS
from ctm_audit.evidence.relations.tenants import TENANTS
from ctm_audit.evidence.relations.unmapped import UNMAPPED
from ctm_audit.evidence.relations.waves import WAVES
from ctm_audit.evidence.tables import ALL_SIDES, DNS, TABLES, Column, Side, Table, evidence_of

__all__ = [
    "BATCHES",
    "DELEGATIONS",
    "DNS_DOMAINS",
    "DNS_MX_HOSTS",
    "DNS_RESOLVERS",
    "DNS_SERVERS",
    "DOMAINS",
    "EVIDENCE",
    "JUDGED",
    "LICENSE_SEATS",
    "MAIL_RULES",
    "MAPPING_FILE",
    "PAIRS",
    "PROJECT",
    "REFERENCE",
    "RELATIONS",
    "RESOLUTION",
    "SCOPE_GROUPS",
    "SEATS",
    "SQL_TYPES",
    "TENANTS",
    "UNMAPPED",
    "WAVES",
    "Field",
    "Relation",
    "SqlType",
    "origin",
]


def _plain(side: Side, table: Table) -> Relation:
    """An evidence table as a relation."""
    place = f"{side}.{table.name}"
    fields = [_plain_field(place, column) for column in table.columns_of(side)]
    if table.parts:
        fields.insert(0, Field("part", "VARCHAR", "the group that the file was exported for, folded", (f"{place}.part",)))
    return Relation(f"{side}_{table.name}", _what(side, table), tuple(fields), over=(place,))


def _what(side: Side, table: Table) -> str:
    return f"What `ctm-audit dns observe` wrote: {table.command}." if side in DNS else f"{table.command} of the {side} tenant."


def _plain_field(place: str, column: Column) -> Field:
    return Field(column.name, SQL_TYPES[column.type], column.doc, (f"{place}.{column.name}",))


JUDGED: dict[str, Relation] = {
    relation.name: relation
    for relation in (
        *(PAIRS, TENANTS, SEATS, LICENSE_SEATS, EVIDENCE, WAVES, UNMAPPED, BATCHES, DELEGATIONS),
        *(MAIL_RULES, MAPPING_FILE, DOMAINS, SCOPE_GROUPS),
        *(DNS_DOMAINS, DNS_SERVERS, DNS_RESOLVERS, DNS_MX_HOSTS),
    )
}
RELATIONS: dict[str, Relation] = {
    **JUDGED,
    **{relation.name: relation for relation in REFERENCE},
    **{f"{side}_{table.name}": _plain(side, table) for side in ALL_SIDES for table in evidence_of(side)},
}


def origin(read: str) -> str:
    """`SIDE.TABLE.COLUMN` in an administrator's words: `source Get-Mailbox.ExchangeGuid`."""
    side, table, column = read.split(".")
    return f"{side} {TABLES[table].origin(column)}"
