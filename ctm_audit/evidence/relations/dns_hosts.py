"""What rules judge of the resolvers that were asked about the domains that move, and of the hosts that their mail goes to."""

from __future__ import annotations

from ctm_audit.evidence.relations.dns import ANSWERS, OF_ONE, TTL, UNKNOWN, VOTES, name_of, of_role, place_of, seen
from ctm_audit.evidence.relations.dns_plan import CHANGING, HISTORY, RECORDS
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation, SqlType
from ctm_audit.evidence.tables.dns import ROLES

COMPARED = (*ANSWERS, "dns.answers.asked_at", TTL)


def _compared(name: str, kind: SqlType, doc: str, also: tuple[str, ...] = ()) -> Field:
    return Field(name, kind, doc, (*COMPARED, *also), f"c.{name}")


RESOLVER_FACTS = (
    _compared("differs", "VARCHAR[]", "of mx, txt and autodiscover those that it says otherwise than the authoritative servers"),
    _compared("behind", "VARCHAR[]", f"of the roles {', '.join(CHANGING)} those of which it says otherwise than the authoritative servers"),
    _compared(
        "late",
        "VARCHAR[]",
        "of these, the ones that it should no longer remember: the old TTL and a tenth and a minute are over",
        HISTORY,
    ),
    Field(
        "is_current",
        "BOOLEAN",
        "true when it is not behind; else unknown, for an observation tells nothing of later",
        COMPARED,
        "case when len(c.behind) = 0 then true end",
    ),
    _compared("behind_until", "TIMESTAMP", "until when it may remember what was there before, UTC; 1970 when it is not behind", HISTORY),
    _compared("clamps", "VARCHAR[]", "roles of which it tells a longer TTL than the authoritative servers"),
    _compared("stale", "VARCHAR[]", "roles that it tells from before, with a TTL of at most 30 seconds, after they ran out", HISTORY),
    _compared("steady", "BIGINT", "rounds at the end in which it said the same"),
    _compared("steady_seconds", "BIGINT", "seconds between the last round and the third from the end; unknown with fewer rounds"),
)
DNS_RESOLVERS = Relation(
    name="dns_resolvers",
    doc="One row for each domain that moves and each resolver, public ones and the operator's own.",
    kind="resolver",
    tenant_wide=True,
    about="dns_domains",
    over=("dns.vantages",),
    fields=(
        *name_of("DOMAIN at RESOLVER ADDRESS", place_of("v.label", "v.vantage")),
        Field("domain", "VARCHAR", "the domain, folded", VOTES[:1], "v.domain"),
        Field("resolver", "VARCHAR", "its name", ("dns.vantages.label",), "v.label"),
        Field("is_own", "BOOLEAN", "true for the operator's own", ("dns.vantages.kind",), "v.kind = 'own'"),
        seen("v", "vantages", "votes", "BOOLEAN", "true when it can be used and is honest about names that do not exist"),
        seen("v", "vantages", "detail", "VARCHAR", "why it does not vote; '' when it does"),
        *RESOLVER_FACTS,
        *(field for role in ROLES if not role.servers for field in of_role(role, OF_ONE)),
        *PROJECT,
    ),
)


def _host(name: str, kind: SqlType, doc: str, sql: str) -> Field:
    reads = (*ANSWERS, *VOTES) if sql[0] in "act" else ANSWERS
    return Field(name, kind, doc, reads, sql)


