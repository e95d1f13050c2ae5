"""Datagrams and TCP streams to one endpoint; what comes back is bytes, or OSError, or TimeoutError."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from ctm_audit.dns.answer import Endpoint
from ctm_audit.dns.message import Question, answers

TCP_SECONDS = 5.0
LENGTH = 2


class Channel(asyncio.DatagramProtocol):
    """A socket connected to one endpoint, shared by the questions that are open at the same time.

    The kernel drops datagrams of other senders; ids are random; whatever does not repeat the question is ignored and counted.
    """

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[bytes, asyncio.Future[bytes]]] = {}
        self.strays = 0

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - a connected socket has one sender
        """Hand a response to the question that it answers."""
        asked, future = self.waiting.get(int.from_bytes(data[:2], "big"), (b"", None))
        if future is None or not answers(data, asked):
            self.strays += 1
        elif not future.done():
            future.set_result(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there: every open question learns it."""
        for _, future in self.waiting.values():
            if not future.done():
                future.set_exception(exc)


Open = tuple[asyncio.DatagramTransport, Channel]


class Sockets:
    """The open channels, at most one an endpoint; one that nobody waits at is closed, so the next has another port."""

    def __init__(self) -> None:
        self._channels: dict[Endpoint, asyncio.Task[Open]] = {}
        self._users: dict[Endpoint, int] = {}

    async def ask(self, endpoint: Endpoint, tries: Sequence[tuple[Question, float]]) -> tuple[bytes, int]:
        """The response and the number of the try that it came after; each try is a question and seconds to wait.

        Raises TimeoutError when none came, OSError when nothing can be sent there.
        """
        transport, channel = await self._open(endpoint)
        number = next(free for free in iter(lambda: secrets.randbelow(1 << 16), -1) if free not in channel.waiting)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        channel.waiting[number] = (tries[0][0].asked, future)
        try:
            return await _tried(transport, number, future, tries)
        finally:
            del channel.waiting[number]
            self._leave(endpoint, transport)

    async def _open(self, endpoint: Endpoint) -> Open:
        self._users[endpoint] = self._users.get(endpoint, 0) + 1
        if endpoint not in self._channels:
            self._channels[endpoint] = asyncio.create_task(_connected(endpoint))
        try:
            return await self._channels[endpoint]
        except OSError:
            self._leave(endpoint, None)
            raise

    def _leave(self, endpoint: Endpoint, transport: asyncio.DatagramTransport | None) -> None:
        self._users[endpoint] -= 1
        if not self._users[endpoint]:
            del self._users[endpoint], self._channels[endpoint]
            if transport:
                transport.close()


async def _connected(endpoint: Endpoint) -> Open:
    return await asyncio.get_running_loop().create_datagram_endpoint(Channel, remote_addr=(endpoint.ip, endpoint.port))


async def _tried(
    transport: asyncio.DatagramTransport, number: int, future: asyncio.Future[bytes], tries: Sequence[tuple[Question, float]]
) -> tuple[bytes, int]:
    """Send again after each wait; a late response to an earlier try is as good."""
    for place, (sent, seconds) in enumerate(tries, start=1):
        transport.sendto(number.to_bytes(2, "big") + sent.wire[2:])
        done, _ = await asyncio.wait([future], timeout=seconds)
        if done:
            return future.result(), place
    raise TimeoutError


async def ask_over_tcp(endpoint: Endpoint, sent: Question, seconds: float = TCP_SECONDS) -> bytes:
    """The response over TCP. Raises OSError, TimeoutError, or ValueError for a stream that holds no response to the question."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(endpoint.ip, endpoint.port)
        try:
            number = secrets.token_bytes(2)
            writer.write(len(sent.wire).to_bytes(LENGTH, "big") + number + sent.wire[2:])
            await writer.drain()
            size = int.from_bytes(await reader.readexactly(LENGTH), "big")
            data = await reader.readexactly(size)
        except asyncio.IncompleteReadError:
            raise ValueError("the stream ended before the message") from None
        finally:
            writer.close()
    if data[:2] != number or not answers(data, sent.asked):
        raise ValueError("the message is no response to the question")
    return data
