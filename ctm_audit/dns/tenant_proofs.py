"""Whose a domain is, from what DNS cannot say: OpenID, realm, Graph, canaries, DKIM targets, delivered messages. Pure functions of rows.

Rules judge the same evidence for the gates; here it is summed up for a person who waits beside the cutover.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ctm_audit.dns.agree import agrees
from ctm_audit.dns.record_sets import RecordSet, RecordSets

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
Held = Literal["proven", "pending", "refuted", "not seen"]
FEWEST_ADDRESSES, FEWEST_MESSAGES, FEWEST_SENDERS = 2, 3, 2


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof that the target has the domain: how it stands, and what was seen."""

    name: str
    state: Held
    told: str


@dataclass(frozen=True, slots=True)
class Sides:
    """What the newest bundle of each tenant says of the domain: None for a table that is not there, and when it was collected."""

    source: Sequence[Row] | None
    target: Sequence[Row] | None
    source_at: datetime | None
    target_at: datetime | None


def tenant_proofs(
    domain: str,
    rows: Rows,
    sides: Sides,
    target: RecordSets,
    *,
    tenant_ids: tuple[str, str],
    now: datetime,
    oldest: timedelta,
    since: datetime | None,
) -> tuple[Proof, ...]:
    """The proofs of a domain from the rows of its newest observation; `tenant_ids` are those of source and target.

    `oldest` is the age beyond which what a tenant says does not count; messages count that came after `since`.
    """
    own = {name: [row for row in found if row["domain"] == domain] for name, found in rows.items()}
    return (
        _openid(own.get("tenancies", ()), *tenant_ids),
        _realm(own.get("realms", ())),
        _removed(domain, sides, now, oldest),
        _verified(domain, sides, now, oldest),
        _canaries(own.get("smtp_probes", ())),
        *(_selector(name, own.get("dkim_keys", ()), target[name]) for name in ("selector1", "selector2")),
        _messages(own.get("probe_messages", ()), *tenant_ids, since),
    )


def _openid(rows: Sequence[Row], source: str, target: str) -> Proof:
    name, owned = "OpenID", [row for row in rows if row["outcome"] == "owned"]
    unknown = _silent(rows, ("owned", "unowned"))
    strangers = [f"{row['host']} names the tenant {row['tenant_id']}" for row in owned if row["tenant_id"] not in (source, target)]
    if strangers:
        return Proof(name, "refuted", "; ".join(strangers))
    if not rows or unknown:
        return Proof(name, "not seen", unknown or "no sign-in host was asked")
    if any(row["tenant_id"] == source for row in owned):
        return Proof(name, "pending", "the source is still named")
    return Proof(name, "proven", f"{owned[0]['host']} names the target") if owned else Proof(name, "pending", "no tenant is named")


def _realm(rows: Sequence[Row]) -> Proof:
    known = [row for row in rows if row["outcome"] in ("managed", "federated")]
    unknown = _silent(rows, ("managed", "federated", "nobody"))
    if not rows or unknown:
        return Proof("realm", "not seen", unknown or "no sign-in host was asked")
    if not known:
        return Proof("realm", "pending", "nobody's domain")
    return Proof("realm", "proven", "; ".join(f"{row['host']}: {row['outcome']}" for row in known))


def _silent(rows: Sequence[Row], known: tuple[str, ...]) -> str:
    """Which sign-in hosts did not say, and how that ended; '' when all did."""
    hosts: dict[str, list[str]] = {}
    for row in rows:
        if row["outcome"] not in known:
            hosts.setdefault(row["outcome"], []).append(row["host"])
    return "; ".join(f"{outcome}: {'every host' if len(each) == len(rows) else ', '.join(each)}" for outcome, each in hosts.items())


def _removed(domain: str, sides: Sides, now: datetime, oldest: timedelta) -> Proof:
    name = "Graph, source"
    if lacking := _lacking(sides.source, sides.source_at, now, oldest):
        return Proof(name, "not seen", lacking)
    has = any(row["name"] == domain for row in sides.source or ())
    return (
        Proof(name, "pending", "the source still has the domain") if has else Proof(name, "proven", "the source does not have the domain")
    )