PROBES = tuple(f"dns.smtp_probes.{name}" for name in ("domain", "host", "code", "banner", "meaning"))
SOMEBODY = "(select bool_or(q.banner <> '') from raw.dns_smtp_probes q)"
SMTP = (
    Field("probes", "BIGINT", "times that it was asked for a recipient over SMTP", PROBES, "coalesce(s.probes, 0)"),
    Field(
        "refusals",
        "VARCHAR[]",
        "answers of it that refuse for good, as CODE TEXT",
        (*PROBES, "dns.smtp_probes.reply"),
        "coalesce(s.refusals, [])",
    ),
    Field("took", "BIGINT", "times that it took a recipient", PROBES, "coalesce(s.took, 0)"),
    Field(
        "is_reachable",
        "BOOLEAN",
        "true when it answered the probe, false when others did and it did not; unknown when nobody did",
        PROBES,
        f"case when s.answered > 0 then true when s.probes > 0 and {SOMEBODY} then false end",
    ),
    Field(
        "probe_works",
        "BOOLEAN",
        "true when it was probed, and some mail host answered the probe, so that silence is its own; else unknown",
        PROBES,
        f"case when s.probes > 0 and {SOMEBODY} then true end",
    ),
)
DNS_MX_HOSTS = Relation(
    name="dns_mx_hosts",
    doc="One row for each host that an authoritative server names as MX of a domain that moves.",
    kind="mail host",
    tenant_wide=True,
    about="dns_domains",
    over=("dns.answers",),
    fields=(
        *name_of("DOMAIN to HOST", f"h.domain || ' to ' || coalesce(h.host, '{UNKNOWN}')"),
        _host("domain", "VARCHAR", "the domain, folded", "h.domain"),
        _host("host", "VARCHAR", "the host; . for a null MX", "h.host"),
        Field("mail_style", "VARCHAR", "direct, gateway or hybrid, as the project says", sql="h.mail_style"),
        _host("is_mx", "BOOLEAN", "true when an authoritative server names it as MX", "h.is_mx"),
        Field("is_parked", "BOOLEAN", "true when the project parks mail there", sql="h.is_parked"),
        Field("queues", "BOOLEAN", "true when it takes parked mail and keeps it", sql="h.queues"),
        Field(
            "is_target",
            "BOOLEAN",
            "true when mail goes there after the move",
            RECORDS,
            "case when {complete:target.service_records} then h.is_target end",
        ),
        Field(
            "is_planned",
            "BOOLEAN",
            "true when it is MX at the baseline, while mail is parked, or after the move",
            (*ANSWERS, *HISTORY, *RECORDS),
            "h.is_planned",
        ),
        Field(
            "token",
            "VARCHAR",
            "how Exchange Online seems to write the domain into the name of a host: a hint, nowhere documented",
            sql="h.token",
        ),
        _host("preferences", "VARCHAR[]", "its preferences, each once", "h.preferences"),
        _host("at_all", "BOOLEAN", "true when every server that answers names it", "h.at_all"),
        _host("is_literal", "BOOLEAN", "true when an address stands where a name is meant", "h.is_literal"),
        _host("addresses", "VARCHAR[]", "its addresses at the resolvers that vote, all together, sorted", "a.addresses"),
        _host("found_by", "BIGINT", "resolvers that vote and find an address", "c.found_by"),
        _host("not_found_by", "BIGINT", "resolvers that vote and say that it has none", "c.not_found_by"),
        _host("unknown_to", "BIGINT", "resolvers that vote of which it is not known", "c.unknown_to"),
        _host(
            "is_everywhere",
            "BOOLEAN",
            "true when every resolver that votes knows; else unknown",
            "case when c.unknown_to = 0 then true end",
        ),
        _host("chain", "VARCHAR[]", "targets of CNAMEs that stand where the host should, sorted", "a.chain"),
        _host(
            "resolves",
            "BOOLEAN",
            "true when two resolvers that vote find an address, false when two find none and nobody does, or it is no name",
            "case when h.is_literal then false when c.found_by >= 2 then true when c.found_by = 0 and c.not_found_by >= 2 then false end",
        ),
        *SMTP,
        _host("tlsa", "VARCHAR[]", "its TLSA records, sorted; [] for none", "t.tlsa"),
        _host("tlsa_outcomes", "VARCHAR[]", "how the questions for TLSA ended at resolvers that vote, each once", "t.tlsa_outcomes"),
        Field(
            "tlsa_fits",
            "BOOLEAN",
            "true without TLSA records, or when one of the form 3 1 1 names the key of the host's certificate; false when all have that"
            " form and none does; unknown when nobody has seen the certificate",
            (*ANSWERS, "dns.smtp_probes.host", "dns.smtp_probes.key_digest"),
            "k.fits",
        ),
        *PROJECT,
    ),
)
