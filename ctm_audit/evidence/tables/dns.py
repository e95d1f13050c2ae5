"""What `ctm-audit dns observe` saw: every question with its answer, the delegations, the name servers, the resolvers.

Nothing here is exported by a cmdlet; rows come from the servers that were asked. What a server did not answer is a row
of its own with that outcome, never a missing row.
"""

from __future__ import annotations

from dataclasses import dataclass

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import DNS, Column, Table

OBSERVE = "ctm-audit dns observe DOMAIN"
OUTCOMES = (
    *("answer", "nodata", "nxdomain", "servfail", "bogus", "refused", "notimp", "formerr"),
    *("lame", "timeout", "truncated_no_tcp", "malformed", "net_error", "skipped"),
)


@dataclass(frozen=True, slots=True)
class Role:
    """What one question of the plan is for: `label` stands before the domain, '' for the domain itself.

    A question that only `servers` are asked is of no interest at resolvers; `random` puts a label in front that nobody has.
    """

    name: str
    label: str
    type: str
    doc: str
    servers: bool = False
    random: bool = False


# An address is asked for where a CNAME is wanted too: the answer shows the chain, or an address that hides it.
ROLES = (
    Role("mx", "", "MX", "where mail goes, as PREFERENCE HOST"),
    Role("txt", "", "TXT", "texts of the domain itself: SPF, ownership codes and others"),
    Role("autodiscover", "autodiscover", "A", "autodiscover; `chain` holds its CNAME"),
    Role("autodiscover_v6", "autodiscover", "AAAA", "IPv6 addresses of autodiscover", servers=True),
    Role("autodiscover_srv", "_autodiscover._tcp", "SRV", "the SRV record of autodiscover", servers=True),
    Role("selector1", "selector1._domainkey", "TXT", "the first DKIM selector of Exchange Online; `chain` holds its CNAME"),
    Role("selector2", "selector2._domainkey", "TXT", "the second DKIM selector of Exchange Online; `chain` holds its CNAME"),
    Role("dmarc", "_dmarc", "TXT", "the DMARC record"),
    Role("mta_sts", "_mta-sts", "TXT", "the MTA-STS record"),
    Role("tls_rpt", "_smtp._tls", "TXT", "where reports about TLS go"),
    Role("bimi", "default._bimi", "TXT", "the BIMI record", servers=True),
    Role("registration", "enterpriseregistration", "CNAME", "device registration"),
    Role("enrollment", "enterpriseenrollment", "CNAME", "device enrollment"),
    Role("federation", "_sipfederationtls._tcp", "SRV", "Teams federation, as PRIORITY WEIGHT PORT HOST"),
    Role("sip", "sip", "CNAME", "legacy Skype for Business name", servers=True),
    Role("lyncdiscover", "lyncdiscover", "CNAME", "legacy Skype for Business name", servers=True),
    Role("sip_tls", "_sip._tls", "SRV", "legacy Skype for Business record", servers=True),
    Role("msoid", "msoid", "CNAME", "the record that breaks Office activation outside China"),
    Role("exchange_delegation", "exchangedelegation", "TXT", "proof of an Exchange federation trust", servers=True),
    Role("apex", "", "A", "addresses of the domain itself", servers=True),
    Role("soa", "", "SOA", "the zone's SOA"),
    Role("ns", "", "NS", "the name servers that the zone itself names", servers=True),
    Role("dnskey", "", "DNSKEY", "keys of a signed zone", servers=True),
    Role("random", "", "A", "a name that nobody has: what is found is a wildcard", random=True),
    Role("random_mx", "", "MX", "mail to a name that nobody has", servers=True, random=True),
    Role("random_txt", "", "TXT", "texts of a name that nobody has", servers=True, random=True),
    Role("random_selector", "_domainkey", "TXT", "a DKIM selector that nobody has", servers=True, random=True),
)
KINDS = ("authoritative", "referral", "parent", "resolver", "own")


def _text(name: str, doc: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, "text", name, n.text, doc, values=values, sides=DNS)


def _texts(name: str, doc: str) -> Column:
    return Column(name, "texts", name, n.texts, doc, sides=DNS)


def _flag(name: str, doc: str) -> Column:
    return Column(name, "flag", name, n.flag, doc, sides=DNS)


def _number(name: str, doc: str) -> Column:
    return Column(name, "integer", name, n.integer, doc, sides=DNS)


def _time(name: str, doc: str) -> Column:
    return Column(name, "time", name, n.time, doc, sides=DNS)


