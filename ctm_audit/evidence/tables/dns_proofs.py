"""What shows where a domain is, beside the answers of name servers: its policies, its tenants, mail hosts and delivered messages.

Rows come from `ctm_audit/dns/proof_rows.py`. Each table is optional: who cannot reach a mail host, or has no message yet, has none of
its rows. What was asked and not answered is a row with that outcome.
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.dns import OBSERVE, OUTCOMES
from ctm_audit.evidence.tables.schema import DNS, Column, Table

NETWORK = ("answered", "unresolved", "refused", "timeout", "bad_certificate", "too_large", "broken")
UNSURE = ("throttled", "unexpected", *NETWORK)
SPF_STATES = ("read", "none", "several", "loop", "unknown", "depends", "not_read")
FETCHES = (
    *("served", "not_found", "redirected", "bad_status", "wrong_type", "bad_certificate", "too_large", "malformed", "unreachable"),
    "not_asked",
)
KEY_STATES = ("good", "revoked", "faulty", "none", "unknown")
ENDS = ("done", "timeout", "refused", "broken", "tls_failed", "turned_away")
STAGES = ("connect", "banner", "ehlo", "starttls", "mail", "rcpt")
MEANINGS = ("accepted", "not_here", "unowned", "unknown_recipient", "wrong_region", "no_license", "deferred", "rejected")


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


def _table(name: str, key: tuple[str, ...], *columns: Column) -> Table:
    stem = f"dns-{name.replace('_', '-')}"
    return Table(name, name.replace("_", " "), (stem,), key, columns, OBSERVE, sides=DNS, optional=True)


DOMAIN = _text("domain", "the domain, in A-labels")
ASKED_AT = _time("asked_at", "when it was asked, UTC")

SPF = _table(
    "spf",
    ("domain",),
    DOMAIN,
    _text("state", "read, none without a record, several, or unknown when no answer came", SPF_STATES),
    _text("record", "the record, '' when there is none or it was not seen"),
    _number("lookups", "terms that look something up when nothing matches; ten are allowed"),
    _texts("void_lookups", "lookups that find nothing, as NAME TYPE; two are allowed"),
    _texts("faults", "what makes the record a permerror, each with its place in the tree"),
    _texts("unseen", "what could not be seen, each with its place and outcome; [] when the whole tree was read"),
    _texts("depends", "places whose name has a macro, so that they differ from message to message"),
    _texts("passes", "domains whose records pass mail for this one, by include or redirect, sorted"),
    _text("ends_in", "the `all` that decides in the end, such as -all; '' when none is reached"),
    ASKED_AT,
)
SPF_RECORDS = _table(
    "spf_records",
    ("domain", "path"),
    DOMAIN,
    _text("path", "the way to the record, such as contoso.com > spf.protection.outlook.com"),
    _text("reached_by", "how it is reached", ("domain", "include", "redirect")),
    _text("state", "what became of it", SPF_STATES),
    _text("record", "the record, '' when there is none or it was not seen"),
    _number("ttl", "its TTL in seconds, 0 without a record"),
    _number("lookups", "terms of this record alone that look something up"),
)
DMARC = _table(
    "dmarc",
    ("domain",),
    DOMAIN,
    _flag("is_known", "false when an answer that decides did not come"),
    _text("found_at", "the domain whose record counts, '' for none"),
    _text("record", "the record, '' for none"),
    _text("policy", "what receivers shall do with mail that fails, '' without a record", ("", "none", "quarantine", "reject")),
    _flag("is_test", "true when the record asks that the policy be only tried (t=y)"),
    _text("organizational", "the domain by which names are aligned"),
    _number("ttl", "TTL of the record in seconds, 0 without one"),
    _texts("faults", "what is wrong with the records on the way"),
    _texts("warnings", "tags that count no longer"),
    _texts("report_owners", "names at which other domains must agree to receive reports"),
    _texts("unauthorised", "those of them that do not agree"),
    _texts("unseen", "names of the walk that could not be seen"),
    ASKED_AT,
)
STS_POLICIES = _table(
    "sts_policies",
    ("domain",),
    DOMAIN,
    _text("record_outcome", "how the question for the TXT record ended", OUTCOMES),
    _text("id", "the id of a sound record, '' for none"),
    _texts("record_faults", "what is wrong with the record; a domain with a faulty one has no MTA-STS"),
    _text("outcome", "what the policy host served; unreachable says nothing of the policy", FETCHES),
    _number("status", "the HTTP status, 0 without one"),
    _text("mode", "enforce, testing or none; '' without a policy", ("", "enforce", "testing", "none")),
    _number("max_age", "seconds for which senders keep the policy, 0 without one"),
    _texts("mx", "its patterns, in order"),
    _texts("faults", "what is wrong with the policy"),
    _text("sha256", "digest of what was served, '' for nothing"),
    _text("detail", "why there is no policy, '' when there is one"),
    ASKED_AT,
)
DKIM_KEYS = _table(
    "dkim_keys",
    ("domain", "selector"),
    DOMAIN,
    _text("selector", "the selector, such as selector1"),
    _text(
        "state",
        "good, revoked, faulty, none without a key, or unknown when no answer came",
        ("good", "revoked", "faulty", "none", "unknown"),
    ),
    _text("target", "where its CNAME leads in the end, '' without one"),
    _text("type", "rsa or ed25519, '' without a key"),
    _number("bits", "length of the key, 0 unless it can be read"),
    _texts("faults", "what is wrong with it"),
)
POLICY_RECORDS = _table(
    "policy_records",
    ("domain", "kind"),
    DOMAIN,
    _text("kind", "tls_rpt or bimi", ("tls_rpt", "bimi")),
    _text("outcome", "how the question ended", OUTCOMES),
    _text("record", "the record, '' for none"),
    _texts("destinations", "where reports go, or the logo"),
    _texts("faults", "what is wrong with it"),
)
TENANCIES = _table(
    "tenancies",
    ("domain", "host"),
    DOMAIN,
    _text("host", "the sign-in host that was asked"),
    _texts("clouds", "the clouds that share the host"),
    _text("outcome", "owned, unowned, or why it is not known", ("owned", "unowned", *UNSURE)),
    _text("tenant_id", "the tenant that has the domain, '' unless owned"),
    _text("scope", "the tenant's region, such as EU; '' when it is not told"),
    _text("sub_scope", "GCC, DODCON or DOD; '' for none"),
    _text("instance", "the cloud that holds the tenant, as the host names it"),
    _text("detail", "why it is not known, '' when it is"),
    ASKED_AT,
)
REALMS = _table(
    "realms",
    ("domain", "host"),
    DOMAIN,
    _text("host", "the sign-in host that was asked"),
    _text("outcome", "managed, federated, nobody, or why it is not known", ("managed", "federated", "nobody", *UNSURE)),
    _text("brand", "name that the tenant shows at sign-in"),
    _text("sign_in_host", "where people of a federated domain sign in, '' otherwise"),
    _text("instance", "the cloud that holds the domain, as the host names it"),
    _text("detail", "why it is not known, '' when it is"),
    ASKED_AT,
)
SMTP_PROBES = _table(
    "smtp_probes",
    ("domain", "ip", "port", "recipient", "round"),
    DOMAIN,
    _text("host", "the mail host"),
    _text("ip", "the address that was asked"),
    _number("port", "the port, 25 for mail hosts"),
    _text("recipient", "the recipient asked for; none when nobody was"),
    _text("role", "source or target for a recipient that only this tenant has; '' for others", ("", "source", "target")),
    _number("round", "the round of asking, from 1"),
    _text("ending", "how the conversation ended; only with done there is an answer", ENDS),
    _text("stage", "how far it came", STAGES),
    _text("meaning", "what the answer means, '' without one", ("", *MEANINGS)),
    _number("code", "the SMTP code of the answer or of what turned the probe away, 0 without one"),
    _text("status", "its enhanced status code, '' without one"),
    _text("reply", "its text"),
    _text("banner", "what the host said first"),
    _flag("has_tls", "true when STARTTLS succeeded"),
    _texts("names", "names of the certificate"),
    _flag("names_host", "true when the certificate holds the name of the host"),
    _text("key_digest", "SHA-256 of its public key, as TLSA records of the form 3 1 1 hold it; '' without one"),
    _texts("transcript", "the whole conversation, a line each"),
    _text("detail", "what went wrong, '' for nothing"),
    ASKED_AT,
)
PROBE_MESSAGES = _table(
    "probe_messages",
    ("sha256",),
    DOMAIN,
    _text("sha256", "digest of the file"),
    _text("file", "its name"),
    _text("subject", "the subject"),
    _text("message_id", "the message id"),
    _text("sender", "who sent it, folded"),
    _flag("is_inbound", "false when somebody of the domain sent it"),
    _text("tenant_id", "the tenant that took it; '' when the headers name none, or two"),
    _text("spf", "how the receiver judged SPF, '' when it does not say"),
    _text("dkim", "how it judged DKIM: pass when one signature passed"),
    _text("dmarc", "how it judged DMARC"),
    _flag("is_signed", "true when a signature of the very domain passed"),
    _texts("selectors", "selectors of the domain's signatures, folded, sorted"),
    _flag("has_delay", "true when both times are told"),
    _number("delay", "seconds from the sender's clock to the last server's, 0 when that is not told"),
    _flag("has_received", "true when the last server tells its time"),
    _time("received", "when it came, UTC"),
)
HEARTBEATS = _table(
    "heartbeats",
    ("token",),
    DOMAIN,
    _text("token", "the mark of the series"),
    _time("begins", "when the first message was to be sent, UTC"),
    _time("ends", "when the last one is to be sent, UTC"),
    _number("planned", "messages in all"),
    _number("arrived", "messages that came"),
    _texts("missing", "numbers that are overdue"),
    _texts("twice", "numbers that came in copies that differ"),
    _number("awaited", "messages that may still come"),
    _number("later", "messages that are not yet to be sent"),
    _number("slowest", "the longest delay in seconds, 0 when none is known"),
    _text("digest", "the digest of the ledger's last line"),
    ASKED_AT,
)
PROOF_TABLES = (
    *(SPF, SPF_RECORDS, DMARC, STS_POLICIES, DKIM_KEYS, POLICY_RECORDS),
    *(TENANCIES, REALMS, SMTP_PROBES, PROBE_MESSAGES, HEARTBEATS),
)