def _verified(domain: str, sides: Sides, now: datetime, oldest: timedelta) -> Proof:
    name = "Graph, target"
    if lacking := _lacking(sides.target, sides.target_at, now, oldest):
        return Proof(name, "not seen", lacking)
    found = next((row for row in sides.target or () if row["name"] == domain), None)
    if found is None or not found.get("is_verified"):
        return Proof(name, "pending", "the target has not verified the domain")
    if "email" not in (found.get("services") or ()):
        return Proof(name, "pending", "verified, but not for mail")
    return Proof(name, "proven", "verified, for mail")


def _lacking(rows: Sequence[Row] | None, at: datetime | None, now: datetime, oldest: timedelta) -> str:
    if rows is None or at is None:
        return "its domains were not collected"
    return f"collected at {at:%Y-%m-%d %H:%MZ}, too long ago" if now - at > oldest else ""


def _canaries(rows: Sequence[Row]) -> Proof:
    """The recipients that only the target has must be taken at two addresses; what only the source has must not."""
    name, asked = "recipients", [row for row in rows if row["role"] in ("source", "target")]
    answered = [row for row in asked if row["ending"] == "done" and row["meaning"]]
    if not answered:
        return Proof(name, "not seen", _ways(asked) or "no mail host was asked")
    wrong = [
        row
        for row in answered
        if row["meaning"] in (("accepted",) if row["role"] == "source" else ("not_here", "unowned", "unknown_recipient"))
    ]
    if wrong:
        return Proof(name, "refuted", "; ".join(sorted({f"{row['recipient']} at {row['ip']}: {row['meaning']}" for row in wrong})))
    taken = {row["ip"] for row in answered if row["role"] == "target" and row["meaning"] == "accepted"}
    if len(taken) < FEWEST_ADDRESSES:
        ways = _ways(row for row in asked if row["role"] == "target")
        return Proof(name, "pending", f"taken at {len(taken)} addresses, {FEWEST_ADDRESSES} are needed; {ways}".removesuffix("; "))
    return Proof(name, "proven", f"taken at {len(taken)} addresses")


def _ways(rows: Iterable[Row]) -> str:
    """What stood in the way of an answer that takes the recipient, each address once."""
    ways = {(row["ip"], row["meaning"] or f"{row['ending']} at {row['stage']}") for row in rows if row["meaning"] != "accepted"}
    return "; ".join(f"{ip}: {way}" for ip, way in sorted(ways))


def _selector(name: str, rows: Sequence[Row], wanted: RecordSet) -> Proof:
    title = f"DKIM {name}"
    row = next((row for row in rows if row["selector"] == name), None)
    if row is None or row["state"] == "unknown":
        return Proof(title, "not seen", "its key was not seen")
    if not wanted.is_known:
        return Proof(title, "pending", wanted.why)
    if not agrees((f"CNAME {row['target']}",), wanted.records):
        return Proof(title, "pending", f"leads to {row['target'] or 'nothing'}")
    if row["state"] == "good":
        return Proof(title, "proven", f"{row['type']} {row['bits']} at {row['target']}")
    return Proof(title, "pending" if row["state"] == "none" else "refuted", f"the key at {row['target']} is {row['state']}")


def _messages(rows: Sequence[Row], source: str, target: str, since: datetime | None) -> Proof:
    name = "delivered messages"
    inbound = [row for row in rows if row["is_inbound"] and since is not None and row["has_received"] and row["received"] >= since]
    if not inbound:
        return Proof(name, "not seen", "no message was saved that came after the move" if since else "the move was not seen yet")
    lost = [row["file"] for row in inbound if row["tenant_id"] not in ("", target)]
    if lost:
        return Proof(
            name,
            "refuted",
            f"{', '.join(sorted(lost))}: taken by {'the source' if source in {row['tenant_id'] for row in inbound} else 'another tenant'}",
        )
    good = [row for row in inbound if row["tenant_id"] == target]
    senders = {row["sender"].rpartition("@")[2] for row in good}
    if len(good) < FEWEST_MESSAGES or len(senders) < FEWEST_SENDERS:
        return Proof(name, "pending", f"{len(good)} from {len(senders)} sides outside; {FEWEST_MESSAGES} from {FEWEST_SENDERS} are needed")
    return Proof(name, "proven", f"{len(good)} messages from {len(senders)} sides outside, all taken by the target")
