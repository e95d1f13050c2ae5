"""A small internet that answers after 20 ms: a root, `com`, the servers of any number of domains, and resolvers, all on one loopback.

`python bench/slow_internet.py PORT [SECONDS]` listens at every address of ADDRESSES until it is ended. An answer is put together from
bytes that are made once, so that the server costs little beside what it is asked by.
"""

from __future__ import annotations

import asyncio
import sys
from functools import cache
from typing import cast

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

ROOT, REGISTRY, FIRST, SECOND = "127.77.0.1", "127.77.0.2", "127.77.1.1", "127.77.1.2"
RESOLVERS = ("127.77.9.1", "127.77.9.2", "127.77.9.3", "127.77.9.4")
SILENT = tuple(f"127.77.7.{number}" for number in range(1, 101))
"""Addresses that take questions and never answer."""
ADDRESSES = (ROOT, REGISTRY, FIRST, SECOND, *RESOLVERS)
DELAY = 0.02
DEAD_EVERY = 20
MODEL = "model.com."
SOA = "SOA ns1.model.com. hostmaster.model.com. 7 3600 600 86400 60"
RECORDS = {
    "": (
        "MX 0 mail.model.com.",
        'TXT "v=spf1 ip4:192.0.2.0/24 -all"',
        'TXT "MS=ms12345678"',
        "NS ns1.model.com.",
        "NS ns2.model.com.",
        SOA,
    ),
    "mail": ("A 192.0.2.25",),
    "autodiscover": ("CNAME autodiscover.outlook.com.",),
    "selector1._domainkey": ("CNAME selector1-model-com._domainkey.contoso.onmicrosoft.com.",),
    "selector2._domainkey": ("CNAME selector2-model-com._domainkey.contoso.onmicrosoft.com.",),
    "_dmarc": ('TXT "v=DMARC1; p=none"',),
    "_sipfederationtls._tcp": ("SRV 100 1 5061 sipfed.online.lync.com.",),
}


def domain(number: int) -> str:
    """The name of a domain; those that are dead at one of two servers hold a `x`."""
    return f"{'x' if number % DEAD_EVERY == 0 else 'd'}{number:05d}.com"


def answer(data: bytes, address: str, *, has_dead: bool) -> bytes:
    """The response of the server at an address to a question: that of a model domain, whose name is as long, with the name put in."""
    end = data.index(b"\0", 12) + 5
    labels = _labels(data[12 : end - 4].lower())
    own = labels[-2] if len(labels) > 1 else ""
    is_plain = own[1:].isdigit() and not (has_dead and own[0] == "x" and address == REGISTRY)
    zone = (f"{own[0]}00000", "com") if is_plain else labels[-2:]
    head, body = _template(address, ".".join(labels[:-2]), zone, int.from_bytes(data[end - 4 : end - 2], "big"), has_dead)
    body = body.replace(zone[0].encode(), own.encode()) if is_plain else body
    return data[:2] + head + data[12:end] + body


def _labels(name: bytes) -> tuple[str, ...]:
    found, at = [], 0
    while name[at]:
        found.append(name[at + 1 : at + 1 + name[at]].decode())
        at += name[at] + 1
    return tuple(found)


@cache
def _template(address: str, label: str, zone: tuple[str, ...], kind: int, has_dead: bool) -> tuple[bytes, bytes]:
    """Flags and counts, and what follows the question."""
    name = ".".join((*([label] if label else []), *zone)) + "."
    query = dns.message.make_query(name, dns.rdatatype.RdataType(kind), use_edns=0, payload=1232, id=0)
    wire = _response(query, address, label, zone, has_dead).to_wire()
    return wire[2:12], wire[12 + len(dns.name.from_text(name).to_wire() or b"") + 4 :]


def _response(query: dns.message.Message, address: str, label: str, zone: tuple[str, ...], has_dead: bool) -> dns.message.Message:
    response = dns.message.make_response(query, recursion_available=address in RESOLVERS)
    name, kind = query.question[0].name.to_text(), dns.rdatatype.to_text(query.question[0].rdtype)
    if address == ROOT and zone == ("com",) and not label and kind == "NS":
        return _referral(response, "com.", {"ns.com.": REGISTRY})
    if address == REGISTRY and len(zone) == 2 and not label and kind == "NS":
        dead = SILENT[int(zone[0][1:]) % len(SILENT)] if has_dead and zone[0].startswith("x") else SECOND
        return _referral(response, name, {f"ns1.{name}": FIRST, f"ns2.{name}": dead})
    if address not in RESOLVERS:
        response.flags |= dns.flags.AA
    held = _held(label, ".".join(zone)) if len(zone) == 2 and zone[1] == "com" else [SOA] if name == "." else []
    found = [record for record in held if record.startswith((f"{kind} ", "CNAME "))]
    for record in found:
        rdtype, _, data = record.partition(" ")
        response.answer.append(dns.rrset.from_text(name, 300, "IN", rdtype, data))
    if not found:
        response.set_rcode(dns.rcode.NOERROR if held or zone == ("com",) else dns.rcode.NXDOMAIN)
        response.authority.append(dns.rrset.from_text(".".join(zone) + "." if zone else ".", 300, "IN", "SOA", SOA.partition(" ")[2]))
    return response


def _held(label: str, zone: str) -> list[str]:
    return [record.replace(MODEL.rstrip("."), zone) for record in RECORDS.get(label, ())]


def _referral(response: dns.message.Message, zone: str, servers: dict[str, str]) -> dns.message.Message:
    response.authority.append(dns.rrset.from_text(zone, 300, "IN", "NS", *servers))
    response.additional += [dns.rrset.from_text(server, 300, "IN", "A", ip) for server, ip in servers.items()]
    return response


class Server(asyncio.DatagramProtocol):
    """Answers after the delay."""

    transport: asyncio.DatagramTransport

    def __init__(self, address: str, has_dead: bool) -> None:
        self.address, self.has_dead = address, has_dead

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asyncio.get_running_loop().call_later(DELAY, self._send, data, addr)

    def _send(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(answer(data, self.address, has_dead=self.has_dead), addr)


class Silence(asyncio.DatagramProtocol):
    """Takes questions and never answers."""


async def _over_tcp(address: str, has_dead: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        data = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        await asyncio.sleep(DELAY)
        said = answer(data, address, has_dead=has_dead)
        writer.write(len(said).to_bytes(2, "big") + said)
        await writer.drain()
    finally:
        writer.close()


async def serve(port: int, *, has_dead: bool) -> None:
    """Serve until cancelled; a line on stdout says that everything listens."""
    loop = asyncio.get_running_loop()
    for address in ADDRESSES:
        await loop.create_datagram_endpoint(lambda address=address: Server(address, has_dead), local_addr=(address, port))
        await asyncio.start_server(
            lambda reader, writer, address=address: _over_tcp(address, has_dead, reader, writer), address, port, backlog=1000
        )
    for address in SILENT:
        await loop.create_datagram_endpoint(Silence, local_addr=(address, port))
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), has_dead=sys.argv[2:] == ["dead"]))
