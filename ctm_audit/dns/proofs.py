"""Everything about a domain that is asked for beside the plain records: its policies, and whose it is in every cloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ctm_audit.dns.answer import Ask
from ctm_audit.dns.dkim_key import DkimKey, read_dkim_key
from ctm_audit.dns.dmarc import Dmarc, find_dmarc, report_owners
from ctm_audit.dns.mta_sts import PolicyFetch, StsRecord, fetch_policy, sts_record
from ctm_audit.dns.openid import Tenancy, find_tenancies, login_hosts
from ctm_audit.dns.realm import Realm, find_realm
from ctm_audit.dns.reports import PolicyRecord, policy_record
from ctm_audit.dns.smtp_probe import SmtpProbe, probe
from ctm_audit.dns.spf_tree import SpfTree, read_spf_tree
from ctm_audit.dns.tags import starting_with
from ctm_audit.dns.web import Web
from ctm_audit.reference.facts import Cloud

SELECTORS = ("selector1", "selector2")
HTTPS = 443
SMTP = 25


@dataclass(frozen=True, slots=True)
class Policies:
    """What a domain publishes about its mail. `policy` is None where there is no MTA-STS record and so nothing to fetch."""

    domain: str
    asked_at: datetime
    spf: SpfTree
    dmarc: Dmarc
    agreements: Mapping[str, bool | None]
    sts: StsRecord
    policy: PolicyFetch | None
    records: tuple[PolicyRecord, ...]
    keys: tuple[DkimKey, ...]


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose a domain is, and how its people sign in, at every sign-in host."""

    domain: str
    asked_at: datetime
    tenancies: tuple[Tenancy, ...]
    realms: tuple[Realm, ...]

    @property
    def is_known(self) -> bool:
        """True when every host said whose the domain is, or that it is nobody's."""
        return all(one.is_known for one in self.tenancies) and all(one.is_known for one in self.realms)


@dataclass(frozen=True, slots=True)
class Canary:
    """A recipient that only one tenant has; `role` is source, target, or '' for another."""

    address: str
    role: str = ""


async def read_policies(domain: str, ask: Ask, web: Web, selectors: Sequence[str] = SELECTORS) -> Policies:
    """The policies of a domain in A-labels. A policy file is asked for when there is a record, or when nobody can tell."""
    asked_at = utc_now()
    spf, dmarc = await read_spf_tree(domain, ask), await find_dmarc(domain, ask)
    sts = await sts_record(domain, ask)
    is_absent = sts.outcome.is_known and not sts.text and not sts.faults
    policy = None if is_absent else await fetch_policy(domain, web)
    records = (await policy_record("tls_rpt", domain, ask), await policy_record("bimi", domain, ask))
    keys = tuple([await read_dkim_key(domain, selector, ask) for selector in dict.fromkeys(selectors)])
    return Policies(domain, asked_at, spf, dmarc, await _agreements(dmarc, ask), sts, policy, records, keys)


async def find_owners(domain: str, clouds: Iterable[Cloud], web: Web) -> Owners:
    """What every cloud says of a domain."""
    known = tuple(clouds)
    asked_at = utc_now()
    tenancies = await find_tenancies(domain, known, web)
    return Owners(domain, asked_at, tenancies, tuple([await find_realm(domain, host, web) for host in login_hosts(known)]))


async def probe_addresses(
    host: str, ask: Ask, canaries: Sequence[Canary], *, sender: str, hello: str, places: Mapping[str, tuple[str, int]], most: int = 2
) -> tuple[SmtpProbe, ...]:
    """What some addresses of a mail host say to the canaries; () when the host has none that are known."""
    place = places.get(host)
    addresses = [place] if place else [(ip, SMTP) for ip in (await ask(host, "A")).data[:most]]
    wanted = [canary.address for canary in canaries]
    return tuple([await probe(host, ip, wanted, sender=sender, hello=hello, port=port) for ip, port in addresses])


def places_of(hosts: Mapping[str, str], port: int = HTTPS) -> dict[str, tuple[str, int]]:
    """Where the hosts of `[hosts]` really are: `"login.microsoftonline.com" = "127.0.0.1:8443"`. ValueError for a port that is none."""
    return {name.lower(): _place(value, port) for name, value in hosts.items() if name != "ca_bundle"}


def utc_now() -> datetime:
    """Now, as naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def _place(value: str, port: int) -> tuple[str, int]:
    host, colon, number = value.rpartition(":")
    if not colon or "]" in number or (":" in host and not host.startswith("[")):
        return value.strip("[]"), port
    if not number.isascii() or not number.isdecimal() or not 0 < int(number) < 65536:
        raise ValueError(f"{value[:80]!r} is no HOST or HOST:PORT")
    return host.strip("[]"), int(number)


async def _agreements(dmarc: Dmarc, ask: Ask) -> dict[str, bool | None]:
    """For each other domain that reports go to, whether it agrees; None when that cannot be seen."""
    if dmarc.record is None:
        return {}
    answers = {name: await ask(name, "TXT") for name in report_owners(dmarc.record, dmarc.organizational)}
    return {name: bool(starting_with("DMARC1", answer.data)) if answer.is_known else None for name, answer in answers.items()}
