"""The proofs as rows of the tables of `evidence/tables/dns_proofs.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ctm_audit.dns.headers import Delivered
from ctm_audit.dns.heartbeat_folder import Heartbeat
from ctm_audit.dns.mta_sts import PolicyFetch
from ctm_audit.dns.proofs import Canary, Owners, Policies
from ctm_audit.dns.smtp_probe import SmtpProbe, SmtpReply

NOBODY = "none"
Row = dict[str, Any]
Rows = dict[str, list[Row]]


def policy_rows(found: Policies) -> Rows:
    """What a domain publishes about its mail."""
    return {
        "spf": [_spf(found)],
        "spf_records": _spf_records(found),
        "dmarc": [_dmarc(found)],
        "sts_policies": [_sts(found)],
        "dkim_keys": [{**asdict(key), "faults": list(key.faults)} for key in found.keys],
        "policy_records": [
            {
                "domain": found.domain,
                "kind": record.kind,
                "outcome": str(record.outcome),
                "record": record.text,
                "destinations": list(record.destinations),
                "faults": list(record.faults),
            }
            for record in found.records
        ],
    }


def owner_rows(found: Owners) -> Rows:
    """Whose a domain is at every sign-in host."""
    common = {"domain": found.domain, "asked_at": found.asked_at.isoformat()}
    return {
        "tenancies": [
            {
                **common,
                "host": one.host,
                "clouds": list(one.clouds),
                "outcome": one.outcome,
                "tenant_id": one.tenant_id,
                "scope": one.scope,
                "sub_scope": one.sub_scope,
                "instance": one.instance,
                "detail": one.detail,
            }
            for one in found.tenancies
        ],
        "realms": [
            {
                **common,
                "host": one.host,
                "outcome": one.outcome,
                "brand": one.brand,
                "sign_in_host": one.sign_in_host,
                "instance": one.instance,
                "detail": one.detail,
            }
            for one in found.realms
        ],
    }


def probe_rows(domain: str, probes: Iterable[SmtpProbe], canaries: Iterable[Canary], asked_at: datetime, round_: int = 1) -> Rows:
    """What mail hosts said: a row for each address and recipient, also where the conversation never came to it."""
    wanted = tuple(canaries) or (Canary(NOBODY),)
    return {"smtp_probes": [_probe(domain, one, canary, asked_at, round_) for one in probes for canary in wanted]}


def message_rows(domain: str, messages: Iterable[Delivered]) -> Rows:
    """What delivered messages prove, each file once."""
    return {"probe_messages": list({one.sha256: _message(domain, one) for one in messages}.values())}


def heartbeat_rows(found: Heartbeat) -> Rows:
    """What became of a series of messages."""
    plan, pulse = found.ledger.plan, found.pulse
    slowest = pulse.delay(1.0)
    row = {
        "domain": plan.domain,
        "token": plan.token,
        "begins": plan.begins.isoformat(),
        "ends": plan.due(plan.count).isoformat(),
        "planned": plan.count,
        "arrived": len(pulse.arrived),
        "missing": [str(number) for number in pulse.missing],
        "twice": [str(number) for number in pulse.twice],
        "awaited": len(pulse.awaited),
        "later": pulse.later,
        "slowest": int(slowest.total_seconds()) if slowest is not None else 0,
        "digest": found.ledger.digest,
        "asked_at": found.as_of.isoformat(),
    }
    return {"heartbeats": [row]}


def joined(parts: Iterable[Mapping[str, list[Row]]]) -> Rows:
    """The rows of several parts, table by table."""
    found: Rows = {}
    for part in parts:
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
    return found


def _spf(found: Policies) -> Row:
    tree = found.spf
    return {
        "domain": found.domain,
        "state": tree.root.state,
        "record": tree.root.record.text if tree.root.record else "",
        "lookups": tree.lookups,
        "void_lookups": list(tree.void_lookups),
        "faults": list(tree.faults),
        "unseen": list(tree.unseen),
        "depends": [node.place for node in tree.root.nodes if node.state == "depends"],
        "passes": list(tree.passes),
        "ends_in": tree.ends_in,
        "asked_at": found.asked_at.isoformat(),
    }


def _spf_records(found: Policies) -> list[Row]:
    """A record that two terms lead to at one place is one row."""
    return list(
        {
            node.place: {
                "domain": found.domain,
                "path": node.place,
                "reached_by": node.by,
                "state": node.state,
                "record": node.record.text if node.record else "",
                "ttl": node.ttl or 0,
                "lookups": node.lookups,
            }
            for node in found.spf.root.nodes
        }.values()
    )


def _dmarc(found: Policies) -> Row:
    told, record = found.dmarc, found.dmarc.record
    lost = [name for name, agrees in found.agreements.items() if agrees is None]
    return {
        "domain": found.domain,
        "is_known": record is not None or not told.unseen,
        "found_at": record.domain if record else "",
        "record": record.text if record else "",
        "policy": told.policy,
        "is_test": bool(record and record.is_test),
        "organizational": told.organizational,
        "ttl": (record.ttl or 0) if record else 0,
        "faults": [*told.faults, *(record.faults if record else ())],
        "warnings": list(record.warnings) if record else [],
        "report_owners": list(found.agreements),
        "unauthorised": [name for name, agrees in found.agreements.items() if agrees is False],
        "unseen": [*told.unseen, *lost],
        "asked_at": found.asked_at.isoformat(),
    }


def _sts(found: Policies) -> Row:
    fetch = found.policy
    policy = fetch.policy if fetch else None
    return {
        "domain": found.domain,
        "record_outcome": str(found.sts.outcome),
        "id": found.sts.id,
        "record_faults": list(found.sts.faults),
        "outcome": fetch.outcome if fetch else "not_asked",
        "status": fetch.status if fetch else 0,
        "mode": policy.mode if policy else "",
        "max_age": policy.max_age if policy else 0,
        "mx": list(policy.mx) if policy else [],
        "faults": list(policy.faults) if policy else [],
        "sha256": _digest(fetch),
        "detail": fetch.detail if fetch else "there is no record",
        "asked_at": found.asked_at.isoformat(),
    }


def _digest(fetch: PolicyFetch | None) -> str:
    return hashlib.sha256(fetch.body).hexdigest() if fetch and fetch.body else ""


def _probe(domain: str, one: SmtpProbe, canary: Canary, asked_at: datetime, round_: int) -> Row:
    answer = dict(one.answers).get(canary.address)
    said = answer or one.reply or SmtpReply(0, "", "")
    return {
        "domain": domain,
        "host": one.host,
        "ip": one.ip,
        "port": one.port,
        "recipient": canary.address,
        "role": canary.role,
        "round": round_,
        "ending": one.end,
        "stage": one.stage,
        "meaning": answer.meaning if answer else "",
        "code": said.code,
        "status": said.status,
        "reply": said.text,
        "banner": one.banner,
        "has_tls": one.has_tls,
        "names": list(one.names),
        "names_host": one.names_host,
        "key_digest": one.key_digest,
        "transcript": list(one.transcript),
        "detail": one.detail,
        "asked_at": asked_at.isoformat(),
    }


def _message(domain: str, one: Delivered) -> Row:
    delay = one.received - one.sent if one.received and one.sent else None
    return {
        "domain": domain,
        "sha256": one.sha256,
        "file": one.name,
        "subject": one.subject,
        "message_id": one.message_id,
        "sender": one.sender,
        "is_inbound": one.sender.rpartition("@")[2] != domain,
        "tenant_id": one.tenant_id,
        "spf": one.result_of("spf"),
        "dkim": one.result_of("dkim"),
        "dmarc": one.result_of("dmarc"),
        "is_signed": one.signed_by(domain),
        "selectors": sorted({selector for signer, selector in one.signatures if signer == domain and selector}),
        "has_delay": delay is not None,
        "delay": max(int(delay.total_seconds()), 0) if delay is not None else 0,
        "has_received": one.received is not None,
        "received": one.received.isoformat() if one.received else "",
    }
