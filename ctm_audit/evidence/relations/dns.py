"""What rules judge of DNS: the domains that move, their authoritative servers, the resolvers, and the hosts that mail goes to."""

from __future__ import annotations

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
    ("voters", "BIGINT", "resolvers that vote and know the answer", (*ANSWERS, *VOTES)),
    ("voters_same", "BIGINT", "of these, the ones that say what the authoritative servers together say", (*ANSWERS, *VOTES)),
)
OF_ONE: tuple[tuple[str, SqlType, str, tuple[str, ...]], ...] = (
    ("outcome", "VARCHAR", "how the question ended: answer, nodata, nxdomain, or why it is not known", ANSWERS),
    ("data", "VARCHAR[]", "what was answered, sorted; [] for nothing, unknown when it is not known", ANSWERS),
    ("chain", "VARCHAR[]", "targets of the CNAMEs on the way, in order", ANSWERS),
    ("ttl", "BIGINT", "the least TTL of the answer in seconds; 0 without a record", (*ANSWERS, TTL)),
)


def _of_role(role: Role, facts: tuple[tuple[str, SqlType, str, tuple[str, ...]], ...]) -> tuple[Field, ...]:
    """The facts of one role; a role that was not asked about is unknown."""
    return tuple(
        Field(f"{role.name}.{name}", kind, f"{role.doc}: {doc}", reads, f"f.roles['{role.name}'].{name}")
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
        "what the parent says: answer, nodata (no zone of its own), nxdomain, or why that is not known",
        "z.outcome",
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
        "DS records that the parent holds, sorted; [] when the zone is not signed",
        "case when z.ds_outcome in ('answer', 'nodata') then z.ds end",
        ("dns.zones.ds_outcome", "dns.zones.ds"),
    ),
)
COUNTED = (
    Field("homeless", "VARCHAR[]", "name servers without an address, sorted", (*SERVERS, "dns.name_servers.outcome"), "n.homeless"),
    Field("servers", "BIGINT", "addresses of authoritative servers that were asked", SERVERS, "n.servers"),
    Field("servers_ok", "BIGINT", "of these, the ones that answer for the zone with authority", (*SERVERS, *ANSWERS), "n.ok"),
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
        *(field for role in ROLES for field in _of_role(role, OF_ALL)),
        *EXPECTED,
        *PROVEN,
        *PROJECT,
    ),
)
UNKNOWN = "(not known)"


def _at(server: str, vantage: str) -> str:
    return f"{server[0]}.domain || ' at ' || coalesce({server} || ' ' || {vantage}, '{UNKNOWN}')"


def _name_of(what: str, sql: str) -> tuple[Field, Field, Field]:
    return _about("id", f"{what}; {UNKNOWN} in the place of what nobody could see", sql), _about("name", "the same", sql), WAVE


def _seen(alias: str, table: str, name: str, kind: SqlType, doc: str) -> Field:
    return Field(name, kind, doc, (f"dns.{table}.{name}",), f"{alias}.{name}")


DNS_SERVERS = Relation(
    name="dns_servers",
    doc="One row for each address of an authoritative server of a domain that moves.",
    kind="name server",
    tenant_wide=True,
    about="dns_domains",
    over=("dns.name_servers",),
    fields=(
        *_name_of("DOMAIN at SERVER ADDRESS", _at("s.server", "s.vantage")),
        Field("domain", "VARCHAR", "the domain, folded", SERVERS[:1], "s.domain"),
        _seen("s", "name_servers", "server", "VARCHAR", "the name server's name"),
        _seen("s", "name_servers", "ip", "VARCHAR", "its address"),
        _seen("s", "name_servers", "is_asked", "BOOLEAN", "false for IPv6 on a machine without it"),
        Field(
            "over_tcp",
            "VARCHAR",
            "how the question for the SOA over TCP ended",
            ANSWERS,
            "f.roles['soa over tcp'].outcome",
        ),
        Field("notes", "VARCHAR[]", "what was unusual in its answers, as NAME TYPE: NOTE", (*ANSWERS, NOTES), "f.notes"),
        *(field for role in ROLES for field in _of_role(role, OF_ONE)),
        *PROJECT,
    ),
)
DNS_RESOLVERS = Relation(
    name="dns_resolvers",
    doc="One row for each domain that moves and each resolver, public ones and the operator's own.",
    kind="resolver",
    tenant_wide=True,
    about="dns_domains",
    over=("dns.vantages",),
    fields=(
        *_name_of("DOMAIN at RESOLVER ADDRESS", _at("v.label", "v.vantage")),
        Field("domain", "VARCHAR", "the domain, folded", VOTES[:1], "v.domain"),
        Field("resolver", "VARCHAR", "its name", ("dns.vantages.label",), "v.label"),
        Field("is_own", "BOOLEAN", "true for the operator's own", ("dns.vantages.kind",), "v.kind = 'own'"),
        _seen("v", "vantages", "votes", "BOOLEAN", "true when it can be used and is honest about names that do not exist"),
        _seen("v", "vantages", "detail", "VARCHAR", "why it does not vote; '' when it does"),
        *(field for role in ROLES if not role.servers for field in _of_role(role, OF_ONE)),
        *PROJECT,
    ),
)


def _host(name: str, kind: SqlType, doc: str, sql: str) -> Field:
    reads = (*ANSWERS, *VOTES) if sql[0] in "act" else ANSWERS
    return Field(name, kind, doc, reads, sql)


DNS_MX_HOSTS = Relation(
    name="dns_mx_hosts",
    doc="One row for each host that an authoritative server names as MX of a domain that moves.",
    kind="mail host",
    tenant_wide=True,
    about="dns_domains",
    over=("dns.answers",),
    fields=(
        *_name_of("DOMAIN to HOST", f"h.domain || ' to ' || coalesce(h.host, '{UNKNOWN}')"),
        _host("domain", "VARCHAR", "the domain, folded", "h.domain"),
        _host("host", "VARCHAR", "the host; . for a null MX", "h.host"),
        _host("preferences", "VARCHAR[]", "its preferences, each once", "h.preferences"),
        _host("at_all", "BOOLEAN", "true when every server that answers names it", "h.at_all"),
        _host("is_literal", "BOOLEAN", "true when an address stands where a name is meant", "h.is_literal"),
        _host("addresses", "VARCHAR[]", "its addresses at the resolvers that vote, all together, sorted", "a.addresses"),
        _host("found_by", "BIGINT", "resolvers that vote and find an address", "c.found_by"),
        _host("not_found_by", "BIGINT", "resolvers that vote and say that it has none", "c.not_found_by"),
        _host("unknown_to", "BIGINT", "resolvers that vote of which it is not known", "c.unknown_to"),
        _host("chain", "VARCHAR[]", "targets of CNAMEs that stand where the host should, sorted", "a.chain"),
        _host("tlsa", "VARCHAR[]", "its TLSA records, sorted; [] for none", "t.tlsa"),
        _host("tlsa_outcomes", "VARCHAR[]", "how the questions for TLSA ended at resolvers that vote, each once", "t.tlsa_outcomes"),
        *PROJECT,
    ),
)
