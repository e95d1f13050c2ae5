"""What rules judge of DNS: the domains that move, and their authoritative servers."""

from __future__ import annotations

from ctm_audit.evidence.relations.dns_plan import CHANGING, HISTORY, PLAN
from ctm_audit.evidence.relations.dns_proofs import EXPECTED, PROVEN
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation, SqlType
from ctm_audit.evidence.tables.dns import ROLES, Role

ANSWERS = tuple(f"dns.answers.{name}" for name in ("vantage", "kind", "domain", "role", "name", "way", "round", "outcome", "data", "chain"))
TTL, NOTES = "dns.answers.ttl", "dns.answers.notes"
ZONE = "dns.zones.domain"
VOTES = ("dns.vantages.vantage", "dns.vantages.votes")
SERVERS = tuple(f"dns.name_servers.{name}" for name in ("domain", "server", "ip", "vantage", "is_asked"))
OF_ALL: tuple[tuple[str, SqlType, str, tuple[str, ...]], ...] = (
    ("data", "VARCHAR[]", "what the authoritative servers that answer hold, all of them together, sorted; [] for nothing", ANSWERS),
    ("chain", "VARCHAR[]", "targets of the CNAMEs that they hold, all together, sorted", ANSWERS),
    ("sets", "VARCHAR[]", "the different record sets that they hold, each in one text; one when they agree", ANSWERS),
    ("same", "BOOLEAN", "true when all servers that answer hold the same", ANSWERS),
    ("unknown", "BIGINT", "servers of which it is not known what they hold", ANSWERS),
    ("outcomes", "VARCHAR[]", "how the questions to all servers ended, each once, sorted", ANSWERS),
    ("ttl", "BIGINT", "the longest TTL that a server gives, in seconds; 0 without a record", (*ANSWERS, TTL)),
    ("whole", "BOOLEAN", "true when every server of the domain holds something known; else unknown", (*ANSWERS, *SERVERS)),
    ("voters", "BIGINT", "resolvers that vote and know the answer", (*ANSWERS, *VOTES)),
    ("heard", "BOOLEAN", "true when two resolvers that vote know the answer; else unknown", (*ANSWERS, *VOTES)),
    ("voters_same", "BIGINT", "of these, the ones that say what the authoritative servers together say", (*ANSWERS, *VOTES)),
)
FACT = "f.roles['{role}'].{name}"
SURE = {
    "whole": "case when f.roles['{role}'].unknown = 0 and len(n.unasked) = 0 then true end",
    "heard": "case when f.roles['{role}'].voters >= 2 then true end",
}
OF_ONE: tuple[tuple[str, SqlType, str, tuple[str, ...]], ...] = (
    ("outcome", "VARCHAR", "how the question ended: answer, nodata, nxdomain, or why it is not known", ANSWERS),
    ("data", "VARCHAR[]", "what was answered, sorted; [] for nothing, unknown when it is not known", ANSWERS),
    ("chain", "VARCHAR[]", "targets of the CNAMEs on the way, in order", ANSWERS),
    ("ttl", "BIGINT", "the least TTL of the answer in seconds; 0 without a record", (*ANSWERS, TTL)),
)


def of_role(role: Role, facts: tuple[tuple[str, SqlType, str, tuple[str, ...]], ...]) -> tuple[Field, ...]:
    """The facts of one role; a role that was not asked about is unknown."""
    return tuple(
        Field(f"{role.name}.{name}", kind, f"{role.doc}: {doc}", reads, SURE.get(name, FACT).format(role=role.name, name=name))
        for name, kind, doc, reads in facts
    )


def _zone(name: str, kind: SqlType, doc: str, sql: str = "", also: tuple[str, ...] = ()) -> Field:
    return Field(name, kind, doc, (ZONE, *(also or (f"dns.zones.{name}",))), sql or f"z.{name}")


def _about(name: str, doc: str, sql: str) -> Field:
    return Field(name, "VARCHAR", doc, sql=sql)


