"""Records that touch no mail and are easily lost in a move: TLS-RPT (RFC 8460) and BIMI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ctm_audit.dns.answer import Ask, Outcome
from ctm_audit.dns.tags import Tags, read_tags, starting_with

Kind = Literal["tls_rpt", "bimi"]
OWNERS: dict[Kind, tuple[str, str]] = {"tls_rpt": ("_smtp._tls", "TLSRPTv1"), "bimi": ("default._bimi", "BIMI1")}


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """One record of a kind. `text` is '' when there is none or nobody can tell; `outcome` says which of the two."""

    kind: Kind
    owner: str
    outcome: Outcome
    text: str = ""
    destinations: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """True when it is known whether there is a record."""
        return self.outcome.is_known


async def policy_record(kind: Kind, domain: str, ask: Ask) -> PolicyRecord:
    """The record of a domain; `destinations` are where reports go, or the logo of BIMI."""
    prefix, version = OWNERS[kind]
    answer = await ask(f"{prefix}.{domain}", "TXT")
    texts = starting_with(version, answer.data)
    if len(texts) != 1:
        several = (f"{len(texts)} records, one is allowed",) if texts else ()
        return PolicyRecord(kind, f"{prefix}.{domain}", answer.outcome, faults=several)
    tags = read_tags(texts[0])
    check = _tls_rpt if kind == "tls_rpt" else _bimi
    destinations, faults = check(tags)
    return PolicyRecord(kind, f"{prefix}.{domain}", answer.outcome, texts[0], destinations, (*tags.faults, *faults))


def _tls_rpt(tags: Tags) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = tuple(part.strip() for part in tags.get("rua").split(",") if part.strip())
    wrong = [part for part in found if not part.lower().startswith(("mailto:", "https://"))]
    faults = [f"{part[:80]!r} is neither mailto: nor https:" for part in wrong]
    return found, tuple(faults or ([] if found else ["rua names nobody"]))


def _bimi(tags: Tags) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = tuple(tags.get(name) for name in ("l", "a") if tags.get(name))
    faults = tuple(f"{part[:80]!r} is not https:" for part in found if not part.lower().startswith("https://"))
    return found, faults if "l" in tags.values else (*faults, "l is missing")
