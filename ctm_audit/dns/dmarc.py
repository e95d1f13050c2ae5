"""The DMARC policy that receivers apply to a domain, found by the tree walk of RFC 9989 (DMARCbis)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ctm_audit.dns.answer import Ask, Outcome
from ctm_audit.dns.tags import Tags, read_tags, starting_with

Policy = Literal["none", "quarantine", "reject"]
POLICIES: tuple[Policy, ...] = ("none", "quarantine", "reject")
MOST_LABELS = 7
DEPRECATED = ("pct", "rf", "ri")


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """One record. `policy`, `subdomains` and `missing` are p, sp and np with their defaults; `faults` make a tag not count."""

    domain: str
    text: str
    ttl: int | None
    policy: Policy
    subdomains: Policy
    missing: Policy
    is_test: bool
    psd: str
    rua: tuple[str, ...]
    ruf: tuple[str, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dmarc:
    """What holds for a domain. `record` is None when there is none, or when `unseen` says that nobody can tell.

    `policy` is what receivers shall do with mail of the domain that fails, '' without a record. `organizational` is the domain by
    which names are aligned. `asked` has one line for each name of the walk, `faults` what keeps records from counting.
    """

    domain: str
    record: DmarcRecord | None
    policy: Policy | Literal[""]
    organizational: str
    asked: tuple[str, ...]
    unseen: tuple[str, ...]
    faults: tuple[str, ...]


async def find_dmarc(domain: str, ask: Ask, *, exists: bool = True) -> Dmarc:
    """The policy of a domain that exists in DNS, or of one that does not.

    Every name of the walk is asked for, so an answer that did not come leaves open what stands there: with one at the domain itself
    nothing is known; with one above, the record of the domain still counts.
    """
    found: list[DmarcRecord] = []
    asked, unseen, faults = [], [], []
    for name in walk(domain):
        answer = await ask(f"_dmarc.{name}", "TXT")
        texts = starting_with("DMARC1", answer.data)
        asked.append(f"_dmarc.{name}: {_told(answer.outcome, len(texts))}")
        if not answer.is_known:
            unseen.append(f"_dmarc.{name}: {answer.outcome}")
        if len(texts) > 1:
            faults.append(f"_dmarc.{name} has {len(texts)} DMARC records, so none of them counts")
        if len(texts) == 1:
            found.append(parse_dmarc(name, texts[0], answer.ttl))
            if found[-1].psd in ("y", "n"):
                break
    return _judged(domain, exists, found, asked, unseen, faults)


def walk(domain: str) -> Iterator[str]:
    """The names of the tree walk: the domain, then shorter ones, of a long one from seven labels on (RFC 9989 section 4.10)."""
    yield domain
    labels = domain.split(".")[1:]
    for count in range(min(len(labels), MOST_LABELS), 0, -1):
        yield ".".join(labels[-count:])


def parse_dmarc(domain: str, text: str, ttl: int | None = None) -> DmarcRecord:
    """The record with the defaults of what it leaves out; a policy that is none counts as `none` where reports are asked for."""
    tags = read_tags(text)
    faults = list(tags.faults)
    policy = _policy(tags, "p", "none", faults)
    if "p" not in tags.values:
        faults.append("p is missing")
    subdomains = _policy(tags, "sp", policy, faults)
    return DmarcRecord(
        domain=domain,
        text=text,
        ttl=ttl,
        policy=policy,
        subdomains=subdomains,
        missing=_policy(tags, "np", subdomains, faults),
        is_test=tags.get("t").lower() == "y",
        psd=tags.get("psd", "u").lower(),
        rua=_uris(tags, "rua", faults),
        ruf=_uris(tags, "ruf", faults),
        faults=tuple(faults),
        warnings=tuple(f"{name} counts no longer (RFC 9989)" for name in DEPRECATED if name in tags.values),
    )


def report_owners(record: DmarcRecord, organizational: str) -> tuple[str, ...]:
    """The names at which other domains must agree to receive the reports (RFC 9990: `D._report._dmarc.DESTINATION`)."""
    hosts = [uri.rpartition("@")[2].partition("!")[0].lower() for uri in (*record.rua, *record.ruf)]
    outside = dict.fromkeys(host for host in hosts if host != organizational and not host.endswith(f".{organizational}"))
    return tuple(f"{record.domain}._report._dmarc.{host}" for host in outside)


def _told(outcome: Outcome, records: int) -> str:
    return f"{outcome}, {records} DMARC records" if outcome.is_known else str(outcome)


def _policy(tags: Tags, name: str, default: Policy, faults: list[str]) -> Policy:
    value = tags.get(name).lower()
    for policy in POLICIES:
        if value == policy:
            return policy
    if name in tags.values:
        faults.append(f"{name}={value[:40]} is none, quarantine or reject")
    return default


def _uris(tags: Tags, name: str, faults: list[str]) -> tuple[str, ...]:
    parts = [part.strip() for part in tags.get(name).split(",") if part.strip()]
    faults += [
        f"{name}: {part[:80]!r} is no mailto: address" for part in parts if not part.lower().startswith("mailto:") or "@" not in part
    ]
    return tuple(part for part in parts if part.lower().startswith("mailto:") and "@" in part)


def _judged(domain: str, exists: bool, found: list[DmarcRecord], asked: list[str], unseen: list[str], faults: list[str]) -> Dmarc:
    organizational = _organizational(domain, found)
    own = next((record for record in found if record.domain == domain), None)
    above = next((record for record in found if record.domain == organizational), found[-1] if found else None)
    is_open = bool(unseen) and own is None
    record = None if is_open else own or above
    policy: Policy | Literal[""] = ""
    if record is not None:
        policy = record.policy if record is own else record.subdomains if exists else record.missing
    return Dmarc(domain, record, policy, organizational, tuple(asked), tuple(unseen), tuple(faults))


def _organizational(domain: str, found: list[DmarcRecord]) -> str:
    """The domain by which names are aligned (section 4.10.2); the domain itself when nothing is found."""
    for record in found:
        if record.psd == "n":
            return record.domain
        if record.psd == "y" and record.domain != domain:
            labels = record.domain.count(".") + 2
            return ".".join(domain.split(".")[-labels:])
    return min((record.domain for record in found), key=lambda name: name.count("."), default=domain)
