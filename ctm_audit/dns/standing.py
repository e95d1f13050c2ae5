"""How far a domain move has come at each server and resolver: new, old and for how long still, or not to be seen. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ctm_audit.dns.agree import agrees
from ctm_audit.dns.caches import changed_at, with_spare
from ctm_audit.dns.clock import gone_at
from ctm_audit.dns.cutover import STALE_TTL, Cutover, longest
from ctm_audit.dns.record_sets import MX, RecordSet
from ctm_audit.dns.sightings import Observed, Round, Told

APART = timedelta(seconds=60)
ROUNDS = 3
QUORUM = 0.75
FEWEST_VOTERS = 2


class State(StrEnum):
    """What one server or resolver holds of one record set, measured by what the target wants."""

    NEW = "new"
    OLD_IN_TIME = "old, in its time"
    """A resolver that may still hold it: `until` tells when it must ask anew."""
    CLAMPING = "old, kept too long by the resolver"
    STALE = "old, served though it has run out"
    OLD = "old"
    """A server that was not changed, or a resolver that may say it because a server was not."""
    OVERDUE = "old, beyond its time"
    OTHER = "neither old nor new"
    NO_ANSWER = "no answer"
    NO_TARGET = "what is new is not known"


UNSETTLED = (State.OLD_IN_TIME, State.CLAMPING, State.STALE, State.NO_ANSWER, State.NO_TARGET)
WRONG = (State.OLD, State.OVERDUE, State.OTHER)


@dataclass(frozen=True, slots=True)
class Cell:
    """One server or resolver and one record set. `told` is the evidence; `until` (naive UTC) is when a resolver must ask anew."""

    told: Told
    state: State
    votes: bool
    until: datetime | None = None

    @property
    def is_server(self) -> bool:
        """True for a server of the zone."""
        return self.told.is_authoritative


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every server and resolver of one round by every record set that changes; `equal` counts the equal rounds up to this one."""

    at: datetime
    roles: tuple[str, ...]
    cells: tuple[Cell, ...]
    equal: int
    faults: tuple[str, ...]
    unsettled: tuple[str, ...]


def matrix(one: Cutover, observed: Observed, *, apart: timedelta = APART) -> Matrix | None:
    """How things stand in the newest round; None without an observation.

    `faults` is what is wrong, `unsettled` what time or another look will tell; with neither, everything is new often enough.
    """
    if not observed.rounds:
        return None
    roles = tuple(dict.fromkeys((MX, *one.window.target)))
    newest = observed.rounds[-1]
    cells = tuple(_cell(told, one, observed) for told in newest.told if told.role in roles)
    equal = _equal_rounds(observed.rounds, one, roles, observed.votes, apart)
    faults = _by_server([cell for cell in cells if cell.state in WRONG and (cell.votes or cell.is_server)])
    return Matrix(newest.at, roles, cells, equal, tuple(faults), tuple(_unsettled(cells, roles, equal)))


def _cell(told: Told, one: Cutover, observed: Observed) -> Cell:
    votes = told.is_authoritative or told.vantage in observed.votes
    target = one.phases.target[told.role]
    state = _state(told, target, one)
    until = told.at + timedelta(seconds=told.ttl) if told.ttl is not None and state in (State.OLD_IN_TIME, State.CLAMPING) else None
    return Cell(told, state, votes, until)


def _state(told: Told, target: RecordSet, one: Cutover) -> State:
    if told.version is None:
        return State.NO_ANSWER
    if not target.is_known:
        return State.NO_TARGET
    if agrees(told.version.records, target.records):
        return State.NEW
    if not _is_old(told, one):
        return State.OTHER
    return State.OLD if told.is_authoritative else _old_at_resolver(told, target, one)


def _is_old(told: Told, one: Cutover) -> bool:
    """True for what some server was seen to hold before, or what stood there while the domain was parked."""
    assert told.version
    held = [version.records for sight in one.window.histories.get(told.role, ()) for version in sight.held if version]
    held += [sets[told.role].records for sets in (one.phases.baseline, one.phases.parked) if sets[told.role].is_known]
    return any(agrees(told.version.records, records) for records in held)


