"""A resolver made of a dictionary: what each name has, and which questions are left without an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ctm_audit.dns.answer import Answer, Outcome, Record

Zone = Mapping[str, Mapping[str, Sequence[str]]]
MOST_HOPS = 8


@dataclass
class Zones:
    """`data` gives name → type → data; `failing` gives an outcome for (name, type), or for (name, "*"). `asked` is the record of it."""

    data: Zone
    failing: Mapping[tuple[str, str], Outcome] = field(default_factory=dict)
    ttl: int = 300
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def __call__(self, name: str, type_: str) -> Answer:
        owner = name.removesuffix(".").lower()
        self.asked.append((owner, type_))
        failure = self.failing.get((owner, type_)) or self.failing.get((owner, "*"))
        if failure:
            return Answer(owner, type_, failure)
        records: list[Record] = []
        for _ in range(MOST_HOPS):
            there = self.data.get(owner)
            if there is None:
                return Answer(name, type_, Outcome.NXDOMAIN, tuple(records))
            if "CNAME" not in there or type_ == "CNAME":
                break
            target = there["CNAME"][0].removesuffix(".").lower()
            records.append(Record(owner, "CNAME", self.ttl, target))
            owner = target
        records += [Record(owner, type_, self.ttl, data) for data in self.data[owner].get(type_, ())]
        return Answer(name, type_, Outcome.ANSWER if records else Outcome.NODATA, tuple(records))
