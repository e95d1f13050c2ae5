"""One domain's move in full, from the bundles alone: its three record sets, its clock, and the resolvers that keep things too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow.parquet as pq

from ctm_audit.dns.agree import agrees
from ctm_audit.dns.caches import Version
from ctm_audit.dns.clock import Moment, Window, moments
from ctm_audit.dns.record_sets import MX, TXT, Phases, phases
from ctm_audit.dns.sightings import Observed, Told
from ctm_audit.dns.wanted_records import Wanted
from ctm_audit.evidence.bundle import Bundle
from ctm_audit.project import Domain

STALE_TTL = 30
"""The TTL with which resolvers give out what has run out (https://www.rfc-editor.org/rfc/rfc8767#section-4)."""


@dataclass(frozen=True, slots=True)
class Clamp:
    """A resolver that gave a record out with more seconds to go than any server gives it."""

    vantage: str
    resolver: str
    role: str
    seconds: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Cutover:
    """The move of one domain as it can be planned at `begin` (naive UTC)."""

    domain: str
    mail_style: str
    begin: datetime
    phases: Phases
    window: Window
    moments: tuple[Moment, ...]
    clamps: tuple[Clamp, ...]

    @property
    def is_known(self) -> bool:
        """True when every record of every phase and every moment is known."""
        sets = [*self.phases.baseline.values(), *self.phases.parked.values(), *self.phases.target.values()]
        return all(one.is_known for one in sets) and all(moment.taken for moment in self.moments)


def cutover(domain: Domain, observed: Observed, wanted: Wanted, source: Bundle | None, target: Bundle | None, begin: datetime) -> Cutover:
    """The move of a domain; `observed` is what all bundles of observations say of it."""
    is_direct = domain.mail_style == "direct"
    planned = phases(observed, wanted, domain)
    clamps = clamping(observed)
    window = Window(
        begin=begin,
        histories={role: observed.history(role) for role in planned.baseline},
        lowered=_to_lower(planned),
        target=_changes(planned),
        parked=planned.parked[MX].records if (is_direct or domain.park) and planned.parked[MX].is_known else None,
        is_direct=is_direct,
        code=wanted.code.records[0] if wanted.code.records else None,
        policies=observed.policies,
        lowest_ttl=domain.lowest_ttl,
        floor=max((clamp.seconds for clamp in clamps), default=0),
        removed_at=_removed_at(source, domain.name),
        verified_at=_verified_at(target, domain.name),
    )
    return Cutover(domain.name, domain.mail_style, begin, planned, window, moments(window), clamps)


def clamping(observed: Observed) -> tuple[Clamp, ...]:
    """The resolvers that keep records longer than any server lets them, each once a role with the longest time seen."""
    everything = [told for one in observed.rounds for told in one.told if told.version and told.ttl is not None]
    allowed = {(told.role, told.version): told.ttl or 0 for told in everything if told.version and told.is_authoritative}
    found: dict[tuple[str, str], Clamp] = {}
    for told in (told for told in everything if not told.is_authoritative):
        seconds, most = told.ttl or 0, longest(told, allowed)
        key = (told.vantage, told.role)
        if most is not None and seconds > max(most, STALE_TTL) and (key not in found or seconds > found[key].seconds):
            found[key] = Clamp(told.vantage, told.server, told.role, seconds, most)
    return tuple(found.values())


def longest(told: Told, allowed: Mapping[tuple[str, Version], int]) -> int | None:
    """The longest TTL with which a server gives out what a resolver told; None when none does."""
    assert told.version
    records = told.version.records
    return max((ttl for (role, version), ttl in allowed.items() if role == told.role and agrees(version.records, records)), default=None)


def _to_lower(planned: Phases) -> tuple[str, ...]:
    """The roles that change and have records today; what could not be seen is among them, so that nothing is taken for done."""
    wanted = {*planned.changing, TXT, *([MX] if planned.parked[MX] != planned.baseline[MX] else [])}
    return tuple(role for role, one in planned.baseline.items() if role in wanted and (one.records or not one.is_known))


def _changes(planned: Phases) -> dict[str, tuple[str, ...] | None]:
    """The roles that have other records at the end, None where these are not known; other people's texts are no change."""
    found: dict[str, tuple[str, ...] | None] = {}
    for role in planned.changing:
        before, after = planned.baseline[role], planned.target[role]
        if not after.is_known:
            found[role] = None
        elif not before.is_known or not agrees(before.records, after.records):
            found[role] = after.records
    return found


def _removed_at(source: Bundle | None, domain: str) -> datetime | None:
    """When the source was seen without the domain."""
    if source is None or "domains" not in source.tables or not source.tables["domains"].complete:
        return None
    return None if domain in _verified(source) else source.collected_at


def _verified_at(target: Bundle | None, domain: str) -> datetime | None:
    """When the target was seen with the domain, verified."""
    if target is None or "domains" not in target.tables:
        return None
    return target.collected_at if domain in _verified(target) else None


def _verified(bundle: Bundle) -> Sequence[str]:
    """The domains that a tenant has, in the source any, in the target those that are verified."""
    rows = pq.read_table(bundle.parquet("domains")).to_pylist()
    return [row["name"] for row in rows if bundle.side == "source" or row.get("is_verified")]
