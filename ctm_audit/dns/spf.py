"""What SPF says of a sender, by RFC 7208: fed by a resolver of the caller's, so that every answer is evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal

from ctm_audit.dns.answer import Ask
from ctm_audit.dns.spf_macros import LETTERS_OF_EXP, MacroError, expand, expand_domain, letters_in
from ctm_audit.dns.spf_record import Mechanism, Qualifier, SpfRecord, is_spf, parse_spf

SpfVerdict = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
Address = IPv4Address | IPv6Address
MOST_LOOKUPS = 10
MOST_VOID_LOOKUPS = 2
MOST_HOSTS = 10
LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
LONGEST_NAME = 253
VERDICTS: dict[Qualifier, SpfVerdict] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


@dataclass(frozen=True, slots=True)
class SpfResult:
    """How a check ended. `explanation` is what the domain says to a fail, '' for nothing; `reason` says why an error is one."""

    verdict: SpfVerdict
    explanation: str = ""
    reason: str = ""
    lookups: int = 0
    void_lookups: int = 0


class SpfError(Exception):
    """A record that cannot be evaluated: permerror."""


class SpfUnknown(Exception):
    """An answer that did not come: temperror, which is never the same as "no record"."""


async def check_host(ip: str, helo: str, sender: str, ask: Ask, *, receiver: str = "unknown", timestamp: int = 0) -> SpfResult:
    """What the sender's domain says of mail from the address; of HELO when the sender is empty. `timestamp` is for the macro `t`."""
    local, _, domain = (sender or f"postmaster@{helo}").rpartition("@")
    if not is_domain(domain):
        return SpfResult("none", reason=f"{domain} is no domain with two labels or more")
    check = _Check(_unmapped(ip), local or "postmaster", domain, helo, ask, receiver, timestamp)
    try:
        verdict = await check.verdict_of(domain)
        explanation = await check.explanation() if verdict == "fail" else ""
        return SpfResult(verdict, explanation, "", check.lookups, check.voids)
    except (SpfError, MacroError) as reason:
        return SpfResult("permerror", "", str(reason), check.lookups, check.voids)
    except SpfUnknown as reason:
        return SpfResult("temperror", "", str(reason), check.lookups, check.voids)


async def spf_record_of(domain: str, ask: Ask) -> SpfRecord | None:
    """The domain's record, None when it has none. SpfError when it has two, SpfUnknown when nobody can tell."""
    answer = await ask(domain, "TXT")
    if not answer.is_known:
        raise SpfUnknown(f"{domain} TXT: {answer.outcome}")
    texts = [text for text in answer.data if is_spf(text)]
    if len(texts) > 1:
        raise SpfError(f"{domain} has {len(texts)} SPF records")
    return parse_spf(texts[0]) if texts else None


def is_domain(name: str) -> bool:
    """True for a name of two labels or more, each of letters, digits, hyphens and underscores, that fits into DNS."""
    labels = name.removesuffix(".").split(".")
    return len(labels) > 1 and len(name) <= LONGEST_NAME and all(LABEL.fullmatch(label) for label in labels)


def fits_dns(name: str) -> bool:
    """True for a name that can be asked for, whatever characters it holds."""
    return len(name) <= LONGEST_NAME and all(0 < len(label) < 64 for label in name.removesuffix(".").split("."))


def _unmapped(ip: str) -> Address:
    address = ip_address(ip)
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


