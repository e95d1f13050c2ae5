"""What rules read of a domain that moves beside the answers of name servers: what the target wants, whose it is, what mail proves."""

from __future__ import annotations

from ctm_audit.evidence.relations.schema import SQL_TYPES, Field, SqlType
from ctm_audit.evidence.tables import TABLES

WANTED = tuple(f"target.service_records.{name}" for name in ("domain", "kind", "label"))
PENDING = "unknown while Microsoft has not made the records"
CODES = "ownership codes that Graph of the {side} gives for it, folded"
DONE = ("dns.smtp_probes.domain", "dns.smtp_probes.ending", "dns.smtp_probes.meaning", "dns.smtp_probes.role", "dns.smtp_probes.host")
MESSAGES = ("dns.probe_messages.domain", "dns.probe_messages.is_inbound", "dns.probe_messages.tenant_id", "dns.probe_messages.file")
TXT = ("dns.answers.domain", "dns.answers.role", "dns.answers.outcome", "dns.answers.data", "dns.answers.kind", "dns.answers.round")
STS = tuple(f"dns.sts_policies.{name}" for name in ("domain", "mx", "mode", "max_age", "outcome"))
VOTES = ("dns.vantages.vantage", "dns.vantages.votes")


def _wanted(name: str, kind: SqlType, doc: str, *columns: str) -> Field:
    reads = (*WANTED, *(f"target.service_records.{column}" for column in columns))
    return Field(f"wanted.{name}", kind, doc, reads, f"w.{name}")


def _told(table: str, alias: str, column: str, name: str, *, known: str = "", doc: str = "", also: tuple[str, ...] = ()) -> Field:
    """A column of a proof, unknown unless `known`."""
    own = TABLES[table].column(column)
    reads = tuple(f"dns.{table}.{one}" for one in ("domain", column, *also))
    sql = f"case when {known} then {alias}.{column} end" if known else f"{alias}.{column}"
    return Field(name, SQL_TYPES[own.type], doc or own.doc, reads, sql)


def _dkim(name: str, kind: SqlType, doc: str, sql: str, *columns: str) -> Field:
    return Field(f"target.{name}", kind, doc, tuple(f"target.dkim_configs.{one}" for one in ("domain", *columns)), sql)


def _key(selector: str) -> tuple[Field, ...]:
    reads = tuple(f"dns.dkim_keys.{one}" for one in ("domain", "selector", "state"))
    shown = f"coalesce(k.states['{selector}'], '')"
    known = f"case when k.domain is not null and {shown} <> 'unknown' then {shown} end"
    doc = "what the selector leads to: good, revoked, faulty, none; '' when nobody asked"
    return (Field(f"{selector}.key", "VARCHAR", doc, reads, known),)


def _owner(name: str, kind: SqlType, doc: str, sql: str) -> Field:
    columns = ("domain", "host", "clouds", "outcome", "tenant_id")
    return Field(f"owner.{name}", kind, doc, tuple(f"dns.tenancies.{column}" for column in columns), sql)


def _sign_in(name: str, doc: str, sql: str) -> Field:
    columns = ("domain", "host", "outcome", "sign_in_host")
    reads = (*(f"dns.realms.{column}" for column in columns), "dns.tenancies.host", "dns.tenancies.clouds")
    return Field(f"sign_in.{name}", "VARCHAR", doc, reads, sql)


