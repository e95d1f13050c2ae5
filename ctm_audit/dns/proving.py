"""What is asked about each domain beside its plain records while it is observed, and how that becomes rows of the bundle."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ctm_audit.dns.answer import Answer, Ask, Outcome
from ctm_audit.dns.heartbeat_folder import check_heartbeat, read_folder
from ctm_audit.dns.proof_rows import Rows, heartbeat_rows, joined, message_rows, owner_rows, policy_rows, probe_rows
from ctm_audit.dns.proofs import SELECTORS, Canary, find_owners, probe_addresses, read_policies, utc_now
from ctm_audit.dns.smtp_probe import SmtpProbe
from ctm_audit.dns.web import Web
from ctm_audit.reference.facts import Cloud

LEDGER = "heartbeat.jsonl"
GRACE_MINUTES = 30
NO_PROBE = "the project file has no [dns.probe], so no mail host was asked"
NO_MESSAGES = "the project file names no messages under [dns]"


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
    """Who is asked about every domain. Without `mail` no mail host is asked for anything.

    `messages` has a folder for each domain, with the messages that were received there and the ledger of its heartbeat.
    """

    web: Web
    clouds: tuple[Cloud, ...]
    selectors: tuple[str, ...] = SELECTORS
    mail: Mail | None = None
    messages: Path | None = None

    @property
    def absent(self) -> dict[str, str]:
        """The tables of proofs that nobody is asked for, each with the reason."""
        without_mail = {} if self.mail else {"smtp_probes": NO_PROBE}
        return without_mail if self.messages else without_mail | {"probe_messages": NO_MESSAGES, "heartbeats": NO_MESSAGES}

    async def rows(self, domain: str, ask: Ask, round_: int = 1) -> Rows:
        """The rows of a domain in A-labels."""
        policies, owners, probes = await asyncio.gather(
            read_policies(domain, ask, self.web, self.selectors),
            find_owners(domain, self.clouds, self.web),
            self.probes(domain, ask, round_),
        )
        return joined([policy_rows(policies), owner_rows(owners), probes, self.received(domain)])

    def received(self, domain: str) -> Rows:
        """What was received in the domain's folder, and what became of its heartbeat; no rows without a folder."""
        folder = self.messages / domain if self.messages else None
        if folder is None or not folder.is_dir():
            return {}
        ledger = folder / LEDGER
        pulse = [heartbeat_rows(check_heartbeat(ledger, folder, utc_now(), GRACE_MINUTES))] if ledger.exists() else []
        return joined([message_rows(domain, read_folder(folder)[0]), *pulse])

    async def probes(self, domain: str, ask: Ask, round_: int = 1) -> Rows:
        """What the mail hosts of a domain say, two addresses of each; no rows where nobody is to be asked for."""
        if self.mail is None:
            return {}
        asked_at = utc_now()
        canaries = [one for one in self.mail.canaries if one.address.rpartition("@")[2] == domain]
        found: list[SmtpProbe] = []
        for host in await self._hosts(domain, ask):
            found += await probe_addresses(host, ask, canaries, sender=self.mail.sender, hello=self.mail.hello, places=self.mail.places)
        return probe_rows(domain, found, canaries, asked_at, round_)

    async def _hosts(self, domain: str, ask: Ask) -> list[str]:
        assert self.mail
        named = [data.partition(" ")[2] for data in (await ask(domain, "MX")).data]
        return [host for host in dict.fromkeys((*named, *self.mail.hosts)) if host not in ("", ".")]


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


def unseen(rows: Rows) -> list[str]:
    """What could not be seen of a domain, a sentence each."""
    told = [f"{row['host']} does not say whose it is: {row['outcome']}" for row in rows["tenancies"] if row["detail"]]
    told += [f"{row['host']} does not say how people sign in: {row['outcome']}" for row in rows["realms"] if row["detail"]]
    told += [f"its SPF record: {place}" for row in rows["spf"] for place in row["unseen"]]
    told += [f"its MTA-STS policy: {row['outcome']}" for row in rows["sts_policies"] if row["outcome"] == "unreachable"]
    silent = {(row["host"], row["ip"], row["ending"]) for row in rows.get("smtp_probes", ()) if row["ending"] in ("timeout", "broken")}
    return [*told, *(f"mail host {host} at {ip}: {ending}" for host, ip, ending in sorted(silent))]
