"""Observes one domain after the other, or many at a time: the parent, every authoritative server, every resolver, the mail hosts."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ctm_audit.dns.answer import Answer, Endpoint, Outcome
from ctm_audit.dns.asking import RESOLVER, SERVER, Asker
from ctm_audit.dns.delegation import Address, Cut, Walker, is_below
from ctm_audit.dns.message import read
from ctm_audit.dns.resolvers import Resolver
from ctm_audit.dns.rows import Row, answer_row, server_rows, zone_row
from ctm_audit.evidence.tables.dns import ROLES, Role

AT_ONCE = 64
SIGNED = replace(SERVER, signatures=True)
WITH_SIGNATURES = ("soa", "mx", "dnskey")
KNOWN = tuple(str(outcome) for outcome in Outcome if outcome.is_known)
OF_ZONES = ("SOA", "NS", "DNSKEY")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one domain, table by table; `unknown` counts the questions that nobody can say the answer of."""

    domain: str
    rows: dict[str, list[Row]]
    cut: Cut
    servers: int
    silent: tuple[str, ...]
    unknown: int


@dataclass(slots=True)
class Observer:
    """Asks everybody about domains.

    `selectors` are further DKIM selectors, `hosts` further mail hosts; `label` is a name that nobody has.
    """

    asker: Asker
    walker: Walker
    resolvers: Sequence[Resolver]
    selectors: Sequence[str] = ()
    hosts: Sequence[str] = ()
    label: str = field(default_factory=lambda: f"ctm-audit-{secrets.token_hex(6)}")
    _hosts_asked: set[str] = field(default_factory=set)

    async def observe(self, domains: Iterable[str]) -> AsyncIterator[Seen]:
        """What was seen of each domain, in the order of finishing."""
        waiting, running = list(domains)[::-1], set[asyncio.Task[Seen]]()
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.add(asyncio.create_task(self.domain(waiting.pop())))
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()

    async def domain(self, domain: str) -> Seen:
        """What was seen of one domain."""
        begun = datetime.now(UTC).replace(tzinfo=None)
        cut = await self.walker.cut(domain)
        if cut.outcome is Outcome.NXDOMAIN:
            cut = replace(cut, servers=(), addresses=())
        elif cut.zone != domain and cut.outcome is Outcome.NODATA:
            cut = replace(cut, addresses=(await self.walker.cut(cut.zone)).addresses)
        ds = await self._ds(domain, cut)
        cut, child = await self._with_servers_of_child(cut)
        told = await asyncio.gather(self._authoritative(domain, cut), self._resolved(domain, cut))
        answers = [row for rows in told for row in rows]
        rows = {
            "zones": [zone_row(domain, cut, child, ds, begun)],
            "name_servers": server_rows(domain, cut, {name for answer in child for name in answer.data}, cut.servers),
            "answers": [*answers, *await self._hosts(answers)],
        }
        return _summed(domain, rows, cut)

    async def _ds(self, domain: str, cut: Cut) -> Answer | None:
        """The DS that the parent holds; None when the domain has no parent of its own."""
        if cut.zone != domain:
            return None
        answers = [await self.asker.ask(cut.parent_servers[0], domain, "DS", SERVER)]
        if not answers[0].is_known:
            answers += await asyncio.gather(*(self.asker.ask(server, domain, "DS", SERVER) for server in cut.parent_servers[1:]))
        return next((answer for answer in answers if answer.is_known), answers[0])

    async def _with_servers_of_child(self, cut: Cut) -> tuple[Cut, list[Answer]]:
        """The cut with the servers that only the zone itself names, and what each server says of the zone's name servers."""
        child = list(await asyncio.gather(*(self.asker.ask(server, cut.zone, "NS", SERVER) for server in cut.servers)))
        known = {address.server for address in cut.addresses}
        more = sorted({name for answer in child for name in answer.data} - known)
        found = [address for each in await asyncio.gather(*map(self.walker.addresses, more)) for address in each]
        return replace(cut, addresses=(*cut.addresses, *found), servers=(*cut.servers, *self._new(cut, found))), child

    def _new(self, cut: Cut, found: Iterable[Address]) -> Iterable[Endpoint]:
        have = {server.ip for server in cut.servers}
        for address in found:
            if address.ip and address.ip not in have and (self.walker.has_ipv6 or ":" not in address.ip):
                have.add(address.ip)
                yield self.walker.endpoint(address.server, address.ip)

    def _questions(self, domain: str, zone: str) -> list[tuple[Role, str]]:
        """Each role with the name that is asked for; what only a zone has, its zone is asked for."""
        further = (Role(f"selector:{name}", f"{name}._domainkey", "TXT", "", servers=True) for name in self.selectors)
        return [(role, zone if role.type in OF_ZONES else self._name(role, domain)) for role in (*ROLES, *further)]

    def _name(self, role: Role, domain: str) -> str:
        return ".".join(filter(None, (self.label if role.random else "", role.label, domain)))

    async def _authoritative(self, domain: str, cut: Cut) -> list[Row]:
        """What every server of the zone says, role by role, and of its SOA over TCP too."""
        questions = self._questions(domain, cut.zone)
        told = await asyncio.gather(*(self._at_servers(domain, role, name, server) for server in cut.servers for role, name in questions))
        over_tcp = await asyncio.gather(*(self._over_tcp(domain, server, cut.zone) for server in cut.servers))
        rows = {(row["vantage"], row["name"], row["type"], row["way"]): row for each in told for row in each}
        return [*rows.values(), *over_tcp]

    async def _at_servers(self, domain: str, role: Role, name: str, server: Endpoint) -> list[Row]:
        """The answer of one server; where it refers to the servers of a deeper zone, theirs too."""
        manner = SIGNED if role.name in WITH_SIGNATURES else SERVER
        answer = await self.asker.ask(server, name, role.type, manner)
        deeper = _refers_to(answer)
        if not deeper or not is_below(deeper, domain) or deeper == domain:
            return [answer_row(answer, kind="authoritative", domain=domain, role=role.name)]
        cut = await self.walker.cut(name)
        below = await asyncio.gather(*(self.asker.ask(one, name, role.type, manner) for one in cut.servers))
        rows = [answer_row(one, kind="authoritative", domain=domain, role=role.name) for one in below]
        return [answer_row(answer, kind="referral" if rows else "authoritative", domain=domain, role=role.name), *rows]

    async def _over_tcp(self, domain: str, server: Endpoint, zone: str) -> Row:
        answer = await self.asker.ask(replace(server, transport="tcp"), zone, "SOA", SERVER)
        return answer_row(answer, kind="authoritative", domain=domain, role="soa", way="tcp")

    async def _resolved(self, domain: str, cut: Cut) -> list[Row]:
        """What every resolver says; of a domain that does not exist nothing is asked."""
        if cut.outcome is Outcome.NXDOMAIN:
            return []
        questions = [(role, name) for role, name in self._questions(domain, cut.zone) if not role.servers]
        return list(
            await asyncio.gather(
                *(self._at_resolver(one, domain, role.name, name, role.type) for one in self._usable() for role, name in questions)
            )
        )

    def _usable(self) -> list[Resolver]:
        return [resolver for resolver in self.resolvers if resolver.outcome is Outcome.ANSWER]

    async def _at_resolver(self, resolver: Resolver, domain: str, role: str, name: str, kind: str) -> Row:
        answer = await self.asker.ask(resolver.endpoint, name, kind, RESOLVER)
        return answer_row(answer, kind=resolver.kind, domain=domain, role=role)

    async def _hosts(self, answers: Iterable[Row]) -> list[Row]:
        """The addresses and the TLSA records of every host that some server names as MX, or that is wanted, and nobody has asked about."""
        named = {mx.partition(" ")[2] for row in answers if row["role"] == "mx" for mx in row["data"]}
        hosts = sorted(named.union(self.hosts) - self._hosts_asked)
        self._hosts_asked.update(hosts)
        wanted = [(role, name, kind) for host in hosts if _is_name(host) for role, name, kind in _host_questions(host)]
        return list(
            await asyncio.gather(*(self._at_resolver(one, "", role, name, kind) for one in self._usable() for role, name, kind in wanted))
        )


