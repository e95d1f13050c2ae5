"""Numbered messages across the window of a domain move: when each is to be sent, and which of them never came.

Only a series without a gap shows that no mail was lost; a single message that arrives shows that one did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ctm_audit.dns.headers import Delivered

MARK = re.compile(r"\[ctm-audit heartbeat ([0-9a-f]{8}) #(\d{4,6})\]")
GRACE = timedelta(minutes=30)
MOST_MESSAGES = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A series of messages: the first at `begins` (naive UTC), then one `every` so often, `count` in all, the senders in turn."""

    token: str
    domain: str
    recipient: str
    senders: tuple[str, ...]
    begins: datetime
    every: timedelta
    count: int

    def due(self, number: int) -> datetime:
        """When a message is to be sent; numbers begin with 1."""
        return self.begins + (number - 1) * self.every

    def sender(self, number: int) -> str:
        """Who sends a message."""
        return self.senders[(number - 1) % len(self.senders)]

    def subject(self, number: int) -> str:
        """The subject line by which a message is known again."""
        return f"[ctm-audit heartbeat {self.token} #{number:04d}] {self.domain}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of the series that arrived; times are naive UTC, None where the headers do not tell them."""

    number: int
    sha256: str
    message_id: str
    sender: str
    sent: datetime | None
    received: datetime | None
    tenant_id: str

    @property
    def delay(self) -> timedelta | None:
        """How long it was on its way, by the clocks of the sender and of the last server; never less than nothing."""
        return max(self.received - self.sent, timedelta()) if self.sent and self.received else None


@dataclass(frozen=True, slots=True)
class Pulse:
    """What became of a series by a moment. `missing` numbers are overdue, `awaited` were sent less than the grace ago.

    `twice` came in two copies that differ, `strange` are numbers that the plan does not have. `later` counts what is not yet to be sent.
    """

    arrived: tuple[int, ...]
    missing: tuple[int, ...]
    awaited: tuple[int, ...]
    twice: tuple[int, ...]
    strange: tuple[int, ...]
    later: int
    delays: tuple[timedelta, ...]
    tenants: dict[str, int]

    @property
    def is_whole(self) -> bool | None:
        """True when every message came once; False when one is missing or came twice; None while some may still come."""
        if self.missing or self.twice or self.strange:
            return False
        return None if self.awaited or self.later else True

    def delay(self, share: float) -> timedelta | None:
        """The delay within which this share of the messages came, such as 0.95; None when no delay is known."""
        return self.delays[min(int(share * len(self.delays)), len(self.delays) - 1)] if self.delays else None


def arrival_of(message: Delivered, plan: Plan) -> Arrival | None:
    """The message as an arrival of the series, None when it belongs to no series or to another."""
    found = MARK.search(message.subject)
    if not found or found[1] != plan.token:
        return None
    return Arrival(int(found[2]), message.sha256, message.message_id, message.sender, message.sent, message.received, message.tenant_id)


def pulse(plan: Plan, arrivals: Sequence[Arrival], now: datetime, grace: timedelta = GRACE) -> Pulse:
    """What became of the series by `now`, naive UTC; the same file twice is one arrival."""
    copies: dict[int, dict[str, Arrival]] = {}
    for arrival in arrivals:
        copies.setdefault(arrival.number, {})[arrival.sha256] = arrival
    numbers = range(1, plan.count + 1)
    open_ = [number for number in numbers if number not in copies]
    sent = [number for number in open_ if plan.due(number) <= now]
    overdue = tuple(number for number in sent if plan.due(number) + grace < now)
    once = [next(iter(found.values())) for found in copies.values()]
    tenants: dict[str, int] = {}
    for arrival in once:
        tenants[arrival.tenant_id] = tenants.get(arrival.tenant_id, 0) + 1
    return Pulse(
        arrived=tuple(sorted(set(copies) & set(numbers))),
        missing=overdue,
        awaited=tuple(sent[len(overdue) :]),
        twice=tuple(sorted(number for number, found in copies.items() if len(found) > 1)),
        strange=tuple(sorted(set(copies) - set(numbers))),
        later=len(open_) - len(sent),
        delays=tuple(sorted(delay for arrival in once if (delay := arrival.delay) is not None)),
        tenants=dict(sorted(tenants.items())),
    )


def spans(numbers: Sequence[int]) -> str:
    """Ascending numbers for people: `3, 7-19, 24`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
