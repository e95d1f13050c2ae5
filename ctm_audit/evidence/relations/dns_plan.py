"""What rules read of the plan of a domain move: the project's, the target's records, and what earlier observations saw."""

from __future__ import annotations

from ctm_audit.evidence.relations.schema import Field, SqlType

CHANGING = ["mx", "txt", "autodiscover", "selector1", "selector2", "dmarc", "mta_sts"]
"""Roles that a domain move changes."""
CHECKED = [*CHANGING, "parent_ns", "ds"]
"""Roles that a baseline must hold."""
RECORDS = tuple(f"target.service_records.{name}" for name in ("domain", "kind", "mx_host", "mx_preference"))
HISTORY = tuple(f"dns.history.{name}" for name in ("domain", "role", "data", "chain", "ttl", "since", "is_baseline", "baseline_at"))
SEEN = ("dns.zones.domain",)
RESOLVED = (*(f"dns.answers.{name}" for name in ("role", "name", "outcome", "data", "vantage")), "dns.vantages.votes")
PROBED = tuple(f"dns.smtp_probes.{name}" for name in ("host", "ip", "role", "round", "meaning", "asked_at"))


def _planned(name: str, kind: SqlType, doc: str) -> Field:
    return Field(f"plan.{name}", kind, doc, sql=f"d.{name}")


def _of_tenant(side: str, name: str, kind: SqlType, none: str, doc: str) -> Field:
    """What a tenant says of the domain; of one that it does not list, none of that."""
    reads = (f"{side}.domains.name", f"{side}.domains.{name}")
    has = f"case when e.in_{side} then e.{side}_{name.removeprefix('is_')} when {{complete:{side}.domains}} then {none} end"
    return Field(f"{side}.{name}", kind, doc, reads, has)


def _before(name: str, kind: SqlType, doc: str, sql: str, also: tuple[str, ...] = ()) -> Field:
    return Field(name, kind, doc, (*HISTORY, *SEEN, *also), f"case when z.domain is not null then {sql} end")


PLAN = (
    _planned("park", "VARCHAR[]", "MX records while no tenant has the domain, as PREFERENCE HOST, sorted; [] when none are planned"),
    _planned("queues", "BOOLEAN", "true when the hosts of `plan.park` take mail and keep it, false when they put senders off"),
    _planned("lowest_ttl", "BIGINT", "the lowest TTL in seconds that the DNS provider gives"),
    Field(
        "plan.signed_until",
        "TIMESTAMP",
        "until when signatures must be good: three days after the planned end of the move, or four days from now, UTC",
        sql="greatest(coalesce(d.end_at, p.now), p.now + interval '1 day') + interval '3 days'",
    ),
    _of_tenant("source", "is_verified", "BOOLEAN", "false", "true while the source tenant has the domain"),
    _of_tenant("source", "is_admin_managed", "BOOLEAN", "false", "false when Microsoft hosts the DNS zone for the source"),
    Field(
        "expected.mx",
        "VARCHAR[]",
        "MX records after the move, as PREFERENCE HOST, sorted: those of the project, else those that Graph names for the target",
        RECORDS,
        "case when {complete:target.service_records} or len(d.target_mx) > 0 then e.mx end",
    ),
    Field(
        "expected.resolve",
        "BOOLEAN",
        "true when two resolvers that vote find an address of each of their hosts, false when two find none of one",
        (*RECORDS, *RESOLVED),
        "case when {complete:target.service_records} then i.expected_resolve end",
    ),
    Field(
        "expected.took",
        "BIGINT",
        "addresses of their hosts that took recipients of the target twice in five minutes; unknown below two while none refuses",
        (*RECORDS, *PROBED),
        "i.expected_took",
    ),
    Field(
        "plan.uncovered",
        "VARCHAR[]",
        "hosts of `plan.park` that no pattern of the MTA-STS policy covers (a wildcard is one label); [] without a policy",
        tuple(f"dns.sts_policies.{name}" for name in ("domain", "outcome", "mx")),
        "i.uncovered",
    ),
    Field(
        "heartbeat.is_running",
        "BOOLEAN",
        "true while a series of numbered messages is being sent and some have arrived; unknown without a series",
        tuple(f"dns.heartbeats.{name}" for name in ("domain", "begins", "ends", "arrived")),
        "i.is_running",
    ),
    Field("expected.hosts", "VARCHAR[]", "their hosts", RECORDS, "case when {complete:target.service_records} then e.hosts end"),
    _before("baseline.at", "TIMESTAMP", "when the baseline was taken, UTC; 1970 without one", "u.baseline_at"),
    _before("baseline.missing", "VARCHAR[]", "roles that a baseline must hold and that none holds", "u.missing"),
    _before("baseline.mx", "VARCHAR[]", "MX records at the baseline; unknown without one", "u.baseline_mx"),
    _before("baseline.mx_ttl", "BIGINT", "their TTL in seconds", "u.baseline_mx_ttl"),
    _before("baseline.ns", "VARCHAR[]", "name servers that the parent named at the baseline", "u.baseline_ns"),
    _before("baseline.ds", "VARCHAR[]", "DS records that the parent held at the baseline", "u.baseline_ds"),
    _before("baseline.changed", "VARCHAR[]", "roles whose records are others than at the baseline, sorted", "u.changed"),
    _before(
        "low_settled_at",
        "TIMESTAMP",
        "when nobody remembers the old TTLs any more, UTC: the low ones seen first, and the baseline's TTL later",
        "u.low_settled_at",
    ),
    _before(
        "parked_since",
        "TIMESTAMP",
        "when all servers were first seen to name the parked MX, UTC; unknown when they do not",
        "u.parked_since",
    ),
    _before(
        "parked_settled_at",
        "TIMESTAMP",
        "when nobody remembers the MX before that any more, UTC: its TTL and a tenth later; 1970 when MX is not the parked one",
        "u.parked_settled_at",
    ),
)