def _host_questions(host: str) -> tuple[tuple[str, str, str], ...]:
    return ("host", host, "A"), ("host", host, "AAAA"), ("tlsa", f"_25._tcp.{host}", "TLSA")


def _is_name(host: str) -> bool:
    """False for the null MX and for an address that stands where a name is meant."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host not in ("", ".")
    return False


def _refers_to(answer: Answer) -> str:
    if answer.outcome is not Outcome.LAME or not answer.wire:
        return ""
    return read(answer.wire, answer.name, answer.type, recursive=False).refers_to


def _summed(domain: str, rows: dict[str, list[Row]], cut: Cut) -> Seen:
    """What is worth saying of a domain at once: silent servers, and questions of which no authoritative server knows the answer."""
    own = [row for row in rows["answers"] if row["kind"] == "authoritative" and row["way"] == "plain"]
    known = {row["role"] for row in own if row["outcome"] in KNOWN}
    silent = [row for row in own if row["role"] == "soa" and row["outcome"] not in KNOWN]
    told = tuple(f"{row['server']} {row['vantage']}: {_first_word(row, own)}" for row in silent)
    return Seen(domain, rows, cut, len(cut.servers), told, len({row["role"] for row in own} - known))


def _first_word(silent: Row, rows: Iterable[Row]) -> str:
    """How the first question to a server ended after which it was left alone, else how this one did."""
    told = [row["outcome"] for row in rows if row["vantage"] == silent["vantage"] and row["outcome"] not in (*KNOWN, Outcome.SKIPPED)]
    if silent["outcome"] != Outcome.SKIPPED:
        return str(silent["outcome"])
    return str(told[0]) if told else "left alone, for it did not answer before"