EXPECTED = (
    _wanted(
        "autodiscover",
        "VARCHAR",
        "where Graph of the target wants autodiscover to point; where Graph does not tell it, the cloud's documented host, folded",
        "cname_target",
    ),
    _wanted(
        "spf_include",
        "VARCHAR",
        "domain that Graph of the target wants in SPF; where Graph does not tell it, the cloud's documented one, folded",
        "text",
    ),
    _wanted(
        "registration",
        "VARCHAR",
        f"where Graph of the target wants enterpriseregistration to point, '' when it need not be there; {PENDING}",
        "cname_target",
        "is_optional",
    ),
    _wanted(
        "enrollment",
        "VARCHAR",
        f"where Graph of the target wants enterpriseenrollment to point, '' when it need not be there; {PENDING}",
        "cname_target",
        "is_optional",
    ),
    _wanted(
        "federation",
        "VARCHAR",
        f"the SRV record of Teams federation that Graph of the target wants, as PRIORITY WEIGHT PORT HOST, '' for none; {PENDING}",
        *("srv_service", "srv_target", "srv_port", "srv_priority", "srv_weight"),
    ),
    Field("cloud.msoid", "VARCHAR", "where msoid must point in this cloud; '' where it must not be there", sql="p.msoid"),
    *(
        Field(
            f"{side}.codes",
            "VARCHAR[]",
            CODES.format(side=side),
            tuple(f"{side}.verification_records.{name}" for name in ("domain", "kind", "text")),
            f"case when w.{side}_codes is not null then w.{side}_codes when {{complete:{side}.verification_records}} then [] end",
        )
        for side in ("source", "target")
    ),
    _dkim("selector1", "VARCHAR", "where Exchange of the target wants selector1 to point, folded", "c.selector1_cname", "selector1_cname"),
    _dkim("selector2", "VARCHAR", "where Exchange of the target wants selector2 to point, folded", "c.selector2_cname", "selector2_cname"),
    _dkim("signs", "BOOLEAN", "true when Exchange of the target signs its mail in its own name", "c.is_enabled", "is_enabled"),
    _dkim("dkim_status", "VARCHAR", "how Exchange of the target judges its DKIM: valid, cnamemissing or nodkimkeys", "c.status", "status"),
    _dkim(
        "keys_until",
        "TIMESTAMP",
        "until when its DKIM keys may still be on the way, an hour after they were made, UTC",
        "case when c.has_keys then c.keys_made + to_hours(1) end",
        *("has_keys", "keys_made"),
    ),
    _dkim(
        "dkim_until",
        "TIMESTAMP",
        "until when Exchange may still miss the DKIM records, four hours after the keys were made, UTC; long ago when it misses none",
        "case when c.status <> 'cnamemissing' then timestamp '1970-01-01' when c.has_keys then c.keys_made + to_hours(4) end",
        *("status", "has_keys", "keys_made"),
    ),
    Field(
        "source.is_listed",
        "BOOLEAN",
        "true while Graph of the source lists the domain",
        ("source.domains.name",),
        "case when w.in_source then true when {complete:source.domains} then false end",
    ),
    Field(
        "target.is_verified",
        "BOOLEAN",
        "true when the domain is verified in the target",
        ("target.domains.name", "target.domains.is_verified"),
        "case when w.in_target then w.is_verified when {complete:target.domains} then false end",
    ),
    Field(
        "target.services",
        "VARCHAR[]",
        "services of the target that use the domain, folded; `email` is Exchange",
        ("target.domains.name", "target.domains.services"),
        "case when w.in_target then w.services when {complete:target.domains} then [] end",
    ),
    Field(
        "target.authentication",
        "VARCHAR",
        "how people of the domain sign in to the target: managed or federated; '' when it does not have the domain",
        ("target.domains.name", "target.domains.authentication"),
        "case when w.in_target then w.authentication when {complete:target.domains} then '' end",
    ),
)
WHOLE = "len(s.unseen) = 0"
SPF = (
    _told("spf", "s", "state", "spf.state", known="s.state <> 'unknown'"),
    _told("spf", "s", "record", "spf.record", known="s.state <> 'unknown'", also=("state",)),
    _told("spf", "s", "lookups", "spf.lookups", known=f"{WHOLE} or s.lookups > 10", also=("unseen",)),
    _told("spf", "s", "void_lookups", "spf.void_lookups", known=f"{WHOLE} or len(s.void_lookups) > 2", also=("unseen",)),
    _told("spf", "s", "faults", "spf.faults", known=f"{WHOLE} or len(s.faults) > 0", also=("unseen",)),
    _told("spf", "s", "passes", "spf.passes", known=WHOLE, also=("unseen",)),
    _told("spf", "s", "ends_in", "spf.ends_in", known=WHOLE, also=("unseen",)),
    Field(
        "spf.same",
        "BOOLEAN",
        "true when all name servers that answer hold the same SPF record",
        TXT,
        "t.spf_same",
    ),
)
POLICIES = (
    _told("dmarc", "m", "record", "dmarc.record", known="m.is_known", also=("is_known",)),
    _told("dmarc", "m", "policy", "dmarc.policy", known="m.is_known", also=("is_known",)),
    _told("dmarc", "m", "is_test", "dmarc.is_test", known="m.is_known", also=("is_known",)),
    _told("dmarc", "m", "faults", "dmarc.faults", known="len(m.unseen) = 0 or len(m.faults) > 0", also=("unseen",)),
    _told("dmarc", "m", "unauthorised", "dmarc.unauthorised", known="len(m.unseen) = 0 or len(m.unauthorised) > 0", also=("unseen",)),
    _told("sts_policies", "y", "id", "mta_sts.id", known="y.record_outcome in ('answer', 'nodata', 'nxdomain')", also=("record_outcome",)),
    _told(
        "sts_policies",
        "y",
        "record_faults",
        "mta_sts.record_faults",
        known="y.record_outcome in ('answer', 'nodata', 'nxdomain')",
        also=("record_outcome",),
    ),
    _told("sts_policies", "y", "outcome", "mta_sts.served", known="y.outcome <> 'unreachable'"),
    _told("sts_policies", "y", "mode", "mta_sts.mode", known="y.outcome <> 'unreachable'", also=("outcome",)),
    _told("sts_policies", "y", "max_age", "mta_sts.max_age", known="y.outcome <> 'unreachable'", also=("outcome",)),
    _told("sts_policies", "y", "mx", "mta_sts.mx", known="y.outcome <> 'unreachable'", also=("outcome",)),
    _told("sts_policies", "y", "faults", "mta_sts.faults", known="y.outcome <> 'unreachable'", also=("outcome",)),
    Field(
        "mta_sts.uncovered",
        "VARCHAR[]",
        "hosts that MX names now and that no pattern of the policy covers (a wildcard is one label), sorted",
        (*TXT, *STS),
        "t.uncovered",
    ),
    Field(
        "mta_sts.plan_uncovered",
        "VARCHAR[]",
        "hosts where mail is parked, or goes after the move, that no pattern of the policy covers, sorted",
        (*STS, "dns.zones.domain", "target.service_records.mx_host"),
        "t.plan_uncovered",
    ),
    Field(
        "mta_sts.settled_at",
        "TIMESTAMP",
        "when no sender holds to an earlier policy any more, UTC: max_age after the record was first seen so; long ago when there was never"
        " one, and when the policy now leaves out a planned host",
        (*STS, "dns.history.domain", "dns.history.since", "target.service_records.mx_host"),
        "t.settled_at",
    ),
    *(
        Field(
            f"{kind}.{name}",
            SQL_TYPES[TABLES["policy_records"].column(name).type],
            TABLES["policy_records"].column(name).doc,
            tuple(f"dns.policy_records.{column}" for column in ("domain", "kind", "outcome", name)),
            f"r{kind}.{name}",
        )
        for kind in ("tls_rpt", "bimi")
        for name in ("record", "faults")
    ),
    *_key("selector1"),
    *_key("selector2"),
)
ANSWERED = (
    Field("txt.codes", "VARCHAR[]", "ownership codes (ms=…) that a name server holds for the domain, folded, sorted", TXT, "t.codes"),
    Field(
        "txt.codes_everywhere",
        "VARCHAR[]",
        "of these, the ones that every name server that answers holds",
        TXT,
        "t.codes_everywhere",
    ),
    Field("txt.bytes", "BIGINT", "the longest answer for texts of the domain itself, in bytes of its data", TXT, "t.bytes"),
    Field(
        "autodiscover.found_by",
        "BIGINT",
        "resolvers that vote and find an address for autodiscover; unknown when none of them answers",
        (*TXT, "dns.answers.vantage", *VOTES),
        "t.found_by",
    ),
)
OWNERS = (
    _owner(
        "tenant_id",
        "VARCHAR",
        "tenant that the cloud's sign-in host names as the owner; '' when the domain is nobody's",
        "case o.outcome when 'owned' then o.tenant_id when 'unowned' then '' end",
    ),
    _owner(
        "settled_at",
        "TIMESTAMP",
        "long ago when a tenant owns the domain; unknown while it is nobody's, for that passes",
        "case when o.outcome = 'owned' then timestamp '1970-01-01' end",
    ),
    _owner("elsewhere", "VARCHAR[]", "sign-in hosts of other clouds that know a tenant with the domain, sorted", "o.elsewhere"),
    _sign_in(
        "type",
        "how people sign in, by the cloud's sign-in host: managed, federated or nobody",
        "case when l.outcome in ('managed', 'federated', 'nobody') then l.outcome end",
    ),
    _sign_in(
        "host",
        "where people of a federated domain sign in, '' otherwise",
        "case when l.outcome in ('managed', 'federated', 'nobody') then l.sign_in_host end",
    ),
)
MAIL = (
    Field(
        "canary.source",
        "VARCHAR[]",
        "what hosts of Exchange Online say of recipients that only the source has; unknown when one does not answer, or puts off",
        DONE,
        "a.of_source",
    ),
    Field("canary.target", "VARCHAR[]", "the same of recipients that only the target has", DONE, "a.of_target"),
    Field("canary.addresses", "BIGINT", "addresses of mail hosts that answered for them", (*DONE, "dns.smtp_probes.ip"), "a.addresses"),
    Field(
        "inbound.arrived",
        "BIGINT",
        "probes from outside that the target took within ten minutes; unknown while there are fewer than three, or all from one sender",
        (*MESSAGES, "dns.probe_messages.delay", "dns.probe_messages.has_delay", "dns.probe_messages.sender"),
        "b.arrived",
    ),
    Field(
        "inbound.strayed",
        "VARCHAR[]",
        "files of probes from outside that another tenant took after the target had taken one",
        (*MESSAGES, "dns.probe_messages.received", "dns.probe_messages.has_received"),
        "b.strayed",
    ),
    Field(
        "outbound.passed",
        "BIGINT",
        "probes to the outside that passed SPF, DKIM of the domain and DMARC; unknown while there are fewer than two",
        (*MESSAGES, *(f"dns.probe_messages.{name}" for name in ("spf", "dmarc", "is_signed"))),
        "b.passed",
    ),
    Field(
        "outbound.failed",
        "VARCHAR[]",
        "files of probes to the outside that did not pass all three",
        (*MESSAGES, *(f"dns.probe_messages.{name}" for name in ("spf", "dmarc", "is_signed"))),
        "b.failed",
    ),
    Field(
        "outbound.signed",
        "BIGINT",
        "probes to the outside with a good signature of the domain by selector1 or selector2; unknown when there are no probes",
        (*MESSAGES, "dns.probe_messages.is_signed", "dns.probe_messages.selectors"),
        "b.signed",
    ),
    Field(
        "outbound.unsigned",
        "VARCHAR[]",
        "files of probes to the outside without one",
        (*MESSAGES, "dns.probe_messages.is_signed", "dns.probe_messages.selectors"),
        "b.unsigned",
    ),
    Field(
        "heartbeat.is_whole",
        "BOOLEAN",
        "true when every message of every series came once, false when one is missing or came twice; unknown while some may still come",
        tuple(f"dns.heartbeats.{name}" for name in ("domain", "missing", "twice", "awaited", "later")),
        "h.is_whole",
    ),
    Field(
        "heartbeat.missing",
        "VARCHAR[]",
        "numbers that are overdue",
        ("dns.heartbeats.domain", "dns.heartbeats.missing"),
        "h.missing",
    ),
    Field(
        "heartbeat.twice",
        "VARCHAR[]",
        "numbers that came in copies that differ",
        ("dns.heartbeats.domain", "dns.heartbeats.twice"),
        "h.twice",
    ),
    Field("heartbeat.planned", "BIGINT", "messages of the series", ("dns.heartbeats.domain", "dns.heartbeats.planned"), "h.planned"),
)
PROVEN = (*SPF, *POLICIES, *ANSWERED, *OWNERS, *MAIL)
