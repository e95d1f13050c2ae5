"""The whole tree of a domain's SPF record: what it authorises, what it costs, and where each part of it stands.

An evaluation for one address stops at the first match; the tree is read to its last term, so its figures are those of the worst message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ctm_audit.dns.answer import Answer, Ask, Outcome
from ctm_audit.dns.spf import MOST_HOSTS, MOST_LOOKUPS, MOST_VOID_LOOKUPS, fits_dns
from ctm_audit.dns.spf_record import Mechanism, SpfRecord, is_spf, parse_spf

By = Literal["domain", "include", "redirect"]
State = Literal["read", "none", "several", "loop", "unknown", "depends", "not_read"]
DEEPEST = 2 * MOST_LOOKUPS


@dataclass(frozen=True, slots=True)
class SpfNode:
    """One record of the tree. `place` is the way to it (`contoso.com > _spf.example.net`); `ttl` in seconds, None without a record.

    `state`: `none` has no record, `several` have more than one; `loop` stands above already; of `unknown` no answer came, see `outcome`;
    `depends` has a macro in its name, so that it differs from message to message. `lookups` counts this record's own terms.
    `void` names this record's lookups that find nothing, `unseen` those without an answer, `faults` what makes it a permerror.
    """

    domain: str
    by: By
    place: str
    state: State
    record: SpfRecord | None = None
    ttl: int | None = None
    outcome: Outcome | None = None
    lookups: int = 0
    void: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    children: tuple[SpfNode, ...] = ()

    @property
    def nodes(self) -> Iterator[SpfNode]:
        """This node and everything below it, in the order of the terms."""
        yield self
        for child in self.children:
            yield from child.nodes


@dataclass(frozen=True, slots=True)
class SpfTree:
    """The tree of a domain, and its sums."""

    root: SpfNode

    @property
    def lookups(self) -> int:
        """How many terms look something up when nothing matches; ten are allowed."""
        return sum(node.lookups for node in self.root.nodes)

    @property
    def void_lookups(self) -> tuple[str, ...]:
        """The lookups that find nothing, as `name type`; two are allowed."""
        return tuple(void for node in self.root.nodes for void in node.void)

    @property
    def unseen(self) -> tuple[str, ...]:
        """What nobody can tell, each with its place and outcome; with any of it the tree is judged by its faults alone."""
        return tuple(text for node in self.root.nodes for text in node.unseen)

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that makes the record a permerror for some message, each with its place."""
        found = [f"{node.place}: {fault}" for node in self.root.nodes for fault in node.faults]
        if self.lookups > MOST_LOOKUPS:
            found.append(f"{self.root.domain}: {self.lookups} lookups, {MOST_LOOKUPS} are allowed")
        if len(self.void_lookups) > MOST_VOID_LOOKUPS:
            found.append(f"{self.root.domain}: {len(self.void_lookups)} lookups find nothing, {MOST_VOID_LOOKUPS} are allowed")
        return tuple(found)

    @property
    def ends_in(self) -> str:
        """The `all` that decides in the end, such as `-all`; '' when none is reached."""
        node = self.root
        while node.record and node.record.all is None and (below := [child for child in node.children if child.by == "redirect"]):
            node = below[0]
        qualifier = node.record.all if node.record else None
        return f"{qualifier}all" if qualifier else ""

    def authorises(self, include: str) -> bool | None:
        """True when the tree passes what that domain's record passes; None when the part that was not seen may do it."""
        wanted = include.casefold().removesuffix(".")
        if any(_leads_to(node, wanted) for node in _passing(self.root)):
            return True
        return None if any(node.state in ("unknown", "depends", "not_read") for node in self.root.nodes) else False

    @property
    def passes(self) -> tuple[str, ...]:
        """The domains whose records pass mail for this one, as far as its terms say, each once, sorted."""
        return tuple(sorted({node.domain for node in _passing(self.root) if node.by != "domain" and node.state in ("read", "unknown")}))

    def missing(self, includes: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the includes that are surely not in the tree."""
        return tuple(include for include in includes if self.authorises(include) is False)


def _leads_to(node: SpfNode, wanted: str) -> bool:
    return node.domain == wanted and node.by != "domain"


def _passing(node: SpfNode) -> Iterator[SpfNode]:
    """The nodes whose passes are passes of the root: those that are included with `+`, or redirected to."""
    yield node
    for child in node.children:
        if child.by == "redirect" or _qualifier_of(node, child) == "+":
            yield from _passing(child)


def _qualifier_of(node: SpfNode, child: SpfNode) -> str:
    mechanisms = node.record.mechanisms if node.record else ()
    return next((one.qualifier for one in mechanisms if one.name == "include" and _folded(one.domain) == child.domain), "+")


async def read_spf_tree(domain: str, ask: Ask) -> SpfTree:
    """The tree of a domain, every branch read or its reason given; each question is asked through `ask` only."""
    return SpfTree(await _node(_folded(domain), "domain", (), ask))


async def _node(domain: str, by: By, above: tuple[str, ...], ask: Ask) -> SpfNode:
    node = SpfNode(domain, by, " > ".join((*above, domain)), "none")
    if domain in above:
        return replace(node, state="loop", faults=(f"{by} leads back to {domain}",))
    if len(above) > DEEPEST:
        return replace(node, state="not_read", unseen=(f"{node.place}: too deep to be read",))
    answer = await ask(domain, "TXT") if fits_dns(domain) else Answer(domain, "TXT", Outcome.NXDOMAIN)
    if not answer.is_known:
        return replace(node, state="unknown", outcome=answer.outcome, unseen=(f"{node.place} TXT: {answer.outcome}",))
    texts = [text for text in answer.data if is_spf(text)]
    node = replace(node, outcome=answer.outcome, ttl=answer.ttl if texts else None)
    if len(texts) != 1:
        return _without_record(node, len(texts))
    return await _read(replace(node, state="read", record=parse_spf(texts[0])), (*above, domain), ask)


def _without_record(node: SpfNode, records: int) -> SpfNode:
    if records:
        return replace(node, state="several", faults=(f"{records} SPF records, one is allowed",))
    return node if node.by == "domain" else replace(node, faults=(f"{node.by} of a domain without SPF record",))


async def _read(node: SpfNode, above: tuple[str, ...], ask: Ask) -> SpfNode:
    """The node with what its terms look up; a redirect counts only where the record has no `all` (section 6.1)."""
    record = node.record
    assert record
    children: list[SpfNode] = []
    costs = _Costs(ask, faults=list(record.faults))
    reached = _reached(record)
    for mechanism in reached:
        if mechanism.name == "include":
            children.append(await _child(mechanism.domain, "include", above, ask))
        elif mechanism.looks_up:
            await costs.add(mechanism.name, _folded(mechanism.domain or node.domain))
    redirected = bool(record.redirect) and record.all is None
    if redirected:
        children.append(await _child(record.redirect, "redirect", above, ask))
    found = replace(node, void=tuple(costs.void), unseen=tuple(costs.unseen), faults=tuple(costs.faults), children=tuple(children))
    return replace(found, lookups=sum(one.looks_up for one in reached) + redirected)


def _reached(record: SpfRecord) -> list[Mechanism]:
    """The mechanisms that some message can come to: those before the first `all`."""
    names = [one.name for one in record.mechanisms]
    return list(record.mechanisms[: names.index("all")] if "all" in names else record.mechanisms)


async def _child(domain: str, by: By, above: tuple[str, ...], ask: Ask) -> SpfNode:
    if "%" in domain:
        return SpfNode(domain, by, " > ".join((*above, domain)), "depends")
    return await _node(_folded(domain), by, above, ask)


@dataclass(slots=True)
class _Costs:
    """What the terms of one record look up in vain, without an answer, or in too great a number."""

    ask: Ask
    void: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def add(self, mechanism: str, name: str) -> None:
        """Ask for what `a`, `mx` and `exists` name. What `ptr` and macros name depends on the message, so nothing is asked."""
        if mechanism == "ptr" or "%" in name:
            return
        if mechanism != "mx":
            await self._one_of(name, ("A",) if mechanism == "exists" else ("A", "AAAA"))
            return
        hosts = [data.partition(" ")[2] for data in await self._one_of(name, ("MX",))]
        if len(hosts) > MOST_HOSTS:
            self.faults.append(f"mx: {name} has {len(hosts)} MX records, {MOST_HOSTS} are allowed")
        for host in hosts[:MOST_HOSTS]:
            await self._one_of(host, ("A", "AAAA"))

    async def _one_of(self, name: str, types: tuple[str, ...]) -> tuple[str, ...]:
        """The data of the first type that there is. Void is a name that has none of them: which one is asked for depends on the sender."""
        lost: list[str] = []
        for type_ in types:
            answer = await self.ask(name, type_) if fits_dns(name) else Answer(name, type_, Outcome.NXDOMAIN)
            if answer.data:
                return answer.data
            lost += [] if answer.is_known else [f"{name} {type_}: {answer.outcome}"]
        self.unseen += lost
        self.void += [] if lost else [f"{name} {types[0]}"]
        return ()


def _folded(name: str) -> str:
    return name.casefold().removesuffix(".")
