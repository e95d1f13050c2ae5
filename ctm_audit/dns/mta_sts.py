"""MTA-STS by RFC 8461: the record, the policy, which hosts it covers, and how long senders may still hold to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ctm_audit.dns.answer import Ask, Outcome
from ctm_audit.dns.tags import read_tags, starting_with
from ctm_audit.dns.web import Reply, Web

Mode = Literal["enforce", "testing", "none"]
Fetch = Literal["served", "not_found", "redirected", "bad_status", "wrong_type", "bad_certificate", "too_large", "malformed", "unreachable"]
MODES: tuple[Mode, ...] = ("enforce", "testing", "none")
LONGEST_AGE = 31_557_600
ID = re.compile(r"[A-Za-z0-9]{1,32}")
LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*")
PATTERN = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class StsRecord:
    """The TXT record of a domain. Without exactly one sound record a domain has no MTA-STS: then `id` is '' and `faults` say why."""

    outcome: Outcome
    id: str = ""
    text: str = ""
    ttl: int | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """A policy as it was served; `max_age` in seconds. With `faults` senders do not use it."""

    mode: Mode
    max_age: int
    mx: tuple[str, ...]
    faults: tuple[str, ...] = ()

    def covering(self, host: str) -> str:
        """The pattern that matches an MX host, '' when none does."""
        return next((pattern for pattern in self.mx if matches(pattern, host)), "")

    def admits(self, host: str) -> bool:
        """True when senders that hold to the policy deliver to the host."""
        return self.mode != "enforce" or bool(self.covering(host))


@dataclass(frozen=True, slots=True)
class PolicyFetch:
    """What the policy host served. `unreachable` is the one outcome that says nothing of the policy."""

    outcome: Fetch
    policy: StsPolicy | None = None
    status: int = 0
    body: bytes = b""
    detail: str = ""

    @property
    def is_known(self) -> bool:
        """True when the policy host answered, or showed a certificate that senders do not accept."""
        return self.outcome != "unreachable"


@dataclass(frozen=True, slots=True)
class SeenPolicy:
    """A policy and when it was last served, naive UTC."""

    policy: StsPolicy
    last_seen: datetime


async def sts_record(domain: str, ask: Ask) -> StsRecord:
    """The record at `_mta-sts.DOMAIN`."""
    answer = await ask(f"_mta-sts.{domain}", "TXT")
    texts = starting_with("STSv1", answer.data)
    if len(texts) != 1:
        return StsRecord(answer.outcome, faults=(f"{len(texts)} records, one is allowed",) if texts else ())
    tags = read_tags(texts[0])
    faults = [*tags.faults, *([] if ID.fullmatch(tags.get("id")) else ["id is not 1 to 32 letters and digits"])]
    return StsRecord(answer.outcome, "" if faults else tags.get("id"), texts[0], answer.ttl, tuple(faults))


async def fetch_policy(domain: str, web: Web) -> PolicyFetch:
    """The policy that `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` serves (section 3.3: no redirect, a certificate of that name)."""
    return _fetched(await web.get(f"https://mta-sts.{domain}/.well-known/mta-sts.txt"))


def _fetched(reply: Reply) -> PolicyFetch:
    if reply.kind in ("bad_certificate", "too_large"):
        return PolicyFetch(reply.kind, status=reply.status, detail=reply.detail)
    if reply.kind != "answered" or reply.status >= 500:
        return PolicyFetch("unreachable", status=reply.status, detail=reply.detail or f"HTTP {reply.status}")
    if reply.status != 200:
        told = reply.headers.get("location", "")[:200] if 300 <= reply.status < 400 else f"HTTP {reply.status}"
        return PolicyFetch(_refusal(reply.status), status=reply.status, detail=told)
    if reply.media_type != "text/plain":
        return PolicyFetch("wrong_type", status=200, body=reply.body, detail=reply.media_type[:80] or "no media type")
    policy = parse_policy(reply.body)
    return PolicyFetch("malformed" if policy.faults else "served", policy, 200, reply.body, "; ".join(policy.faults))


def _refusal(status: int) -> Fetch:
    return "redirected" if 300 <= status < 400 else "not_found" if status in (404, 410) else "bad_status"


def parse_policy(body: bytes) -> StsPolicy:
    """The policy of a file, with everything that is wrong with it; of a key that stands twice the first counts, but for `mx`."""
    fields, hosts, faults = _lines(body)
    if fields.get("version") != "STSv1":
        faults.append("version is not STSv1")
    mode = next((known for known in MODES if known == fields.get("mode")), None)
    if mode is None:
        faults.append(f"mode {fields.get('mode', '')[:40]!r} is not enforce, testing or none")
    age = fields.get("max_age", "")
    if not re.fullmatch(r"[0-9]{1,10}", age, re.ASCII) or int(age) > LONGEST_AGE:
        faults.append(f"max_age {age[:40]!r} is not 0 to {LONGEST_AGE} seconds")
    faults += [f"mx {host[:80]!r} is no host name" for host in hosts if not PATTERN.fullmatch(host)]
    if not hosts and mode != "none":
        faults.append("no mx is named")
    return StsPolicy(mode or "none", int(age) if age.isdecimal() and age.isascii() and len(age) < 11 else 0, tuple(hosts), tuple(faults))


def _lines(body: bytes) -> tuple[dict[str, str], list[str], list[str]]:
    fields: dict[str, str] = {}
    hosts: list[str] = []
    faults: list[str] = []
    for number, line in enumerate(body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"), 1):
        found = LINE.fullmatch(line)
        if found and found[1] == "mx":
            hosts.append(found[2].lower())
        elif found:
            fields.setdefault(found[1], found[2])
        elif line.strip():
            faults.append(f"line {number}: {line[:60]!a} is no `key: value`")
    return fields, hosts, faults


def matches(pattern: str, host: str) -> bool:
    """True when the pattern covers the host; `*.` stands for exactly one label (section 4.1)."""
    wanted, name = pattern.lower(), host.lower().removesuffix(".")
    return name.partition(".")[2] == wanted[2:] if wanted.startswith("*.") else name == wanted


def binding_until(history: Iterable[SeenPolicy], host: str) -> datetime | None:
    """Until when some sender may still refuse the host because of a policy that it keeps; None when none ever does.

    Senders keep a policy for `max_age` after they fetched it, which may have been the last moment at which it was served.
    """
    ends = [seen.last_seen + timedelta(seconds=seen.policy.max_age) for seen in history if not seen.policy.admits(host)]
    return max(ends, default=None)


def refused_hosts(policy: StsPolicy, hosts: Sequence[str]) -> tuple[str, ...]:
    """Those of the hosts to which senders that hold to the policy do not deliver."""
    return tuple(host for host in hosts if not policy.admits(host))
