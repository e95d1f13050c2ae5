"""The cutover clock: the earliest safe moment of every step of a domain move, from what was really observed. Pure functions.

A step that was not seen done is taken to be done at its earliest moment; what is not known makes every moment that hangs on it unknown,
never "now". Why each step waits: docs/dns-plan.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ctm_audit.dns.agree import agrees
from ctm_audit.dns.caches import History, Sight, Test, Version, changed_at, expires, with_spare
from ctm_audit.dns.mta_sts import SeenPolicy, binding_until
from ctm_audit.model import Step

LOW_TTL = 300
FIRST_LOOK, LAST_LOOK = timedelta(hours=1), timedelta(hours=24)
PARKED = (("warning", timedelta(hours=4)), ("alarm", timedelta(hours=12)), ("at the latest", timedelta(hours=20)))
"""How long a domain may stay parked. Exchange Online's own senders give up after 24 hours."""
MX, TXT = "mx", "txt"


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a step may not begin before `until`; None when nobody can say until when, and `why` says what is lacking."""

    why: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One step. `done_at` is when it was seen done, None before; what is not done is never before `begin`.

    `needs` are events that no clock foresees; `limits` are deadlines.
    """

    step: Step
    begin: datetime
    done_at: datetime | None
    waits: tuple[Wait, ...]
    needs: tuple[str, ...] = ()
    limits: tuple[Wait, ...] = ()

    @property
    def earliest(self) -> datetime | None:
        """When everything was waited for; None when one wait has no known end."""
        return _latest([self.begin, *(wait.until for wait in self.waits)])

    @property
    def taken(self) -> datetime | None:
        """The moment that later steps reckon with."""
        return self.done_at or self.earliest


@dataclass(frozen=True, slots=True)
class Window:
    """What the clock knows of one domain; times are naive UTC.

    `histories` are by role (`mx`, `txt`, `selector1` …), `lowered` names the roles whose TTL is to be low, `target` gives the records
    that a role changes to at the end, None while they are not known. `parked` are the MX records of the parked domain, None when none
    are planned; an `is_direct` domain must be parked. `code` is the target's ownership text. `policies` are the MTA-STS policies that
    were served, None when that could not be seen. `floor`: seconds for which some resolver keeps everything. `removed_at` and
    `verified_at` are when the tenants were seen without and with the domain.
    """

    begin: datetime
    histories: Mapping[str, History]
    lowered: Sequence[str] = ()
    target: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    parked: tuple[str, ...] | None = None
    is_direct: bool = True
    code: str | None = None
    policies: Sequence[SeenPolicy] | None = None
    lowest_ttl: int = LOW_TTL
    floor: int = 0
    removed_at: datetime | None = None
    verified_at: datetime | None = None


def moments(window: Window) -> tuple[Moment, ...]:
    """The steps of the domain move in their order."""
    un_parked = _all_show_target(window)
    parked_at = _shown_before(window.histories.get(MX, ()), _is(window.parked), un_parked) if window.parked else None
    lower = _lower(window, parked_at or un_parked)
    lowered = dict(window.histories)
    if not (lower.done_at or parked_at or un_parked):
        lowered |= {role: _then(lowered.get(role, ()), lower.taken, None, window.lowest_ttl) for role in window.lowered}
    park = _park(window, lower, parked_at)
    remove = _remove(window, lowered, park)
    verify = _verify(window, lowered, lower, remove)
    if window.parked and not (parked_at or un_parked):
        lowered[MX] = _then(lowered.get(MX, ()), park.taken, window.parked, window.lowest_ttl)
    un_park = _un_park(window, park, verify, un_parked)
    done = _done(window, un_park)
    return lower, park, remove, verify, un_park, done, _close(window, lowered, un_park, done)


def gone_at(window: Window, role: str, floor: int) -> datetime | None:
    """When the last cache lets go of what the role held before the target's records; None while these are not seen everywhere.

    `floor` is that of the window, or 0 for caches that keep to their TTLs.
    """
    records, history = window.target.get(role), window.histories.get(role, ())
    if records is None:
        return None
    return expires(history, _is_not(records), changed_at(history, _is(records)), floor)