ANSWERS = Table(
    name="answers",
    command="answers",
    stems=("dns-answers",),
    key=("vantage", "kind", "name", "type", "way", "round"),
    columns=(
        _text("vantage", "the server that was asked, such as 8.8.8.8:53"),
        _text("server", "its name: a name server as the delegation spells it, or the resolver's label"),
        _text("kind", "authoritative, parent, resolver, own, or referral for a server that only named the servers of a deeper zone", KINDS),
        _text("domain", "the domain that the question belongs to; '' for a host that several may share"),
        _text("role", "what the name is for, such as mx, txt, autodiscover, selector1 (docs/dns.md lists them)"),
        _text("name", "the name asked for, in A-labels, lower case, without a final dot"),
        _text("type", "the type asked for"),
        _text("way", "plain, cd for a question with checking disabled, or tcp for one asked over TCP alone", ("plain", "cd", "tcp")),
        _number("round", "the round of asking, from 1"),
        _text("outcome", f"how it ended: {', '.join(OUTCOMES)}", OUTCOMES),
        _text("rcode", "the response code, '' without a response"),
        _flag("aa", "true when the server answered with authority"),
        _flag("ad", "true when a resolver says that it checked the signatures"),
        _text("transport", "udp or tcp: how the answer came", ("udp", "tcp")),
        _texts("ede", "extended DNS errors, as CODE: TEXT"),
        _texts("data", "data of the records of the asked type, sorted"),
        _texts("chain", "targets of the CNAMEs on the way, in order"),
        _texts("records", "every record of the answer as OWNER TTL TYPE DATA, in order"),
        _number("ttl", "least TTL of the answer in seconds; 0 without a record"),
        _number("negative_ttl", "seconds for which resolvers may remember that there is nothing; -1 when the answer does not say"),
        _flag("is_signed", "true when the answer carried signatures"),
        _time("signed_until", "when the first of them runs out, UTC"),
        _texts("attempts", "one line a try"),
        _texts("notes", "what was unusual: no EDNS, records of another name, a loop of CNAMEs"),
        _number("milliseconds", "from the first question to the end"),
        _time("asked_at", "when it was asked, UTC"),
        _text("wire", "the message as received, in base64 without padding; '' without one"),
        _text("sha256", "its digest; '' without one"),
    ),
    export=OBSERVE,
    sides=DNS,
)
ZONES = Table(
    name="zones",
    command="zones",
    stems=("dns-zones",),
    key=("domain",),
    columns=(
        _text("domain", "the domain that was observed"),
        _text("zone", "the zone that holds it; the domain itself, or one above it; '' when there is none"),
        _text("parent", "the zone above, whose servers were asked for the delegation"),
        _text(
            "outcome", "what the parent said: answer for a delegation, nodata when the zone above holds the domain, else why not", OUTCOMES
        ),
        _texts("parent_servers", "the parent's servers that were asked, in order, each with its outcome"),
        _texts("parent_ns", "names of the name servers that the parent names, sorted"),
        _texts("child_ns", "names of the name servers that the zone's own servers name, sorted; of all of them together"),
        _text("child_outcome", "answer when a server of the zone named its name servers, else the first outcome", OUTCOMES),
        _texts("ds", "the DS records that the parent holds, sorted"),
        _text("ds_outcome", "answer, nodata when the zone is not signed, else why that is not known", OUTCOMES),
        _time("asked_at", "when the observation of the domain began, UTC"),
    ),
    export=OBSERVE,
    sides=DNS,
)
NAME_SERVERS = Table(
    name="name_servers",
    command="name servers",
    stems=("dns-name-servers",),
    key=("domain", "server", "ip"),
    columns=(
        _text("domain", "the domain that was observed"),
        _text("server", "the name server's name"),
        _text("ip", "one of its addresses; none when no address was found"),
        _text("vantage", "the address with its port, as answers name it; '' without an address"),
        _flag("in_parent", "true when the parent names it"),
        _flag("in_child", "true when the zone's own servers name it"),
        _text("outcome", "how the search for its addresses ended", OUTCOMES),
        _flag("is_asked", "true when this address was asked; false for IPv6 on a machine without it"),
    ),
    export=OBSERVE,
    sides=DNS,
)
VANTAGES = Table(
    name="vantages",
    command="resolvers",
    stems=("dns-resolvers",),
    key=("vantage",),
    columns=(
        _text("vantage", "the resolver, such as 8.8.8.8:53"),
        _text("label", "its name"),
        _text("kind", "resolver for a public one, own for the operator's", ("resolver", "own")),
        _text("outcome", "what it said when asked for the root: answer when it can be used", OUTCOMES),
        _flag("is_honest", "true when it says NXDOMAIN of a name that does not exist; false when it invents an answer"),
        _flag("has_edns", "true when it understands EDNS"),
        _flag("votes", "true when it answers and is honest, so that what it says of a domain counts"),
        _text("detail", "why it does not vote; '' when it does"),
    ),
    export=OBSERVE,
    sides=DNS,
)
HISTORY = Table(
    name="history",
    command="history",
    stems=("dns-history",),
    key=("domain", "role", "since"),
    columns=(
        _text("domain", "the domain that was observed"),
        _text("role", "what the records are for, as in answers; parent_ns and ds are what the parent says"),
        _texts("data", "data of the records that all servers held, sorted"),
        _texts("chain", "targets of the CNAMEs on the way, in order"),
        _number("ttl", "their longest TTL in seconds; 0 without a record"),
        _time("since", "when an observation first saw them so, UTC"),
        _flag("is_baseline", "true for the state to which later ones are compared"),
        _time("baseline_at", "when it was made the baseline, UTC; 1970-01-01 unless it is"),
    ),
    export=OBSERVE,
    sides=DNS,
)
DNS_TABLES = (ANSWERS, ZONES, NAME_SERVERS, VANTAGES, HISTORY)
