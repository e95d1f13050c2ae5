"""Observes the domains of a project and writes what was seen as a `dns` bundle; every answer reaches the disk before the next domain."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.asking import Asker, Patience
from ctm_audit.dns.delegation import Walker
from ctm_audit.dns.earlier import next_round
from ctm_audit.dns.history import carried, history_below, states
from ctm_audit.dns.loop import finished
from ctm_audit.dns.names import readable
from ctm_audit.dns.observe import Observer, Seen
from ctm_audit.dns.proof_rows import Rows
from ctm_audit.dns.proving import Proving, first_that_knows, unseen
from ctm_audit.dns.resolvers import Resolver, own_resolvers, tested
from ctm_audit.dns.rows import Row, without_secrets
from ctm_audit.errors import EXIT_OK, EXIT_UNDETERMINED, EvidenceGap
from ctm_audit.evidence.bundle import Bundle, write_bundle
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.tables import DNS_TABLES, PROOF_TABLES
from ctm_audit.project import Dns

HOW = "asked by ctm-audit dns observe"
FEWEST_VOTERS = 2
PROVEN_AT_ONCE = 16
PROOFS = tuple(table.name for table in PROOF_TABLES)
NOT_ASKED = "name servers alone were asked"
Told = Callable[[Seen], None]


@dataclass(frozen=True, slots=True)
class Observation:
    """A written bundle, how each domain and each resolver came out of it in a sentence, and how many questions were sent."""

    bundle: Bundle
    domains: tuple[str, ...]
    resolvers: tuple[str, ...]
    gaps: tuple[str, ...]
    asked: int

    @property
    def exit_code(self) -> int:
        """0, or 3 when something could not be seen."""
        return EXIT_UNDETERMINED if self.gaps else EXIT_OK


def observe(
    settings: Dns,
    domains: Sequence[str],
    folder: Path,
    *,
    cloud: str,
    told: Told = lambda _: None,
    patience: Patience | None = None,
    proving: Proving | None = None,
    hosts: Sequence[str] = (),
    is_baseline: bool = False,
    earlier: Bundle | None = None,
) -> Observation:
    """Ask everybody about the domains and write a bundle below `folder`; `told` hears of each domain when it is done.

    `hosts` are mail hosts that are asked about beside those of MX records. With `is_baseline` later observations are compared with
    this one. Without `proving` name servers alone are asked, and the bundle has none of the tables of proofs.
    This is the round after those of the bundle `earlier`, whose last ones the new bundle holds too.
    Raises EvidenceGap, and writes nothing, when nobody at all answered.
    """
    begun = datetime.now(UTC).replace(tzinfo=None)
    asker = Asker(settings.resolver_rate, settings.server_rate, patience or Patience())
    before = history_below(folder)
    absent = proving.absent if proving else dict.fromkeys(PROOFS, NOT_ASKED)
    names = [*(table.name for table in DNS_TABLES), *(name for name in PROOFS if name not in absent)]
    with tempfile.TemporaryDirectory(prefix="ctm-audit-dns-") as work:
        number, kept = next_round(earlier)
        spool = _Spool(Path(work), names, number)
        with spool:
            for name in kept.keys() & set(names):
                spool.carry(name, kept[name])
            resolvers, sentences, gaps, seen = finished(_asked(asker, settings, (domains, hosts), spool, told, proving))
            spool.add("history", carried(before, seen, begun, is_baseline=is_baseline))
        tables = [spool.intake(name, begun) for name in names]
    bundle = write_bundle(folder, side="dns", tenant_id="", initial_domain="", cloud=cloud, collected_how=HOW, tables=tables, absent=absent)
    of_resolvers = tuple(_resolver_sentence(resolver) for resolver in resolvers)
    return Observation(
        bundle=bundle,
        domains=tuple(sorted(sentences)),
        resolvers=of_resolvers,
        gaps=(*sorted(gaps), *_too_few(resolvers)),
        asked=asker.asked,
    )


class _Spool:
    """Rows on disk, a file a table and a line a row, so that a thousand domains need no more memory than one; `number` is the round's."""

    def __init__(self, folder: Path, names: Iterable[str], number: int) -> None:
        self._number = number
        self._paths = {name: folder / f"{name}.jsonl" for name in names}
        self._files: dict[str, IO[str]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> None:
        for name, path in self._paths.items():
            self._files[name] = self._stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows of this round to a table."""
        self.carry(name, [row | {"round": self._number} if "round" in row else row for row in rows])

    def carry(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows to a table as they are."""
        self._files[name].writelines(f"{json.dumps(row)}\n" for row in rows)

    def intake(self, name: str, collected_at: datetime) -> Intake:
        """A finished table."""
        return intake(name, self._rows(name), Meta("dns", f"{name} of dns observe", collected_at))

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        with self._paths[name].open(encoding="utf-8", newline="\n") as file:
            yield from map(json.loads, file)


async def _asked(
    asker: Asker, settings: Dns, wanted: tuple[Sequence[str], Sequence[str]], spool: _Spool, told: Told, proving: Proving | None
) -> tuple[tuple[Resolver, ...], list[str], list[str], dict[tuple[str, str], Row]]:
    """The resolvers, for each domain its sentence, what could not be seen, and how records stand now."""
    domains, hosts = wanted
    resolvers = await tested(asker, settings.resolvers, own_resolvers(settings.own))
    observer = Observer(asker, Walker(asker, settings.roots, settings.ports), resolvers, settings.selectors, hosts)
    spool.add("vantages", [resolver.row() for resolver in resolvers])
    standing: dict[tuple[str, str], Row] = {}
    sentences, gaps, reached = list[str](), list[str](), any(resolver.outcome is Outcome.ANSWER for resolver in resolvers)
    async for seen in observer.observe(domains):
        for name, rows in seen.rows.items():
            spool.add(name, rows)
        standing |= states(seen.rows)
        reached = reached or seen.cut.outcome.is_known
        sentences.append(_sentence(seen))
        gaps += filter(None, [_gap(seen)])
        told(seen)
    if not reached:
        detail = [_resolver_sentence(resolver) for resolver in resolvers]
        hint = "try again where UDP and TCP port 53 are open, or name servers that can be reached under [dns] (docs/dns.md)"
        raise EvidenceGap("Nobody could be asked: no root server and no resolver answers.", detail=detail, hint=hint)
    if proving:
        gaps += await _proven(proving, asker, resolvers, domains, spool)
    return resolvers, sentences, gaps, standing


async def _proven(proving: Proving, asker: Asker, resolvers: Sequence[Resolver], domains: Sequence[str], spool: _Spool) -> list[str]:
    """Spools the proofs of every domain, asked with the resolvers that can be believed; for each what could not be seen."""
    ask = first_that_knows([asker.resolving(one.endpoint) for one in resolvers if one.votes])
    gate, gaps = asyncio.Semaphore(PROVEN_AT_ONCE), list[str]()

    async def one_domain(domain: str) -> tuple[str, Rows]:
        async with gate:
            return domain, await proving.rows(domain, ask)

    for task in asyncio.as_completed([one_domain(domain) for domain in domains]):
        domain, rows = await task
        for name, found in rows.items():
            spool.add(name, [without_secrets(row) for row in found])
        gaps += [f"{readable(domain)}: {gap}" for gap in unseen(rows)]
    return gaps


def _sentence(seen: Seen) -> str:
    """What came of a domain in a line."""
    name, cut = readable(seen.domain), seen.cut
    if cut.outcome is Outcome.NXDOMAIN:
        return f"{name}: does not exist; the servers of {cut.zone} say so"
    if not cut.outcome.is_known:
        return f"{name}: nobody could say who serves it ({cut.outcome})"
    inside = "" if cut.zone == seen.domain else f" (in the zone {cut.zone})"
    return f"{name}: {seen.servers - len(seen.silent)} of {seen.servers} name servers answer for it{inside}"


def _gap(seen: Seen) -> str:
    """What could not be seen of a domain; '' when everything was."""
    name, cut = readable(seen.domain), seen.cut
    if not cut.outcome.is_known:
        return f"{name}: its name servers are not known: {'; '.join(cut.asked) or cut.outcome}"
    told = [*seen.silent, *([f"{seen.unknown} names that no name server answers for"] if seen.unknown else [])]
    return f"{name}: {'; '.join(told)}" if told else ""


def _resolver_sentence(resolver: Resolver) -> str:
    return f"{resolver.endpoint}: {resolver.detail or 'votes'}"


def _too_few(resolvers: Sequence[Resolver]) -> tuple[str, ...]:
    voters = [resolver for resolver in resolvers if resolver.votes]
    if len(voters) >= FEWEST_VOTERS:
        return ()
    return (f"{len(voters)} of {len(resolvers)} resolvers can be believed, {FEWEST_VOTERS} are needed",)
