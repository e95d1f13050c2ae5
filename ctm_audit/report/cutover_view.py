"""The cutover report as plain values: what the template shows, in the words that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ctm_audit import __version__
from ctm_audit.dns.names import readable
from ctm_audit.dns.planned_roles import TYPES
from ctm_audit.dns.record_sets import RecordSet
from ctm_audit.dns.standing import UNSETTLED, WRONG, Cell, Matrix, State
from ctm_audit.dns.verified import Verified
from ctm_audit.dns.zone_lines import absolute, not_known
from ctm_audit.project import Project
from ctm_audit.report.cutover_gates import StepGate, step_gates
from ctm_audit.report.cutover_lines import TITLES, UNKNOWN, shown
from ctm_audit.report.cutover_timeline import Timeline, timeline
from ctm_audit.rulebook.rule import Rule

HEADLINES = {"proven": "proven", "failed": "not right", "undetermined": "not proven yet"}
DOORS = {"proven": "ready", "failed": "not-ready", "undetermined": "undetermined"}
PHASES = ("baseline", "parked", "target")
PROOFS = {"proven": "open", "refuted": "closed", "pending": "undetermined", "not seen": "undetermined"}


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of the matrix: its class, what it says, and until when."""

    state: str
    told: str
    until: str


@dataclass(frozen=True, slots=True)
class Line:
    """One server or resolver of the matrix."""

    server: str
    vantage: str
    kind: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step with its moment, what it waits for and what it needs."""

    number: int
    title: str
    is_done: bool
    when: str
    waits: tuple[str, ...]
    needs: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameShown:
    """One name with its records in the three record sets."""

    name: str
    type: str
    phases: tuple[tuple[str, ...], ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """The evidence of one cell."""

    server: str
    role: str
    outcome: str
    records: tuple[str, ...]
    ttl: str
    at: str
    detail: str


@dataclass(frozen=True, slots=True)
class DomainShown:
    """One domain."""

    id: str
    name: str
    headline: str
    state: str
    faults: tuple[str, ...]
    unsettled: tuple[str, ...]
    seen_at: str
    equal: str
    close: str
    steps: tuple[StepShown, ...]
    timeline: Timeline | None
    roles: tuple[str, ...]
    lines: tuple[Line, ...]
    proofs: tuple[tuple[str, str, str, str], ...]
    names: tuple[NameShown, ...]
    answers: tuple[AnswerShown, ...]


@dataclass(frozen=True, slots=True)
class CutoverShown:
    """The whole page. `run` is '' without a run."""

    project: str
    source: str
    target: str
    state: str
    headline: str
    as_of: str
    tool_version: str
    domains: tuple[DomainShown, ...]
    gates: tuple[StepGate, ...]
    run: str


def cutover_view(project: Project, found: Sequence[Verified], rules: Sequence[Rule], run: Mapping[str, Any] | None) -> CutoverShown:
    """The view of the moves of some domains; `run` is the newest run's document, None without one."""
    states = [one.state for one in found]
    state = next(known for known in ("failed", "undetermined", "proven") if known in states)
    return CutoverShown(
        project=project.name,
        source=project.source.initial_domain,
        target=project.target.initial_domain,
        state=DOORS[state],
        headline=f"The domain move is {HEADLINES[state]}",
        as_of=shown(found[0].cutover.begin),
        tool_version=__version__,
        domains=tuple(_domain(number, one) for number, one in enumerate(found, start=1)),
        gates=step_gates(rules, run),
        run=f"{run['run_id']}, for {run['step']}" if run else "",
    )


