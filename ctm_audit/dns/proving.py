"""What is asked about each domain beside its plain records while it is observed, and how that becomes rows of the bundle."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ctm_audit.dns.answer import Answer, Ask, Outcome
from ctm_audit.dns.proof_rows import Rows, joined, owner_rows, policy_rows, probe_rows
from ctm_audit.dns.proofs import SELECTORS, Canary, find_owners, probe_addresses, read_policies, utc_now
from ctm_audit.dns.smtp_probe import SmtpProbe
from ctm_audit.dns.web import Web
from ctm_audit.reference.facts import Cloud


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail hosts are asked: for whom, in whose name, and which hosts beside those of the MX records.

    `places` are addresses and ports of hosts that are somewhere else, for test servers.
    """

    canaries: tuple[Canary, ...]
    sender: str
    hello: str
    hosts: tuple[str, ...] = ()
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proving:
    """Who is asked about every domain. Without `mail` no mail host is asked for anything."""

    web: Web
    clouds: tuple[Cloud, ...]
    selectors: tuple[str, ...] = SELECTORS
    mail: Mail | None = None

    async def rows(self, domain: str, ask: Ask, round_: int = 1) -> Rows:
        """The rows of a domain in A-labels."""
        policies, owners, probes = await asyncio.gather(
            read_policies(domain, ask, self.web, self.selectors),
            find_owners(domain, self.clouds, self.web),
            self.probes(domain, ask, round_),
        )
        return joined([policy_rows(policies), owner_rows(owners), probes])

    async def probes(self, domain: str, ask: Ask, round_: int = 1) -> Rows:
        """What the mail hosts of a domain say, two addresses of each; no rows where nobody is to be asked for."""
        if self.mail is None:
            return {}
        asked_at = utc_now()
        found: list[SmtpProbe] = []
        for host in await self._hosts(domain, ask):
            found += await probe_addresses(
                host, ask, self.mail.canaries, sender=self.mail.sender, hello=self.mail.hello, places=self.mail.places
            )
        return probe_rows(domain, found, self.mail.canaries, asked_at, round_)

    async def _hosts(self, domain: str, ask: Ask) -> list[str]:
        assert self.mail
        named = [data.partition(" ")[2] for data in (await ask(domain, "MX")).data]
        return list(dict.fromkeys((*named, *self.mail.hosts)))


def first_that_knows(asks: Sequence[Ask]) -> Ask:
    """Asks one after the other until one knows; what the last one said when nobody does. With nobody to ask, nothing was asked."""

    async def ask(name: str, kind: str) -> Answer:
        answer = Answer(name, kind, Outcome.SKIPPED)
        for one in asks:
            answer = await one(name, kind)
            if answer.is_known:
                break
        return answer

    return ask
