"""When caches let go of what was published before: pure functions of what was seen, which ask nobody and know no clock.

A cache may fetch a record set at the last moment at which some server still gave it out, and keeps it for its TTL from then on; that
nothing is there it keeps for min(SOA TTL, MINIMUM) (https://www.rfc-editor.org/rfc/rfc2308#section-5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SPARE = timedelta(seconds=60)
"""What is added, beside a tenth, to every wait for a cache: clocks differ, and resolvers round."""


@dataclass(frozen=True, slots=True)
class Version:
    """A record set as one server gives it out: each record as `TYPE DATA`, sorted, () when nothing is there.

    `lasts` are the seconds for which caches may keep it, None when the answer does not say.
    """

    records: tuple[str, ...]
    lasts: int | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What every authoritative server held of a record set at a time (naive UTC): None for a server that did not say."""

    at: datetime
    held: tuple[Version | None, ...]

    @property
    def is_whole(self) -> bool:
        """True when there are servers and each of them said what it holds."""
        return bool(self.held) and None not in self.held

    def shows(self, wanted: Test) -> bool:
        """True when every server said that it holds what is wanted."""
        return self.is_whole and all(wanted(version) for version in self.held if version)


Test = Callable[[Version], bool]
History = Sequence[Sight]
"""Sights in the order of their times."""


def changed_at(history: History, wanted: Test) -> datetime | None:
    """Since when all servers were seen to hold what is wanted; None when the newest sight does not show it."""
    since = None
    for sight in reversed(history):
        if not sight.shows(wanted):
            break
        since = sight.at
    return since


def last_given(history: History, version: Version, done_at: datetime) -> datetime:
    """The last moment at which a server may have given the version out, when all servers stop at `done_at` at the latest."""
    bound = done_at
    for sight in reversed([sight for sight in history if sight.at < done_at]):
        if version in sight.held:
            break
        bound = sight.at if sight.is_whole else bound
    return bound


def expires(history: History, is_old: Test, done_at: datetime | None, floor: int = 0) -> datetime | None:
    """When the last cache lets go of what is old, if all servers stop giving it out at `done_at`; `done_at` itself when nothing was old.

    `floor` are the seconds for which some resolver keeps everything. None when that cannot be known: no moment, nothing seen, a server
    that does not say what it holds, an answer that does not say how long it lasts.
    """
    if done_at is None or not history or not history[-1].is_whole:
        return None
    old = {version for sight in history for version in sight.held if version and is_old(version)}
    ends = [done_at]
    for version in old:
        if version.lasts is None:
            return None
        ends.append(last_given(history, version, done_at) + timedelta(seconds=max(version.lasts, floor)))
    return max(ends)


def with_spare(begin: datetime, until: datetime | None) -> datetime | None:
    """The end of a wait with a tenth of it and a minute on top; what never had to wait stays."""
    return until if until is None or until <= begin else until + (until - begin) / 10 + SPARE
