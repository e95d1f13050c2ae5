"""Asks one endpoint one question and says how that ended; nothing that a server does raises.

Answers are remembered by (endpoint, name, type, manner), never across endpoints: what one resolver says tells nothing of another.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ctm_audit.dns.answer import Answer, Ask, Endpoint, Outcome, Transport
from ctm_audit.dns.message import NO_EDNS, Manner, Question, Reading, question, read
from ctm_audit.dns.pace import Breaker, Pace, now
from ctm_audit.dns.transport import Sockets, ask_over_tcp

WITHOUT_EDNS = (Outcome.FORMERR, Outcome.NOTIMP)
BADVERS = "BADVERS"
RESOLVER, SERVER = Manner(recursive=True), Manner()
REMEMBERED = 10_000
IN_FLIGHT = 100


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait after each try; the last one goes without EDNS. `pause`: how long a silent server is left alone."""

    seconds: tuple[float, ...] = (1.0, 2.0, 4.0)
    tcp: float = 5.0
    pause: float = 30.0


@dataclass(slots=True)
class _Server:
    """What is known of one address while asking: its pace, its breaker, and whether it understands EDNS.

    `flight` bounds the questions that are open at a time: the buffer of a socket holds some 250 datagrams, and a lost one costs a second.
    """

    pace: Pace
    breaker: Breaker
    flight: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))
    has_edns: bool = True