def _all_show_target(window: Window) -> datetime | None:
    """Since when every server shows every record of the target; None when one does not, or when none is to change."""
    return _latest(
        [
            changed_at(window.histories.get(role, ()), _is(records)) if records is not None else None
            for role, records in window.target.items()
        ]
    )


def _shown_before(history: History, wanted: Test, end: datetime | None) -> datetime | None:
    """Since when all servers showed what is wanted until `end`; None when they did not."""
    return changed_at([sight for sight in history if end is None or sight.at < end], wanted)


def _lower(window: Window, end: datetime | None) -> Moment:
    is_low = _lasts_at_most(window.lowest_ttl)
    shown = [_shown_before(window.histories.get(role, ()), is_low, end) for role in window.lowered]
    shown += [_shown_before(window.histories.get(TXT, ()), _holds(window.code), end)] if window.code else []
    unseen = [role for role in window.lowered if not _is_seen(window.histories.get(role, ()))]
    wait = (
        Wait(f"not every server says what it holds: {', '.join(unseen)}", None) if unseen else Wait("the baseline is known", window.begin)
    )
    return Moment(Step.LOWER_TTL, window.begin, _latest(shown), (wait,))


def _park(window: Window, lower: Moment, done_at: datetime | None) -> Moment:
    high = _lasts_more_than(window.lowest_ttl)
    ends = {role: expires(window.histories.get(role, ()), high, lower.taken) for role in window.lowered}
    waits = [Wait("the TTLs are low", lower.taken)]
    waits += [Wait(f"caches let go of the old TTL of {roles}", end) for roles, end in _by_end(ends)]
    if window.parked is None and not window.is_direct:
        return Moment(Step.PARK, window.begin, done_at, tuple(waits), ("the gateway holds the mail of the domain back",))
    if window.parked is None:
        waits.append(Wait("the project names no park for the domain", None))
    else:
        waits += _policy_waits(window, window.parked, "the parked MX")
    needs = ("the parked host resolves and holds mail back", "the ownership text of the target is published")
    return Moment(Step.PARK, window.begin, done_at, tuple(waits), needs)


def _remove(window: Window, histories: Mapping[str, History], park: Moment) -> Moment:
    begin = park.taken
    if window.parked is None:
        waits = [Wait("mail is held back", begin)]
    else:
        until = expires(histories.get(MX, ()), _is_not(window.parked), begin, window.floor)
        waits = [Wait("caches let go of the MX before parking", with_spare(begin, until) if begin else None)]
    return Moment(Step.REMOVE_DOMAIN, window.begin, window.removed_at, tuple(waits), ("nothing in the source refers to the domain",))


def _verify(window: Window, histories: Mapping[str, History], lower: Moment, remove: Moment) -> Moment:
    waits = [Wait("the source has given the domain up", remove.taken)]
    if window.code is None:
        waits.append(Wait("Graph has not told the ownership text of the target", None))
    else:
        holds = _holds(window.code)
        published = changed_at(window.histories.get(TXT, ()), holds) or (max(lower.taken, window.begin) if lower.taken else None)
        waits.append(Wait("caches let go of texts without the ownership text", expires(histories.get(TXT, ()), _not(holds), published)))
    needs = ("OpenID names no tenant any more; that may take an hour, sometimes a day",)
    return Moment(Step.VERIFY_DOMAIN, window.begin, window.verified_at, tuple(waits), needs)


def _un_park(window: Window, park: Moment, verify: Moment, done_at: datetime | None) -> Moment:
    waits, needs = [Wait("the target has the domain", verify.taken)], ["recipients answer 250 in the target"]
    if MX in window.target:
        records = window.target[MX]
        waits += _policy_waits(window, records, "the MX of the target")
        needs = [*([] if records else ["Graph tells the MX of the target"]), "that MX resolves", *needs]
    limits = tuple(Wait(name, park.taken + after if park.taken else None) for name, after in PARKED)
    return Moment(Step.UN_PARK, window.begin, done_at, tuple(waits), tuple(needs), limits)


