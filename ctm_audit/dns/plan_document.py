"""The plan of domain moves as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ctm_audit.dns.clock import Moment, Wait
from ctm_audit.dns.cutover import Cutover
from ctm_audit.dns.planned_roles import TYPES
from ctm_audit.dns.record_sets import RecordSet, RecordSets
from ctm_audit.dns.zone_lines import changes
from ctm_audit.model import FORMAT_VERSION

PHASES = ("baseline", "parked", "target")


def plan_document(plans: Sequence[Cutover]) -> dict[str, Any]:
    """All plans; times are UTC, null where nobody can say."""
    return {"format_version": FORMAT_VERSION, "domains": [domain_document(one) for one in plans]}


def domain_document(one: Cutover) -> dict[str, Any]:
    """The plan of one domain."""
    return {
        "domain": one.domain,
        "mail_style": one.mail_style,
        "as_of": iso(one.begin),
        "is_known": one.is_known,
        "record_sets": {phase: _sets(one.phases.of(phase)) for phase in PHASES},
        "changes": [
            {"step": str(change.step), "title": change.title, "lines": list(change.lines())}
            for change in changes(one.phases, one.window.lowest_ttl)
        ],
        "steps": [_moment(moment) for moment in one.moments],
        "clamping": [
            {"vantage": clamp.vantage, "resolver": clamp.resolver, "role": clamp.role, "seconds": clamp.seconds, "allowed": clamp.allowed}
            for clamp in one.clamps
        ],
    }


def iso(moment: datetime | None) -> str | None:
    """A naive UTC time as text, to the second."""
    return None if moment is None else f"{moment.isoformat(timespec='seconds')}Z"


def _sets(sets: RecordSets) -> list[dict[str, Any]]:
    return [_set(one) for one in sets.values()]


def _set(one: RecordSet) -> dict[str, Any]:
    return {
        "role": one.role,
        "name": one.name,
        "type": TYPES[one.role],
        "records": list(one.records),
        "ttl": one.ttl,
        "state": one.state,
        "why": one.why,
        "guess": one.guess,
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "step": str(moment.step),
        "done_at": iso(moment.done_at),
        "earliest": iso(moment.earliest),
        "waits": [_wait(wait) for wait in moment.waits],
        "needs": list(moment.needs),
        "limits": [_wait(wait) for wait in moment.limits],
    }


def _wait(wait: Wait) -> dict[str, Any]:
    return {"why": wait.why, "until": iso(wait.until)}
