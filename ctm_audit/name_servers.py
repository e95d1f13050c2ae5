"""Addresses that answer DNS questions, as a person writes them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

PORT = 53
PLACE = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class NameServer:
    """An address that answers DNS questions, with its port and a name for people ('' for none)."""

    ip: str
    port: int = PORT
    label: str = ""


PUBLIC_RESOLVERS = (
    NameServer("8.8.8.8", PORT, "Google"),
    NameServer("1.1.1.1", PORT, "Cloudflare"),
    NameServer("9.9.9.9", PORT, "Quad9"),
    NameServer("208.67.222.222", PORT, "OpenDNS"),
)


def parse_name_server(written: str) -> NameServer:
    """The name server of `Google 8.8.8.8`, `192.0.2.1:5353`, `[2001:db8::1]:53` or `2001:db8::1`; ValueError for anything else."""
    *words, place = written.split()
    found = PLACE.fullmatch(place)
    ip = (found["v6"] or found["v4"]) if found else place
    port = int(found["port"]) if found and found["port"] else PORT
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        address = None
    if address is None or not 0 < port < 65536:
        raise ValueError(f"{written[:60]!r} is no name server such as Google 8.8.8.8, 192.0.2.1:5353 or [2001:db8::1]:53")
    return NameServer(str(address), port, " ".join(words))
