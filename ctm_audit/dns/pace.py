"""How often one server is asked, and when it is left alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

PATIENCE = 3
BURST = 2.0  # seconds that nobody asked in may be made up for
PAUSE = 30.0


@dataclass(slots=True)
class Pace:
    """At most `rate` questions a second, after a burst of twice as many."""

    rate: float
    _next: float = field(default=0.0, init=False)

    async def turn(self) -> None:
        """Return when the next question may be sent."""
        self._next = max(self._next, now() - BURST) + 1 / self.rate
        if (wait := self._next - now()) > 0:
            await asyncio.sleep(wait)


@dataclass(slots=True)
class Breaker:
    """Leaves a server alone for `pause` seconds after three questions, one after the other, without an answer.

    One is enough when it never answered any. Questions that were open at the same time count once: a resolver that waits in vain for the
    servers of one domain is not dead. Until it has answered once, a server is asked one question at a time.
    """

    pause: float = PAUSE
    has_answered: bool = False
    first: asyncio.Lock = field(default_factory=asyncio.Lock)
    _silent: int = field(default=0, init=False)
    _heard: float = field(default=0.0, init=False)
    _until: float = field(default=0.0, init=False)

    @property
    def is_open(self) -> bool:
        """True while the server is left alone."""
        return now() < self._until

    def answered(self) -> None:
        """The server said something, whatever it was."""
        self.has_answered, self._silent, self._heard = True, 0, now()

    def silent(self, sent: float) -> None:
        """A question that was sent then went without an answer."""
        if sent < self._heard:
            return
        self._silent, self._heard = self._silent + 1, now()
        if self._silent >= PATIENCE or not self.has_answered:
            self._until = now() + self.pause


def now() -> float:
    """The running loop's clock, in seconds."""
    return asyncio.get_running_loop().time()