def _old_at_resolver(told: Told, target: RecordSet, one: Cutover) -> State:
    """Why a resolver still says what is old: `told.ttl` are the seconds that it will go on to."""
    history = one.window.histories.get(told.role, ())
    since = changed_at(history, lambda version: agrees(version.records, target.records))
    if since is None:
        return State.OLD
    seconds, end = told.ttl or 0, with_spare(since, gone_at(one.window, told.role, floor=0))
    allowed = {(told.role, version): version.lasts or 0 for sight in history for version in sight.held if version}
    most, is_late = longest(told, allowed), end is not None and told.at > end
    clamps = told.vantage in {clamp.vantage for clamp in one.clamps} or (most is not None and seconds > max(most, STALE_TTL))
    if not is_late:
        return State.CLAMPING if most is not None and seconds > most else State.OLD_IN_TIME
    return State.CLAMPING if clamps else State.STALE if seconds <= STALE_TTL else State.OVERDUE


def _unsettled(cells: Sequence[Cell], roles: Sequence[str], equal: int) -> list[str]:
    """What is not proven yet: servers all, of the resolvers that vote three of four, and the same three times."""
    open_ = [cell for cell in cells if cell.state in UNSETTLED and (cell.is_server or (cell.votes and cell.state is not State.NO_ANSWER))]
    found = [*_by_server(open_), *(line for role in roles for line in _too_few(role, [cell for cell in cells if cell.told.role == role]))]
    return found if equal >= ROUNDS else [*found, f"{equal} of {ROUNDS} equal rounds"]


def _too_few(role: str, cells: Sequence[Cell]) -> list[str]:
    """What is lacking of servers and of resolvers that vote, for one record set."""
    voters = [cell for cell in cells if not cell.is_server and cell.votes]
    counts = Counter(cell.state for cell in voters)
    heard = len(voters) - counts[State.NO_ANSWER] - counts[State.NO_TARGET]
    found = [] if any(cell.is_server for cell in cells) else [f"{role}: no server was asked"]
    if heard < FEWEST_VOTERS or counts[State.NEW] < QUORUM * len(voters):
        found.append(f"{role}: {counts[State.NEW]} of {len(voters)} resolvers that vote say the new records")
    return found


def _by_server(cells: Sequence[Cell]) -> list[str]:
    """A line for each server and state, with the record sets that it is about."""
    roles: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        roles.setdefault((f"{cell.told.server} ({cell.told.vantage})", _told(cell)), []).append(cell.told.role)
    return [f"{server}: {told}: {', '.join(each)}" for (server, told), each in roles.items()]


def _equal_rounds(rounds: Sequence[Round], one: Cutover, roles: Sequence[str], votes: frozenset[str], apart: timedelta) -> int:
    """How many rounds, each at least `apart` from the next, showed all that the newest one shows, with every answer the new one."""
    count, last = 0, None
    for each in reversed(rounds):
        if not _all_new(each, one, roles, votes):
            break
        if last is None or last - each.at >= apart:
            count, last = count + 1, each.at
    return count


def _all_new(each: Round, one: Cutover, roles: Sequence[str], votes: frozenset[str]) -> bool:
    told = [item for item in each.told if item.role in roles and (item.is_authoritative or item.vantage in votes)]
    target = one.phases.target
    known = [item for item in told if item.version and target[item.role].is_known]
    servers = [item for item in told if item.is_authoritative]
    return (
        bool(servers)
        and all(item in known for item in servers)
        and all(agrees(item.version.records, target[item.role].records) for item in known if item.version)
    )


def _told(cell: Cell) -> str:
    until = f" until {cell.until:%Y-%m-%d %H:%M:%SZ}" if cell.until else ""
    return f"{cell.state}{f' ({cell.told.outcome})' if cell.state is State.NO_ANSWER else until}"