WAVE = _about("wave", "always ''", "''")
DELEGATION = (
    Field(
        "is_observed",
        "BOOLEAN",
        "true when `dns observe` has asked about the domain",
        (ZONE,),
        "case when z.domain is not null then true when {complete:dns.zones} then false end",
    ),
    _zone("observed_at", "TIMESTAMP", "when it was observed, UTC", "z.asked_at", ("dns.zones.asked_at",)),
    _zone("zone", "VARCHAR", "the zone that holds the domain: itself, or one above it; '' when there is none"),
    _zone(
        "delegation",
        "VARCHAR",
        "what the parent says: answer for a delegation, nodata when the domain has no zone of its own, nxdomain when it does not exist",
        "case when z.outcome in ('answer', 'nodata', 'nxdomain') then z.outcome end",
        ("dns.zones.outcome",),
    ),
    _zone(
        "parent_ns",
        "VARCHAR[]",
        "name servers that the parent names, sorted",
        "case when z.outcome in ('answer', 'nodata', 'nxdomain') then z.parent_ns end",
        ("dns.zones.outcome", "dns.zones.parent_ns"),
    ),
    _zone(
        "child_ns",
        "VARCHAR[]",
        "name servers that the zone itself names, sorted",
        "case when z.child_outcome = 'answer' then z.child_ns end",
        ("dns.zones.child_outcome", "dns.zones.child_ns"),
    ),
    _zone(
        "ds",
        "VARCHAR[]",
        "DS records that the parent holds, sorted; [] when the zone is not signed, and for a domain without a zone of its own",
        "case when z.ds_outcome in ('answer', 'nodata') then z.ds when z.outcome = 'nodata' then [] end",
        ("dns.zones.ds_outcome", "dns.zones.ds", "dns.zones.outcome"),
    ),
)
COUNTED = (
    Field("homeless", "VARCHAR[]", "name servers without an address, sorted", (*SERVERS, "dns.name_servers.outcome"), "n.homeless"),
    Field("servers", "BIGINT", "addresses of authoritative servers that were asked", SERVERS, "n.servers"),
    Field(
        "servers_ok",
        "BIGINT",
        "of these, the ones that answer for the zone with authority; unknown when nobody answered, or some server was not asked",
        (*SERVERS, *ANSWERS),
        "case when (n.ok > 0 or len(n.lame) > 0) and len(n.unasked) = 0 then n.ok end",
    ),
    Field(
        "servers_lame",
        "VARCHAR[]",
        "servers that refuse or answer without authority, with the outcome",
        (*SERVERS, *ANSWERS),
        "n.lame",
    ),
    Field("servers_silent", "VARCHAR[]", "servers of which nothing is known, with the outcome", (*SERVERS, *ANSWERS), "n.silent"),
    Field(
        "negative_ttl",
        "BIGINT",
        "seconds for which resolvers remember that a name is not there, from the SOA",
        (*ANSWERS,),
        "f.negative_ttl",
    ),
    Field(
        "serials_until",
        "TIMESTAMP",
        "when the servers that fetch the zone will have asked for it again, UTC: the SOA's refresh after the observation",
        (*ANSWERS, "dns.answers.asked_at"),
        "f.serials_until",
    ),
    Field("serials", "VARCHAR[]", "serial numbers of the zone at its servers, each once", ANSWERS, "f.serials"),
    Field("differing", "VARCHAR[]", "roles of which the servers do not hold the same, sorted", ANSWERS, "f.differing"),
    Field(
        "notes",
        "VARCHAR[]",
        "what was unusual in answers of authoritative servers, as NAME TYPE: NOTE",
        (*ANSWERS, NOTES),
        "f.notes",
    ),
    Field(
        "bogus",
        "VARCHAR[]",
        "questions that a resolver refuses because of wrong signatures, as NAME TYPE at RESOLVER",
        ANSWERS,
        "r.bogus",
    ),
    Field(
        "validated",
        "BIGINT",
        "voting resolvers that checked the signatures of SOA and MX",
        (*ANSWERS, *VOTES, "dns.answers.ad"),
        "r.validated",
    ),
    Field(
        "is_validated",
        "BOOLEAN",
        "true when two resolvers that vote checked the signatures of SOA and MX; else unknown",
        (*ANSWERS, *VOTES, "dns.answers.ad"),
        "case when r.validated >= 2 then true end",
    ),
    Field("voting", "BIGINT", "resolvers that vote", VOTES, "r.voting"),
    Field(
        "signed_until",
        "TIMESTAMP",
        "when the first signature runs out, UTC; far off when nothing is signed",
        (*ANSWERS, "dns.answers.is_signed", "dns.answers.signed_until"),
        "f.signed_until",
    ),
    Field(
        "selectors",
        "VARCHAR[]",
        "further DKIM selectors that were asked about, as SELECTOR: what they hold",
        ANSWERS,
        "f.selectors",
    ),
)
MAIL = (
    Field("mx_hosts", "VARCHAR[]", "hosts that the authoritative servers name as MX, sorted", ANSWERS, "i.named"),
    Field("best_mx", "VARCHAR[]", "of these, the ones with the lowest preference, sorted", ANSWERS, "i.best"),
    Field("microsoft_mx", "VARCHAR[]", "of these, the ones of Microsoft", ANSWERS, "i.microsoft"),
    Field(
        "foreign_mx",
        "VARCHAR[]",
        "of these, all others",
        ANSWERS,
        "list_filter(i.named, lambda host: not list_contains(i.microsoft, host))",
    ),
    Field(
        "high_ttls",
        "VARCHAR[]",
        f"of the roles {', '.join(CHANGING)} those with a TTL above five minutes, or above the lowest that the provider gives, with it",
        (*ANSWERS, TTL),
        "i.high_ttls",
    ),
    Field(
        "short_ttls",
        "VARCHAR[]",
        "of these roles those whose TTL is less than an hour, and less than at the baseline, with it",
        (*ANSWERS, TTL, *HISTORY),
        "i.short_ttls",
    ),
    Field(
        "voters_with_code",
        "BIGINT",
        "resolvers that vote and see an ownership code of the target",
        (*ANSWERS, *VOTES, *(f"target.verification_records.{name}" for name in ("domain", "kind", "text"))),
        "i.voters_with_code",
    ),
    Field(
        "dotless",
        "VARCHAR[]",
        "hosts of MX and CNAME records that end in the zone's own name behind one of Microsoft's",
        ANSWERS,
        "i.dotless",
    ),
)
DNS_DOMAINS = Relation(
    name="dns_domains",
    doc="One row for each domain that moves: what the parent, its authoritative servers and the resolvers said of it.",
    kind="domain",
    tenant_wide=True,
    about="dns_domains",
    fields=(
        _about("id", "the domain, folded", "d.domain"),
        _about("name", "the domain, folded", "d.domain"),
        WAVE,
        _about("mail_style", "direct, gateway or hybrid, as the project says", "d.mail_style"),
        *DELEGATION,
        *COUNTED,
        *MAIL,
        *PLAN,
        *EXPECTED,
        *PROVEN,
        *(field for role in ROLES for field in of_role(role, OF_ALL)),
        *PROJECT,
    ),
)
UNKNOWN = "(not known)"


