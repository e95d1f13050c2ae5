"""From the root to the servers of a zone, by own steps: no resolver's cache stands between the question and the parent's answer.

RFC 1034 section 5.3.3, a label a step. Glue counts for servers below their own zone; other servers are looked up alike.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ctm_audit.dns.answer import Answer, Endpoint, Outcome
from ctm_audit.dns.asking import SERVER, Asker
from ctm_audit.dns.message import Reading, read
from ctm_audit.name_servers import NameServer

ROOT = "."
LOOKUP_SECONDS = 30.0
# https://www.iana.org/domains/root/servers
ROOT_SERVERS = {
    "a.root-servers.net": ("198.41.0.4", "2001:503:ba3e::2:30"),
    "b.root-servers.net": ("170.247.170.2", "2801:1b8:10::b"),
    "c.root-servers.net": ("192.33.4.12", "2001:500:2::c"),
    "d.root-servers.net": ("199.7.91.13", "2001:500:2d::d"),
    "e.root-servers.net": ("192.203.230.10", "2001:500:a8::e"),
    "f.root-servers.net": ("192.5.5.241", "2001:500:2f::f"),
    "g.root-servers.net": ("192.112.36.4", "2001:500:12::d0d"),
    "h.root-servers.net": ("198.97.190.53", "2001:500:1::53"),
    "i.root-servers.net": ("192.36.148.17", "2001:7fe::53"),
    "j.root-servers.net": ("192.58.128.30", "2001:503:c27::2:30"),
    "k.root-servers.net": ("193.0.14.129", "2001:7fd::1"),
    "l.root-servers.net": ("199.7.83.42", "2001:500:9f::42"),
    "m.root-servers.net": ("202.12.27.33", "2001:dc3::35"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a name server, or that it has none (`ip` is ''): `outcome` says how the search ended."""

    server: str
    ip: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a name stands: in `zone`, which `parent` delegates to `servers`. `outcome` is what the parent's servers said of the name.

    ANSWER: the name is a zone of its own. NODATA: it lies in the zone above. NXDOMAIN: it does not exist. Anything else: not known.
    `ns` are the names that the parent gives; `asked` tells each of the parent's servers that was asked, and how it ended.
    """

    name: str
    zone: str
    parent: str
    outcome: Outcome
    servers: tuple[Endpoint, ...] = ()
    ns: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    asked: tuple[str, ...] = ()
    parent_servers: tuple[Endpoint, ...] = ()


def reaches_ipv6() -> bool:
    """True when this machine has a way to IPv6 addresses; nothing is sent."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as one:
            one.connect((ROOT_SERVERS["c.root-servers.net"][1], 53))
    except OSError:
        return False
    return True