class _Check:
    """One evaluation: who asks about whom, and how many lookups it took so far."""

    def __init__(self, ip: Address, local: str, domain: str, helo: str, ask: Ask, receiver: str, timestamp: int) -> None:
        self.ip = ip
        self.ask = ask
        self.lookups = 0
        self.voids = 0
        self._refused_by = ("", "")
        nibbles = ".".join(f"{int(ip):032X}") if ip.version == 6 else str(ip)
        self._values = {"s": f"{local}@{domain}", "l": local, "o": domain, "h": helo, "i": nibbles, "c": str(ip)}
        self._values |= {"v": "ip6" if ip.version == 6 else "in-addr", "r": receiver, "t": str(timestamp)}

    async def verdict_of(self, domain: str) -> SpfVerdict:
        """The verdict of one domain's record; `none` when it has none."""
        record = await spf_record_of(domain, self.ask) if is_domain(domain) else None
        if record is None:
            return "none"
        if record.faults:
            raise SpfError(f"{domain}: {record.faults[0]}")
        for mechanism in record.mechanisms:
            if await self._matches(mechanism, domain):
                self._refused_by = (record.exp, domain)
                return VERDICTS[mechanism.qualifier]
        return await self._redirected(record, domain) if record.redirect else "neutral"

    async def _redirected(self, record: SpfRecord, domain: str) -> SpfVerdict:
        self._count()
        target = await self._name(record.redirect, domain)
        found = await self.verdict_of(target)
        if found == "none":
            raise SpfError(f"{domain}: {target}, to which it redirects, has no SPF record")
        return found

    async def explanation(self) -> str:
        """What the domain that refused says to it; '' when that cannot be read. Never an error (section 6.2)."""
        exp, domain = self._refused_by
        try:
            name = await self._name(exp, domain) if exp else ""
            answer = await self.ask(name, "TXT") if name and fits_dns(name) else None
            if answer is None or len(answer.data) != 1 or not answer.data[0].isascii():
                return ""
            return expand(answer.data[0], await self._all_values(answer.data[0], domain), LETTERS_OF_EXP)
        except MacroError:
            return ""

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise SpfError(f"more than {MOST_LOOKUPS} lookups are needed")

    async def _matches(self, mechanism: Mechanism, domain: str) -> bool:
        if mechanism.looks_up:
            self._count()
        if mechanism.name == "all":
            return True
        if mechanism.network is not None:
            return self.ip in mechanism.network
        name = await self._name(mechanism.domain, domain) if mechanism.domain else domain
        if mechanism.name == "include":
            return await self._included(name, domain)
        if mechanism.name == "exists":
            return bool(await self._look_up(name, "A"))
        if mechanism.name == "ptr":
            return any(_is_below(host, name) for host in await self._validated())
        hosts = [name] if mechanism.name == "a" else await self._mail_hosts(name)
        return await self._is_at(hosts, mechanism)

    async def _included(self, name: str, domain: str) -> bool:
        found = await self.verdict_of(name)
        if found == "none":
            raise SpfError(f"{domain}: {name}, which it includes, has no SPF record")
        return found == "pass"

    async def _is_at(self, hosts: list[str], mechanism: Mechanism) -> bool:
        length = mechanism.v4 if self.ip.version == 4 else mechanism.v6
        for host in hosts:
            for address in await self._look_up(host, self._type):
                if self.ip in ip_network(f"{address}/{length}", strict=False):
                    return True
        return False

    async def _mail_hosts(self, name: str) -> list[str]:
        found = [data.partition(" ")[2] for data in await self._look_up(name, "MX")]
        if len(found) > MOST_HOSTS:
            raise SpfError(f"{name} has more than {MOST_HOSTS} MX records")
        return found

    @property
    def _type(self) -> str:
        return "A" if self.ip.version == 4 else "AAAA"

    async def _look_up(self, name: str, type_: str) -> tuple[str, ...]:
        """The data of an answer. One that is empty is void, and only two may be (section 4.6.4)."""
        answer = await self.ask(name, type_) if fits_dns(name) else None
        if answer is not None and not answer.is_known:
            raise SpfUnknown(f"{name} {type_}: {answer.outcome}")
        if answer is None or not answer.data:
            self.voids += 1
            if self.voids > MOST_VOID_LOOKUPS:
                raise SpfError(f"more than {MOST_VOID_LOOKUPS} lookups find nothing")
            return ()
        return answer.data

    async def _validated(self) -> list[str]:
        """The names of the address that lead back to it (section 5.5); what cannot be looked up is left out."""
        answer = await self.ask(self.ip.reverse_pointer, "PTR")
        hosts = [host for host in answer.data[:MOST_HOSTS] if fits_dns(host)]
        return [host for host in hosts if str(self.ip) in _addresses((await self.ask(host, self._type)).data)]

    async def _name(self, text: str, domain: str) -> str:
        return expand_domain(text, await self._all_values(text, domain))

    async def _all_values(self, text: str, domain: str) -> dict[str, str]:
        known = self._values | {"d": domain}
        return known | {"p": await self._name_of_sender(domain)} if "p" in letters_in(text) else known

    async def _name_of_sender(self, domain: str) -> str:
        found = await self._validated()
        own = [host for host in found if host.casefold() == domain.casefold()]
        below = [host for host in found if _is_below(host, domain)]
        return next(iter((*own, *below, *found)), "unknown")


def _addresses(texts: tuple[str, ...]) -> set[str]:
    return {str(ip_address(text)) for text in texts}


def _is_below(host: str, domain: str) -> bool:
    host, domain = host.casefold().removesuffix("."), domain.casefold().removesuffix(".")
    return host == domain or host.endswith(f".{domain}")