def place_of(server: str, vantage: str) -> str:
    """SQL that names a server of a domain."""
    return f"{server[0]}.domain || ' at ' || coalesce({server} || ' ' || {vantage}, '{UNKNOWN}')"


def name_of(what: str, sql: str) -> tuple[Field, Field, Field]:
    """The fields by which a finding names a row."""
    return _about("id", f"{what}; {UNKNOWN} in the place of what nobody could see", sql), _about("name", "the same", sql), WAVE


def seen(alias: str, table: str, name: str, kind: SqlType, doc: str) -> Field:
    """A column of an evidence table as it is."""
    return Field(name, kind, doc, (f"dns.{table}.{name}",), f"{alias}.{name}")


DNS_SERVERS = Relation(
    name="dns_servers",
    doc="One row for each address of an authoritative server of a domain that moves.",
    kind="name server",
    tenant_wide=True,
    about="dns_domains",
    over=("dns.name_servers",),
    fields=(
        *name_of("DOMAIN at SERVER ADDRESS", place_of("s.server", "s.vantage")),
        Field("domain", "VARCHAR", "the domain, folded", SERVERS[:1], "s.domain"),
        seen("s", "name_servers", "server", "VARCHAR", "the name server's name"),
        seen("s", "name_servers", "ip", "VARCHAR", "its address"),
        seen("s", "name_servers", "is_asked", "BOOLEAN", "false for IPv6 on a machine without it"),
        Field(
            "over_tcp",
            "VARCHAR",
            "how the question for the SOA over TCP ended",
            ANSWERS,
            "f.roles['soa over tcp'].outcome",
        ),
        Field("notes", "VARCHAR[]", "what was unusual in its answers, as NAME TYPE: NOTE", (*ANSWERS, NOTES), "f.notes"),
        *(field for role in ROLES for field in of_role(role, OF_ONE)),
        *PROJECT,
    ),
)