@dataclass(slots=True)
class Walker:
    """Finds zones and their servers; each step is made once in a run.

    `ports` names the port of addresses that do not listen at 53. Without IPv6 on this machine IPv6 addresses are listed, not asked.
    """

    asker: Asker
    roots: Sequence[NameServer] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    has_ipv6: bool = field(default_factory=reaches_ipv6)
    _cuts: dict[str, asyncio.Task[Cut]] = field(default_factory=dict)
    _addresses: dict[str, asyncio.Task[tuple[Address, ...]]] = field(default_factory=dict)

    async def cut(self, name: str) -> Cut:
        """Where the name stands."""
        if name not in self._cuts:
            self._cuts[name] = asyncio.create_task(self._cut(name))
        return await self._cuts[name]

    def endpoint(self, server: str, ip: str) -> Endpoint:
        """Where a name server listens."""
        return Endpoint(ip, self.ports.get(ip, 53), label=server)

    async def addresses(self, server: str) -> tuple[Address, ...]:
        """The addresses of a name server, found from the root; one without `ip` when there are none, or when that is not known."""
        if server not in self._addresses:
            self._addresses[server] = asyncio.create_task(self._looked_up(server))
        done, _ = await asyncio.wait([self._addresses[server]], timeout=LOOKUP_SECONDS)
        return self._addresses[server].result() if done else (Address(server, "", Outcome.TIMEOUT),)

    def _root(self) -> Cut:
        named = self.roots or [NameServer(ip, label=name) for name, ips in ROOT_SERVERS.items() for ip in ips]
        servers = tuple(Endpoint(one.ip, one.port, label=one.label or "root") for one in named)
        return Cut(ROOT, ROOT, ROOT, Outcome.ANSWER, self._askable(servers), tuple(server.label for server in servers))

    async def _cut(self, name: str) -> Cut:
        if name == ROOT:
            return self._root()
        _, _, rest = name.partition(".")
        above = await self.cut(rest or ROOT)
        here = Cut(name, above.zone, above.parent, above.outcome, above.servers, above.ns, above.addresses, parent_servers=above.servers)
        if not above.servers:
            return replace(here, outcome=above.outcome if not above.outcome.is_known else Outcome.TIMEOUT)
        tried = await self._first_clear(above.servers, name)
        asked = tuple(f"{answer.endpoint}: {_said(answer)}" for answer in tried)
        return await self._judged(replace(here, asked=asked), tried[-1])

    async def _first_clear(self, servers: Sequence[Endpoint], name: str) -> list[Answer]:
        """The answers of the servers that were asked; the last one is the first that says where the name stands, if any does."""
        first = await self.asker.ask(servers[0], name, "NS", SERVER)
        if _is_clear(first, name) or len(servers) == 1:
            return [first]
        others = await asyncio.gather(*(self.asker.ask(server, name, "NS", SERVER) for server in servers[1:]))
        return sorted([first, *others], key=lambda answer: _is_clear(answer, name))

    async def _judged(self, here: Cut, answer: Answer) -> Cut:
        if not _is_clear(answer, here.name):
            return replace(here, outcome=answer.outcome, servers=())
        if answer.outcome in (Outcome.NODATA, Outcome.NXDOMAIN) or not (ns := _named(answer, here.name)):
            return replace(here, outcome=answer.outcome if answer.outcome is not Outcome.ANSWER else Outcome.NODATA)
        glue = _glue(_reading(answer), here.name)
        found = await asyncio.gather(*(self._of_server(server, glue, here.name) for server in ns))
        addresses = tuple(address for each in found for address in each)
        servers = self._askable(self.endpoint(address.server, address.ip) for address in addresses if address.ip)
        return replace(here, zone=here.name, parent=here.zone, outcome=Outcome.ANSWER, servers=servers, ns=ns, addresses=addresses)

    async def _of_server(self, server: str, glue: Mapping[str, tuple[str, ...]], zone: str) -> tuple[Address, ...]:
        if server in glue:
            return tuple(Address(server, ip, Outcome.ANSWER) for ip in glue[server])
        if is_below(server, zone):  # nobody but the zone itself could tell, and it cannot be reached without
            return (Address(server, "", Outcome.NODATA),)
        return await self.addresses(server)

    async def _looked_up(self, server: str) -> tuple[Address, ...]:
        home = await self.cut(server)
        if not home.servers:
            return (Address(server, "", home.outcome),)
        answers = [await self._first_known(home.servers, server, kind) for kind in ("A", "AAAA")]
        found = tuple(Address(server, record, Outcome.ANSWER) for answer in answers for record in answer.data)
        unseen = next((answer.outcome for answer in answers if not answer.is_known), answers[0].outcome)
        return found or (Address(server, "", unseen if unseen is not Outcome.ANSWER else Outcome.NODATA),)

    async def _first_known(self, servers: Sequence[Endpoint], name: str, kind: str) -> Answer:
        answer = await self.asker.ask(servers[0], name, kind, SERVER)
        for server in servers[1:]:
            if answer.is_known:
                break
            answer = await self.asker.ask(server, name, kind, SERVER)
        return answer

    def _askable(self, servers: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
        return tuple(server for server in servers if self.has_ipv6 or ":" not in server.ip)


def is_below(name: str, zone: str) -> bool:
    """True when the name is the zone's or lies below it."""
    return zone == ROOT or name == zone or name.endswith(f".{zone}")


def _reading(answer: Answer) -> Reading:
    return read(answer.wire, answer.name, answer.type, recursive=False)


def _is_clear(answer: Answer, name: str) -> bool:
    """True when the answer says where the name stands: with authority, or by a referral to the name itself."""
    return answer.is_known or (bool(answer.wire) and _reading(answer).refers_to == name)


def _said(answer: Answer) -> str:
    """The outcome in a word; a referral is what a parent is asked for."""
    return "referral" if answer.outcome is Outcome.LAME and _is_clear(answer, answer.name) else str(answer.outcome)


def _named(answer: Answer, name: str) -> tuple[str, ...]:
    """The name servers that an answer or a referral gives for the name."""
    reading = _reading(answer)
    records = (*reading.records, *reading.authority)
    return tuple(sorted({record.data for record in records if record.type == "NS" and record.owner == name}))


def _glue(reading: Reading, zone: str) -> dict[str, tuple[str, ...]]:
    """Addresses that the parent gives for servers below the zone; of others it does not know better than their own zone."""
    found: dict[str, tuple[str, ...]] = {}
    for record in reading.additional:
        if is_below(record.owner, zone):
            found[record.owner] = (*found.get(record.owner, ()), record.data)
    return found
