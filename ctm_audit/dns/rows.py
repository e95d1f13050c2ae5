"""Answers as the rows of the `dns` bundle (evidence/tables/dns.py)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ctm_audit.dns.answer import Answer, Endpoint, Record
from ctm_audit.dns.delegation import Cut
from ctm_audit.evidence.normalise import is_secret

Row = dict[str, Any]


def place(endpoint: Endpoint) -> str:
    """The address and port that name a server in the tables."""
    return f"[{endpoint.ip}]:{endpoint.port}" if ":" in endpoint.ip else f"{endpoint.ip}:{endpoint.port}"


def answer_row(answer: Answer, *, kind: str, domain: str, role: str, way: str = "plain", round_: int = 1) -> Row:
    """The row of `answers` for an answer that some endpoint gave."""
    endpoint = answer.endpoint or Endpoint("")
    until = signed_until(answer.records)
    return {
        "vantage": place(endpoint),
        "server": endpoint.label,
        "kind": kind,
        "domain": domain,
        "role": role,
        "name": answer.name,
        "type": answer.type,
        "way": way,
        "round": round_,
        "outcome": str(answer.outcome),
        "rcode": answer.rcode,
        "aa": answer.aa,
        "ad": answer.ad,
        "transport": answer.transport,
        "ede": list(answer.ede),
        "data": sorted(map(shown, answer.data)),
        "chain": list(answer.chain) if answer.type != "CNAME" else list(answer.data),
        "records": [shown(f"{record.owner} {record.ttl} {record.type} {record.data}") for record in answer.records],
        "ttl": answer.ttl or 0,
        "negative_ttl": -1 if answer.negative_ttl is None else answer.negative_ttl,
        "is_signed": bool(until),
        "signed_until": until,
        "attempts": list(answer.attempts),
        "notes": [shown(note) for note in answer.notes],
        "milliseconds": round(answer.milliseconds),
        "asked_at": iso(answer.asked_at),
        "wire": base64.b64encode(answer.wire).decode("ascii").rstrip("="),
        "sha256": hashlib.sha256(answer.wire).hexdigest() if answer.wire else "",
    }


def signed_until(records: Iterable[Record]) -> str:
    """When the first signature among the records runs out, as ISO 8601; '' without one."""
    return min((record.data.split(" ")[1] for record in records if record.type == "RRSIG"), default="")


def shown(text: str) -> str:
    """The text, or in the place of a published password or token a word that says so and its digest: it must not be spread further."""
    return f"(looks like a secret, SHA-256 {hashlib.sha256(text.encode()).hexdigest()[:16]})" if is_secret(text) else text


def without_secrets(row: Row) -> Row:
    """The row with every text as it may be kept."""
    return {name: _shown_within(value) for name, value in row.items()}


def _shown_within(value: Any) -> Any:
    if isinstance(value, list):
        return [_shown_within(one) for one in value]
    return shown(value) if isinstance(value, str) else value


def zone_row(domain: str, cut: Cut, child: Iterable[Answer], ds: Answer | None, begun: datetime) -> Row:
    """The row of `zones` for a domain; `child` are what the zone's own servers said of its name servers."""
    answers = list(child)
    outcome = next((answer.outcome for answer in answers if answer.data), answers[0].outcome if answers else "skipped")
    return {
        "domain": domain,
        "zone": "" if cut.outcome == "nxdomain" else cut.zone,
        "parent": cut.parent if cut.zone == domain else cut.zone,
        "outcome": str(cut.outcome),
        "parent_servers": list(cut.asked),
        "parent_ns": list(cut.ns) if cut.zone == domain else [],
        "child_ns": sorted({name for answer in answers for name in answer.data}),
        "child_outcome": str(outcome),
        "ds": sorted(ds.data) if ds else [],
        "ds_outcome": str(ds.outcome) if ds else "skipped",
        "asked_at": iso(begun),
    }


def server_rows(domain: str, cut: Cut, child_ns: Iterable[str], asked: Iterable[Endpoint]) -> list[Row]:
    """The rows of `name_servers` for a domain."""
    places = {endpoint.ip: place(endpoint) for endpoint in asked}
    named = set(child_ns)
    return [
        {
            "domain": domain,
            "server": address.server,
            "ip": address.ip or "none",
            "vantage": (places.get(address.ip) or place(Endpoint(address.ip))) if address.ip else "",
            "in_parent": address.server in cut.ns,
            "in_child": address.server in named,
            "outcome": str(address.outcome),
            "is_asked": address.ip in places,
        }
        for address in cut.addresses
    ]


def iso(moment: datetime | None) -> str:
    """A naive UTC time as text; '' for none."""
    return "" if moment is None else f"{moment.isoformat(timespec='milliseconds')}Z"
