"""The three record sets of a domain move: what stands there before, while no tenant has the domain, and at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ctm_audit.dns.agree import SPF
from ctm_audit.dns.planned_roles import TYPES, name_of
from ctm_audit.dns.sightings import HIDDEN, Observed
from ctm_audit.dns.wanted_records import State, Value, Wanted
from ctm_audit.project import Domain

MX, TXT = "mx", "txt"
LEGACY = ("sip", "lyncdiscover", "sip_tls", "msoid")
"""Names that Graph may still list though nobody needs them: https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records"""


@dataclass(frozen=True, slots=True)
class RecordSet:
    """What stands, or is to stand, at a name. `records` are `TYPE DATA`, sorted; `ttl` is in seconds, None without a record.

    Unless `state` is known, `records` are none and `why` tells the reason; else it tells where they were read. `guess` is what guessing
    would have produced, which nobody may publish.
    """

    role: str
    name: str
    records: tuple[str, ...] = ()
    ttl: int | None = None
    state: State = "known"
    why: str = ""
    guess: str = ""

    @property
    def is_known(self) -> bool:
        """True when the records are what is to stand there."""
        return self.state == "known"

    def is_like(self, other: RecordSet) -> bool:
        """True when the same is to stand there, wherever that was read."""
        return (self.records, self.ttl, self.state) == (other.records, other.ttl, other.state)


RecordSets = Mapping[str, RecordSet]
"""By role, in the order of the roles."""


@dataclass(frozen=True, slots=True)
class Phases:
    """The three record sets of a domain. `old_codes` are the source's ownership texts, which go when everything is done."""

    domain: str
    baseline: RecordSets
    parked: RecordSets
    target: RecordSets
    old_codes: tuple[str, ...] = ()

    def of(self, phase: str) -> RecordSets:
        """The record sets of a phase by its name."""
        return {"baseline": self.baseline, "parked": self.parked, "target": self.target}[phase]

    @property
    def changing(self) -> tuple[str, ...]:
        """The roles that are different at the end, and those of which that is not known."""
        return tuple(role for role, one in self.target.items() if not one.is_known or one.records != self.baseline[role].records)


def phases(observed: Observed, wanted: Wanted, domain: Domain) -> Phases:
    """The record sets of a domain. With a gateway or hybrid MX, SPF and autodiscover stay, but for a `target_mx` of the project."""
    is_direct, baseline = domain.mail_style == "direct", _baseline(observed)
    target = _target(baseline, wanted, domain)
    changing = {role for role, one in target.items() if not one.is_known or one.records != baseline[role].records}
    parked = {role: _lowered(one, domain.lowest_ttl) if role in {*changing, TXT} else one for role, one in baseline.items()}
    parked[TXT] = _with_code(parked[TXT], wanted.code)
    if is_direct or domain.park:
        parked[MX] = _parked(parked[MX], domain)
    target = {role: _with_codes_of(one, parked[role]) if role == TXT else one for role, one in target.items()}
    return Phases(observed.domain, baseline, parked, target, wanted.old_codes)


def _baseline(observed: Observed) -> dict[str, RecordSet]:
    return {role: _first_seen(observed, role) for role in TYPES}


def _first_seen(observed: Observed, role: str) -> RecordSet:
    """What all servers held in the baseline."""
    name, sight = name_of(role, observed.domain), observed.baseline(role)
    if sight is None:
        return RecordSet(role, name, state="unknown", why="no server was asked")
    found = [version for version in sight.held if version]
    if not sight.is_whole:
        return RecordSet(role, name, state="unknown", why=f"{len(sight.held) - len(found)} of {len(sight.held)} servers did not say")
    if len({version.records for version in found}) > 1:
        return RecordSet(role, name, state="unknown", why="the servers do not hold the same")
    records, lasts = found[0].records, [version.lasts for version in found if version.lasts is not None]
    return RecordSet(role, name, records, max(lasts, default=None) if records else None, why="observed")


def _target(baseline: RecordSets, wanted: Wanted, domain: Domain) -> dict[str, RecordSet]:
    is_direct, found = domain.mail_style == "direct", dict(baseline)
    values = dict(wanted.selectors)
    if domain.target_mx:
        values[MX] = Value("known", "the project", _mx_records(domain.target_mx))
    elif is_direct:
        values[MX] = wanted.mx
    kept = LEGACY if is_direct else (*LEGACY, "autodiscover")
    values |= {role: value for role, value in wanted.services.items() if role not in kept and baseline[role].records}
    found |= {role: _put(baseline[role], value) for role, value in values.items()}
    if is_direct:
        found[TXT] = _with_includes(baseline[TXT], wanted.includes)
    return found


def _mx_records(written: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(f"MX {record}" for record in written))


def _put(before: RecordSet, value: Value) -> RecordSet:
    """The set with other records, and the TTL that it had."""
    return RecordSet(before.role, before.name, value.records, before.ttl or 3600, value.state, value.why, value.guess)


def _lowered(one: RecordSet, low: int) -> RecordSet:
    return replace(one, ttl=min(one.ttl, low)) if one.ttl is not None else one


def _parked(before: RecordSet, domain: Domain) -> RecordSet:
    if not domain.park:
        return replace(before, records=(), state="unknown", why="the project names no park for the domain")
    return replace(before, records=_mx_records(domain.park), ttl=domain.lowest_ttl, state="known", why="the project")


def _with_code(texts: RecordSet, code: Value) -> RecordSet:
    if not texts.is_known or code.state != "known":
        return texts if not texts.is_known else replace(texts, records=(), state=code.state, why=code.why)
    return replace(texts, records=tuple(sorted({*texts.records, *code.records})), why=f"observed, and {code.why}")


def _with_codes_of(texts: RecordSet, parked: RecordSet) -> RecordSet:
    """The texts at the end: those of the parked domain with the SPF record that the target needs."""
    if not texts.is_known or not parked.is_known:
        return texts if not texts.is_known else replace(parked, ttl=texts.ttl)
    kept = [record for record in parked.records if not _is_spf(record)]
    return replace(texts, records=tuple(sorted({*kept, *filter(_is_spf, texts.records)})))


def _with_includes(texts: RecordSet, includes: Value) -> RecordSet:
    """The texts with the SPF record that lets the target send; a domain without one, or with two, has to be mended first."""
    spf = [record for record in texts.records if _is_spf(record)]
    if not texts.is_known or includes.state != "known" or len(spf) != 1:
        why = includes.why if includes.state != "known" else texts.why if not texts.is_known else f"{len(spf)} SPF records, one is needed"
        return replace(texts, records=(), state=includes.state if includes.state != "known" else "unknown", why=why)
    words = spf[0].split(" ")
    missing = [f"include:{name}" for name in includes.records if f"include:{name}" not in [word.lower().lstrip("+") for word in words]]
    mended = " ".join([*words[:2], *missing, *words[2:]])
    return replace(texts, records=tuple(sorted({*(set(texts.records) - {spf[0]}), mended})), why=includes.why)


def _is_spf(record: str) -> bool:
    return record == SPF or record.startswith(f"{SPF} ")


def hidden(one: RecordSet) -> bool:
    """True when a record looked like a secret when it was observed, so that its text is not known any more."""
    return any(HIDDEN in record for record in one.records)