@dataclass(slots=True)
class Asker:
    """Everybody who is asked in one run. `rates` are questions a second, of a resolver and of an authoritative server."""

    resolver_rate: float = 20.0
    server_rate: float = 10.0
    patience: Patience = field(default_factory=Patience)
    asked: int = 0
    _sockets: Sockets = field(default_factory=Sockets)
    _servers: dict[str, _Server] = field(default_factory=dict)
    _known: OrderedDict[tuple[Endpoint, str, str, Manner], asyncio.Task[Answer]] = field(default_factory=OrderedDict)

    async def ask(self, endpoint: Endpoint, name: str, kind: str, manner: Manner = SERVER) -> Answer:
        """What the endpoint says to (name, type), asked once however often it is wanted."""
        key = (endpoint, name, kind, manner)
        if key not in self._known:
            self._known[key] = asyncio.create_task(self._asked(endpoint, name, kind, manner))
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return await self._known[key]

    def resolving(self, endpoint: Endpoint) -> Ask:
        """A function that asks this resolver."""

        async def ask(name: str, kind: str) -> Answer:
            return await self.ask(endpoint, name, kind, RESOLVER)

        return ask

    async def _asked(self, endpoint: Endpoint, name: str, kind: str, manner: Manner) -> Answer:
        answer = await self._asked_once(endpoint, name, kind, manner)
        if answer.outcome is Outcome.SERVFAIL and manner.recursive and not manner.unchecked:
            return self._told_bogus(answer, await self._asked_once(endpoint, name, kind, replace(manner, unchecked=True)))
        return answer

    @staticmethod
    def _told_bogus(answer: Answer, unchecked: Answer) -> Answer:
        """A resolver that has data when it need not check them refuses the signatures."""
        attempts = (*answer.attempts, *(f"without checks: {line}" for line in unchecked.attempts))
        if not unchecked.is_known:
            return replace(answer, attempts=attempts)
        said = "; ".join(unchecked.data) or unchecked.outcome
        return replace(answer, outcome=Outcome.BOGUS, attempts=attempts, notes=(*answer.notes, f"without checks: {said}"))

    async def _asked_once(self, endpoint: Endpoint, name: str, kind: str, manner: Manner) -> Answer:
        server = self._server(endpoint, manner)
        begun, start = datetime.now(UTC).replace(tzinfo=None), now()
        try:
            answer = await self._admitted(server, endpoint, Answer(name, kind, Outcome.SKIPPED, endpoint=endpoint), manner)
        except ValueError as fault:
            answer = Answer(name, kind, Outcome.MALFORMED, endpoint=endpoint, notes=(str(fault),))
        return replace(answer, asked_at=begun, milliseconds=(now() - start) * 1000)

    def _server(self, endpoint: Endpoint, manner: Manner) -> _Server:
        place = f"{endpoint.ip} {endpoint.port}"
        if place not in self._servers:
            rate = self.resolver_rate if manner.recursive else self.server_rate
            self._servers[place] = _Server(Pace(rate), Breaker(self.patience.pause))
        return self._servers[place]

    async def _admitted(self, server: _Server, endpoint: Endpoint, blank: Answer, manner: Manner) -> Answer:
        """The answer, or `blank` while the server is left alone."""
        if not server.breaker.has_answered:
            async with server.breaker.first:
                if not server.breaker.has_answered:
                    return await self._paced(server, endpoint, blank, manner)
        return await self._paced(server, endpoint, blank, manner)

    async def _paced(self, server: _Server, endpoint: Endpoint, blank: Answer, manner: Manner) -> Answer:
        await server.pace.turn()
        async with server.flight:
            if server.breaker.is_open:
                return replace(blank, attempts=("not asked: the server did not answer before",))
            self.asked += 1
            sent = now()
            answer = await self._exchanged(server, endpoint, blank, manner)
        if answer.outcome in (Outcome.TIMEOUT, Outcome.NET_ERROR):
            server.breaker.silent(sent)
        else:
            server.breaker.answered()
        return answer

    async def _exchanged(self, server: _Server, endpoint: Endpoint, blank: Answer, manner: Manner) -> Answer:
        if endpoint.transport == "tcp":
            return await self._over_tcp(endpoint, blank, manner, ())
        manner = replace(manner, edns=server.has_edns)
        tries = self._tries(blank, manner)
        try:
            data, number = await self._sockets.ask(endpoint, tries)
        except TimeoutError:
            return replace(blank, outcome=Outcome.TIMEOUT, attempts=tuple(f"udp: nothing in {seconds:g} s" for _, seconds in tries))
        except OSError as fault:
            return replace(blank, outcome=Outcome.NET_ERROR, attempts=(f"udp: {_words(fault)}",))
        reading = read(data, blank.name, blank.type, manner.recursive)
        attempts = (*(f"udp: nothing in {seconds:g} s" for _, seconds in tries[: number - 1]), f"udp: {reading.rcode or reading.outcome}")
        if manner.edns and (reading.outcome in WITHOUT_EDNS or reading.rcode == BADVERS):
            server.has_edns = False
            plainly = await self._exchanged(server, endpoint, blank, replace(manner, edns=False))
            server.has_edns = not plainly.is_known
            return replace(plainly, attempts=(*attempts, *plainly.attempts))
        if number == len(tries) > 1 and manner.edns and not reading.edns:
            server.has_edns = False
        if reading.truncated:
            return await self._over_tcp(endpoint, blank, manner, attempts)
        return _answer(blank, reading, data, "udp", attempts)

    def _tries(self, blank: Answer, manner: Manner) -> list[tuple[Question, float]]:
        """A question for each try; the last one plain, for servers that are silent on EDNS."""
        asked, plain = (question(blank.name, blank.type, how) for how in (manner, replace(manner, edns=False)))
        *first, last = self.patience.seconds
        return [*((asked, seconds) for seconds in first), (plain, last)]

    async def _over_tcp(self, endpoint: Endpoint, blank: Answer, manner: Manner, attempts: tuple[str, ...]) -> Answer:
        """The answer over TCP; after a truncated one (`attempts`) a failure is TRUNCATED_NO_TCP."""
        cut = Outcome.TRUNCATED_NO_TCP if attempts else None
        try:
            data = await ask_over_tcp(endpoint, question(blank.name, blank.type, manner), self.patience.tcp)
        except TimeoutError:
            return replace(blank, outcome=cut or Outcome.TIMEOUT, attempts=(*attempts, f"tcp: nothing in {self.patience.tcp:g} s"))
        except OSError as fault:
            return replace(blank, outcome=cut or Outcome.NET_ERROR, attempts=(*attempts, f"tcp: {_words(fault)}"), transport="tcp")
        except ValueError as fault:
            return replace(blank, outcome=cut or Outcome.MALFORMED, attempts=(*attempts, f"tcp: {fault}"), transport="tcp")
        reading = read(data, blank.name, blank.type, manner.recursive)
        attempts = (*attempts, f"tcp: {reading.rcode or reading.outcome}")
        if reading.truncated:
            return replace(blank, outcome=Outcome.TRUNCATED_NO_TCP, attempts=(*attempts, "tcp: truncated too"), transport="tcp")
        return _answer(blank, reading, data, "tcp", attempts)


def _answer(blank: Answer, reading: Reading, data: bytes, transport: Transport, attempts: tuple[str, ...]) -> Answer:
    return Answer(
        name=blank.name,
        type=blank.type,
        outcome=reading.outcome,
        records=reading.records,
        endpoint=blank.endpoint,
        transport=transport,
        rcode=reading.rcode,
        aa=reading.aa,
        ad=reading.ad,
        ra=reading.ra,
        ede=reading.ede,
        negative_ttl=reading.negative_ttl,
        attempts=attempts,
        notes=reading.notes if reading.edns else (*reading.notes, NO_EDNS),
        wire=data,
    )


def _words(fault: OSError) -> str:
    return (fault.strerror or type(fault).__name__).lower()
