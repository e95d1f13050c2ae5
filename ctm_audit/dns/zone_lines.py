"""Record sets as lines of a zone file (RFC 1035), and what changes from step to step of a domain move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ctm_audit.dns.planned_roles import TYPES
from ctm_audit.dns.record_sets import MX, TXT, Phases, RecordSet, RecordSets
from ctm_audit.dns.sightings import HIDDEN
from ctm_audit.model import Step

LONGEST_STRING = 255
HOSTS_IN = {"MX": 1, "CNAME": 0, "SRV": 3, "NS": 0}


@dataclass(frozen=True, slots=True)
class Change:
    """What one step changes: the record sets before and after it."""

    step: Step
    title: str
    before: RecordSets
    after: RecordSets

    def lines(self) -> Iterator[str]:
        """The zone diff: lines with `-`, `+`, and comments for what is not known or not to be written."""
        for role, after in self.after.items():
            before = self.before[role]
            if not (after.is_like(before) and after.is_known):
                yield from _lines_of(before, after)


def changes(planned: Phases, low: int) -> tuple[Change, ...]:
    """The four changes of the zone, in their order."""
    lowered = {role: planned.baseline[role] if role == MX else one for role, one in planned.parked.items()}
    lowered[MX] = _with_ttl(planned.baseline[MX], low if planned.parked[MX] != planned.baseline[MX] else None)
    moved = {role: _with_ttl(one, low if role in planned.changing else None) for role, one in planned.target.items()}
    final = {role: _without(one, planned.old_codes) if role == TXT else one for role, one in planned.target.items()}
    return (
        Change(Step.LOWER_TTL, "lower the TTLs, publish the ownership text of the target", planned.baseline, lowered),
        Change(Step.PARK, "park the MX", lowered, planned.parked),
        Change(Step.UN_PARK, "point the domain at the target", planned.parked, moved),
        Change(Step.CLOSE_DOMAIN, "raise the TTLs, take the ownership text of the source out", moved, final),
    )


def record_line(name: str, ttl: int | None, record: str) -> str:
    """One record as a line of a zone file, with full names."""
    kind, _, data = record.partition(" ")
    return f"{name}. {3600 if ttl is None else ttl} IN {kind} {absolute(kind, data)}"


def absolute(kind: str, data: str) -> str:
    """The data of a record as a zone file has it: a final dot behind hosts, texts in quotes."""
    if kind == "TXT":
        return " ".join(_quoted(data[at : at + LONGEST_STRING]) for at in range(0, max(len(data), 1), LONGEST_STRING))
    words = _printable(data).split(" ")
    if kind in HOSTS_IN and len(words) > HOSTS_IN[kind] and words[HOSTS_IN[kind]] != ".":
        words[HOSTS_IN[kind]] += "."
    return " ".join(words)


def not_known(one: RecordSet) -> str:
    """Why a record set cannot be written, and what nobody may guess, in one sentence."""
    guess = f"; guessing would have produced {one.guess}, which nobody may publish" if one.guess else ""
    return _printable(f"{one.state.upper()} {one.name} {TYPES[one.role]}: {one.why}{guess}")


def _lines_of(before: RecordSet, after: RecordSet) -> Iterator[str]:
    if not after.is_known:
        yield f"; {not_known(after)}"
        return
    old = [(before.ttl, record) for record in before.records]
    new = [(after.ttl, record) for record in after.records]
    yield from (_signed("-", before.name, *one) for one in old if one not in new)
    yield from (_signed("+", after.name, *one) for one in new if one not in old)


def _signed(sign: str, name: str, ttl: int | None, record: str) -> str:
    if HIDDEN in record:
        return f"; {sign} {name} TXT that looked like a secret when it was observed: keep it, with a TTL of {ttl}"
    return f"{sign}{record_line(name, ttl, record)}"


def _with_ttl(one: RecordSet, ttl: int | None) -> RecordSet:
    return one if ttl is None or one.ttl is None else replace(one, ttl=min(one.ttl, ttl))


def _without(texts: RecordSet, codes: tuple[str, ...]) -> RecordSet:
    return replace(texts, records=tuple(record for record in texts.records if record not in codes))


def _quoted(text: str) -> str:
    return '"' + _printable(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _printable(text: str) -> str:
    """The text in one line: bytes of what cannot be printed are written as `\\DDD` (RFC 1035 section 5.1)."""
    return "".join(one if one.isprintable() else "".join(f"\\{byte:03d}" for byte in one.encode()) for one in text)