def _domain(number: int, one: Verified) -> DomainShown:
    found, moments = one.matrix, one.cutover.moments
    return DomainShown(
        id=f"domain-{number}",
        name=readable(one.cutover.domain),
        headline=HEADLINES[one.state],
        state=DOORS[one.state],
        faults=one.faults,
        unsettled=one.unsettled,
        seen_at=f"{found.at:%Y-%m-%d %H:%M:%SZ}" if found else "never",
        equal=f"{found.equal if found else 0} of 3",
        close=shown(moments[-1].earliest),
        steps=tuple(_step(place, one) for place in range(len(moments))),
        timeline=timeline(one.cutover),
        roles=found.roles if found else (),
        lines=_lines(found) if found else (),
        proofs=tuple((proof.name, PROOFS[proof.state], proof.state, proof.told) for proof in one.proofs),
        names=tuple(_name(one, role) for role in one.cutover.phases.baseline if _is_shown(one, role)),
        answers=tuple(_answer(cell) for cell in found.cells) if found else (),
    )


def _step(place: int, one: Verified) -> StepShown:
    moment = one.cutover.moments[place]
    when = (
        f"done, seen {shown(moment.done_at)}" if moment.done_at else f"not before {shown(moment.earliest)}" if moment.earliest else UNKNOWN
    )
    waits = [f"{wait.why}{f': {shown(wait.until)}' if wait.until else f' ({UNKNOWN})'}" for wait in moment.waits]
    return StepShown(
        number=place + 1,
        title=TITLES[str(moment.step)],
        is_done=moment.done_at is not None,
        when=when,
        waits=() if moment.done_at else tuple(waits),
        needs=() if moment.done_at else moment.needs,
        limits=() if moment.done_at else tuple(f"{limit.why} {shown(limit.until)}" for limit in moment.limits),
    )


def _lines(found: Matrix) -> tuple[Line, ...]:
    """Servers first, then resolvers, each with a box for every record set."""
    cells = sorted(found.cells, key=lambda cell: not cell.is_server)
    places = dict.fromkeys((cell.told.vantage, cell.told.server, cell.is_server, cell.votes) for cell in cells)
    return tuple(
        Line(
            server,
            vantage,
            "name server" if is_server else "resolver" if votes else "resolver, does not vote",
            tuple(
                _box([cell for cell in cells if (cell.told.vantage, cell.told.server, cell.told.role) == (vantage, server, role)])
                for role in found.roles
            ),
        )
        for vantage, server, is_server, votes in places
    )


def _box(cells: Sequence[Cell]) -> Box:
    if not cells:
        return Box("none", "not asked", "")
    cell = cells[0]
    state = "new" if cell.state is State.NEW else "wrong" if cell.state in WRONG else "open" if cell.state in UNSETTLED else "none"
    told = f"{cell.state} ({cell.told.outcome})" if cell.state is State.NO_ANSWER else str(cell.state)
    return Box(state, told, f"until {cell.until:%m-%d %H:%M:%SZ}" if cell.until else "")


def _is_shown(one: Verified, role: str) -> bool:
    """False for a name at which nothing stands in any record set."""
    return any(one.cutover.phases.of(phase)[role].records or not one.cutover.phases.of(phase)[role].is_known for phase in PHASES)


def _name(one: Verified, role: str) -> NameShown:
    sets = [one.cutover.phases.of(phase)[role] for phase in PHASES]
    return NameShown(sets[0].name, TYPES[role], tuple(_written(each) for each in sets), any(not each.is_known for each in sets))


def _written(one: RecordSet) -> tuple[str, ...]:
    if not one.is_known:
        return (not_known(one),)
    return tuple(f"{one.ttl} {kind} {absolute(kind, data)}" for kind, _, data in (record.partition(" ") for record in one.records)) or (
        "nothing",
    )


def _answer(cell: Cell) -> AnswerShown:
    told = cell.told
    return AnswerShown(
        server=f"{told.server} {told.vantage}",
        role=told.role,
        outcome=told.outcome,
        records=told.version.records if told.version else (),
        ttl="" if told.ttl is None else f"{told.ttl} s",
        at=f"{told.at:%Y-%m-%d %H:%M:%SZ}",
        detail=told.detail,
    )
