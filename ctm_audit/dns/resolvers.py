"""The resolvers of a run: the public ones, the operator's own, and whether what they say may count."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import dns.resolver

from ctm_audit.dns.answer import Answer, Endpoint, Outcome
from ctm_audit.dns.asking import RESOLVER, Asker
from ctm_audit.dns.message import NO_EDNS
from ctm_audit.dns.rows import Row, place
from ctm_audit.name_servers import NameServer

OWN = "own resolver"


@dataclass(frozen=True, slots=True)
class Resolver:
    """A resolver and what came of testing it; without `detail` it votes."""

    endpoint: Endpoint
    kind: Literal["resolver", "own"]
    outcome: Outcome
    is_honest: bool
    has_edns: bool
    detail: str

    @property
    def votes(self) -> bool:
        """True when it answers, and says of a name that does not exist that it does not."""
        return not self.detail

    def row(self) -> Row:
        """The row of `vantages`."""
        return {
            "vantage": place(self.endpoint),
            "label": self.endpoint.label,
            "kind": self.kind,
            "outcome": str(self.outcome),
            "is_honest": self.is_honest,
            "has_edns": self.has_edns,
            "votes": self.votes,
            "detail": self.detail,
        }


def own_resolvers(named: Sequence[NameServer] | None) -> tuple[NameServer, ...]:
    """The operator's resolvers, for None those that this machine is set up with; () when it has none."""
    if named is not None:
        return tuple(named)
    try:
        found = dns.resolver.Resolver().nameservers
    except dns.resolver.NoResolverConfiguration:
        return ()
    return tuple(NameServer(str(ip), label=OWN) for ip in found if isinstance(ip, str) and not ip.startswith("https:"))


async def tested(asker: Asker, public: Sequence[NameServer], own: Sequence[NameServer]) -> tuple[Resolver, ...]:
    """The resolvers, each asked for the root and for a name that does not exist; an address that stands twice is asked once."""
    seen: set[tuple[str, int]] = set()
    wanted: list[tuple[NameServer, Literal["resolver", "own"]]] = []
    for kind, servers in (("resolver", public), ("own", own)):
        for server in servers:
            if (server.ip, server.port) not in seen:
                seen.add((server.ip, server.port))
                wanted.append((server, "own" if kind == "own" else "resolver"))
    return tuple(await asyncio.gather(*(_tested(asker, server, kind) for server, kind in wanted)))


async def _tested(asker: Asker, server: NameServer, kind: Literal["resolver", "own"]) -> Resolver:
    endpoint = Endpoint(server.ip, server.port, label=server.label or (OWN if kind == "own" else server.ip))
    known = await asker.ask(endpoint, ".", "SOA", RESOLVER)
    if known.outcome is not Outcome.ANSWER:
        return Resolver(endpoint, kind, known.outcome, is_honest=False, has_edns=False, detail=f"does not know the root: {known.outcome}")
    absent = await asker.ask(endpoint, f"ctm-audit-{secrets.token_hex(6)}.invalid", "A", RESOLVER)
    has_edns = NO_EDNS not in known.notes
    return Resolver(endpoint, kind, known.outcome, absent.outcome is Outcome.NXDOMAIN, has_edns, _fault(absent))


def _fault(absent: Answer) -> str:
    if absent.outcome is Outcome.NXDOMAIN:
        return ""
    said = ", ".join(absent.data) or str(absent.outcome)
    return f"says of a name that does not exist: {said}"
