"""The window of a domain move as a drawing: steps, how long mail is parked, and until when caches may hold what was there before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ctm_audit.dns.clock import Moment, gone_at
from ctm_audit.dns.cutover import Cutover
from ctm_audit.model import Step
from ctm_audit.report.cutover_lines import shown

LEFT, RIGHT, TOP, LANE = 130.0, 970.0, 46.0, 34.0
TICKS = 5
NEAR = 20.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A step at its place; `number` is that of the list of steps."""

    x: float
    number: int
    title: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of time in a lane of its own, `y` from the top."""

    y: float
    label: str
    x: float
    width: float
    told: str
    kind: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment of the axis; `anchor` keeps its text inside the drawing."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing in units of its own: 1000 wide and `height` high. `now` is None when the window does not hold it."""

    height: float
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    limits: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    now: float | None


@dataclass(frozen=True, slots=True)
class _Axis:
    begin: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        share = (moment - self.begin) / (self.end - self.begin)
        return round(LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0), 1)


def timeline(one: Cutover) -> Timeline | None:
    """The drawing of a move; None when fewer than two moments of it are known."""
    known = sorted(moment.taken for moment in one.moments if moment.taken)
    if len(known) < 2 or known[0] == known[-1]:
        return None
    margin = (known[-1] - known[0]) / 40
    axis = _Axis(known[0] - margin, known[-1] + margin)
    bars = tuple(_bars(one, axis))
    now = axis.x(one.begin) if axis.begin <= one.begin <= axis.end else None
    height = TOP + LANE * (len(bars) + 1) + 34
    return Timeline(height, tuple(_marks(one, axis)), bars, tuple(_limits(one, axis)), tuple(_ticks(axis)), now)


def _marks(one: Cutover, axis: _Axis) -> Iterator[Mark]:
    """The steps; those that would lie on one another are moved apart."""
    last = LEFT - NEAR
    placed = [(moment.taken, number, moment) for number, moment in enumerate(one.moments, start=1) if moment.taken]
    for taken, number, moment in sorted(placed, key=lambda item: (item[0], item[1])):
        last = max(axis.x(taken), last + NEAR)
        yield Mark(last, number, str(moment.step), moment.done_at is not None)


def _bars(one: Cutover, axis: _Axis) -> Iterator[Bar]:
    steps = {moment.step: moment for moment in one.moments}
    park, back = steps[Step.PARK].taken, steps[Step.UN_PARK].taken
    y = TOP + LANE
    if park and back and back > park:
        yield _bar(axis, y, "mail parked", park, back, "parked")
        y += LANE
    for role in one.window.target:
        end = gone_at(one.window, role, one.window.floor) or _planned_end(steps[Step.UN_PARK], steps[Step.CLOSE_DOMAIN], role)
        if back and end and end > back:
            yield _bar(axis, y, f"old {role}", back, end, "cached")
            y += LANE


def _planned_end(un_park: Moment, close: Moment, role: str) -> datetime | None:
    """When the last cache will let go, as the clock reckons before anything was seen."""
    if un_park.done_at:
        return None
    return next((wait.until for wait in close.waits if wait.why.startswith("the last cache") and role in wait.why), None)


def _bar(axis: _Axis, y: float, label: str, begin: datetime, end: datetime, kind: str) -> Bar:
    return Bar(y, label, axis.x(begin), max(round(axis.x(end) - axis.x(begin), 1), 2.0), f"{shown(begin)} to {shown(end)}", kind)


def _limits(one: Cutover, axis: _Axis) -> Iterator[Tick]:
    """The deadlines of parking that fall into the window, while they count."""
    un_park = next(moment for moment in one.moments if moment.step is Step.UN_PARK)
    for limit in () if un_park.done_at else un_park.limits:
        if limit.until and axis.begin <= limit.until <= axis.end:
            yield Tick(axis.x(limit.until), limit.why, "middle")


def _ticks(axis: _Axis) -> Iterator[Tick]:
    step = (axis.end - axis.begin) / TICKS
    form = "%m-%d %H:%M" if axis.end - axis.begin < timedelta(days=10) else "%m-%d"
    for number in range(TICKS + 1):
        anchor = "start" if number == 0 else "end" if number == TICKS else "middle"
        yield Tick(axis.x(axis.begin + step * number), (axis.begin + step * number).strftime(form), anchor)
