"""The plan of a domain move as a person reads it in a terminal: the checklist with its times, the records, the zone diff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ctm_audit.dns.clock import Moment
from ctm_audit.dns.cutover import Cutover
from ctm_audit.dns.names import readable
from ctm_audit.dns.planned_roles import TYPES
from ctm_audit.dns.record_sets import RecordSet
from ctm_audit.dns.zone_lines import absolute, changes, not_known

UNKNOWN = "not known"
TITLES = {
    "lower-ttl": "lower the TTLs",
    "park": "park the MX",
    "remove-domain": "remove the domain from the source",
    "verify-domain": "verify it in the target",
    "un-park": "point the domain at the target",
    "done": "declare the move done",
    "close-domain": "close",
}


def plan_lines(one: Cutover) -> Iterator[str]:
    """The plan of one domain."""
    yield f"{readable(one.domain)} ({one.mail_style}), as of {shown(one.begin)}"
    yield from ("", "Steps (times are UTC; what is not done yet is taken to be done at its earliest moment)")
    for number, moment in enumerate(one.moments, start=1):
        yield from _step_lines(number, moment)
    yield from ("", "Records")
    for phase in ("baseline", "parked", "target"):
        yield from _phase_lines(one, phase)
    if one.clamps:
        yield from ("", "Resolvers that keep records longer than they may; every wait reckons with the longest")
        yield from (
            f"  {clamp.resolver} ({clamp.vantage}): {clamp.role} for {clamp.seconds} s, {clamp.allowed} s are allowed"
            for clamp in one.clamps
        )


def zone_diff_lines(one: Cutover) -> Iterator[str]:
    """What changes in the zone, step by step, each with its earliest moment."""
    moments = {moment.step: moment for moment in one.moments}
    for change in changes(one.phases, one.window.lowest_ttl):
        yield f"; {one.domain}: {change.title}"
        yield f"; {_when(moments[change.step])}"
        yield from list(change.lines()) or ["; nothing changes"]
        yield ""


def shown(moment: datetime | None) -> str:
    """A time to the minute, rounded up so that nobody is early."""
    if moment is None:
        return UNKNOWN
    rounded = moment + (datetime.min - moment) % timedelta(minutes=1)
    return rounded.strftime("%Y-%m-%d %H:%MZ")


def _when(moment: Moment) -> str:
    return f"done, seen {shown(moment.done_at)}" if moment.done_at else f"not before {shown(moment.earliest)}"


def _step_lines(number: int, moment: Moment) -> Iterator[str]:
    mark = "x" if moment.done_at else " "
    yield f"  [{mark}] {number} {TITLES[str(moment.step)]:<34} {_when(moment)}"
    if moment.done_at:
        return
    for wait in moment.waits:
        if wait.until is None or wait.until == moment.earliest:
            yield f"        waits for: {wait.why}{'' if wait.until else f' ({UNKNOWN})'}"
    yield from (f"        needs: {need}" for need in moment.needs)
    if moment.limits:
        yield f"        parked too long: {', '.join(f'{limit.why} {shown(limit.until)}' for limit in moment.limits)}"


def _phase_lines(one: Cutover, phase: str) -> Iterator[str]:
    baseline = one.phases.baseline
    yield f"  {phase}"
    for role, records in one.phases.of(phase).items():
        if phase == "baseline" or not records.is_like(baseline[role]) or not records.is_known:
            yield from _record_lines(records, phase)


def _record_lines(one: RecordSet, phase: str) -> Iterator[str]:
    if not one.is_known:
        yield f"    {not_known(one)}"
    for record in one.records:
        kind, _, data = record.partition(" ")
        yield f"    {one.name} {one.ttl} {kind} {absolute(kind, data)}"
    if one.is_known and not one.records and phase != "baseline":
        yield f"    {one.name}: no {TYPES[one.role]}"