def _done(window: Window, un_park: Moment) -> Moment:
    begin = un_park.taken
    needs = ("every proof that the target has the domain", "three equal rounds of answers")
    return Moment(Step.DONE, window.begin, None, (Wait("an hour of mail in the target", begin + FIRST_LOOK if begin else None),), needs)


def _close(window: Window, histories: Mapping[str, History], un_park: Moment, done: Moment) -> Moment:
    begin = un_park.taken
    waits = [Wait("the move is done", done.taken), Wait("a day of mail in the target", begin + LAST_LOOK if begin else None)]
    ends = {role: expires(histories.get(role, ()), _old_of(records), begin, window.floor) for role, records in window.target.items()}
    waits += [Wait(f"the last cache lets go of the old {roles}", with_spare(begin, end) if begin else None) for roles, end in _by_end(ends)]
    return Moment(Step.CLOSE_DOMAIN, window.begin, None, tuple(waits), ("every message of the heartbeat came",))


def _by_end(ends: Mapping[str, datetime | None]) -> list[tuple[str, datetime | None]]:
    """The roles that have an end in common, in words, with that end."""
    return [(", ".join(role for role, each in ends.items() if each == end), end) for end in dict.fromkeys(ends.values())]


def _policy_waits(window: Window, records: Sequence[str] | None, what: str) -> list[Wait]:
    """Until when senders may refuse hosts because of a policy that they keep; one that still refuses is changed at the beginning."""
    policies = window.policies
    if policies is None or (records is None and any(seen.policy.mode == "enforce" for seen in policies)):
        return [Wait(f"whether MTA-STS lets senders use {what} is not known", None)]
    ends = {record.split(" ")[-1]: _bound_until(window.begin, policies, record.split(" ")[-1]) for record in records or ()}
    return [Wait(f"senders forget the MTA-STS policy that does not name {host}", until) for host, until in ends.items() if until]


def _bound_until(begin: datetime, policies: Sequence[SeenPolicy], host: str) -> datetime | None:
    until = binding_until(policies, host)
    if policies and not policies[-1].policy.admits(host):
        return max(until or begin, begin + timedelta(seconds=policies[-1].policy.max_age))
    return until


def _then(history: History, at: datetime | None, records: tuple[str, ...] | None, ttl: int) -> History:
    """The history and a sight to come: every server with these records (None: those that it has) and at most the TTL."""
    if at is None or not _is_seen(history):
        return history
    planned = [Version(version.records if records is None else records, _lowered(version.lasts, ttl)) for version in _newest(history)]
    return (*history, Sight(max(at, history[-1].at), tuple(planned)))


def _lowered(lasts: int | None, ttl: int) -> int | None:
    return None if lasts is None else min(lasts, ttl)


def _latest(times: Sequence[datetime | None]) -> datetime | None:
    """The latest of the times; None when one is not known, or without any."""
    return None if not times or None in times else max(moment for moment in times if moment)


def _newest(history: History) -> list[Version]:
    return [version for version in history[-1].held if version]


def _is_seen(history: History) -> bool:
    return bool(history) and history[-1].is_whole


def _is(records: tuple[str, ...]) -> Test:
    return lambda version: agrees(version.records, records)


def _is_not(records: tuple[str, ...]) -> Test:
    return _not(_is(records))


def _old_of(records: tuple[str, ...] | None) -> Test:
    """What is old when the new records are known, else everything that was ever seen."""
    return (lambda _: True) if records is None else _is_not(records)


def _not(test: Test) -> Test:
    return lambda version: not test(version)


def _holds(record: str) -> Test:
    return lambda version: record in version.records


def _lasts_at_most(seconds: int) -> Test:
    return lambda version: version.lasts is not None and version.lasts <= seconds


def _lasts_more_than(seconds: int) -> Test:
    return lambda version: version.lasts is None or version.lasts > seconds
