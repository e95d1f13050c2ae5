"""The use cases of the domain move: observe, plan, verify, watch. What uses the network is imported only when it is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctm_audit.bundled import data_folder
from ctm_audit.engine.runs import find_run, open_run
from ctm_audit.errors import EvidenceGap, UsageError
from ctm_audit.project import Project
from ctm_audit.rulebook.load import load_book
from ctm_audit.trusted_bundles import newest_of_tenants, observations_of

if TYPE_CHECKING:
    from ctm_audit.dns.bundle import Observation, Told
    from ctm_audit.dns.cutover import Cutover
    from ctm_audit.dns.verified import Verified
    from ctm_audit.evidence.bundle import Bundle

RE_ASKED = 5.0


def observe_dns(
    project: Project,
    domains: Sequence[str] = (),
    out: Path | None = None,
    told: Told = lambda _: None,
    *,
    proofs: bool = True,
    is_baseline: bool = False,
    earlier: Bundle | None = None,
) -> Observation:
    """Ask everybody about domains of the project (without any, about all that move) and write a `dns` bundle below `out`.

    `told` hears of each domain when it is done; without `proofs` name servers alone are asked. With `is_baseline` later
    observations are compared with this one; the new bundle holds the last rounds of `earlier` too. Raises UsageError for what is no
    domain of the project, EvidenceGap when nobody answers.
    """
    from ctm_audit.dns.asking_web import open_proving
    from ctm_audit.dns.bundle import observe
    from ctm_audit.dns.wanted import moving_domains

    wanted, proving = moving_domains(project, domains), open_proving(project) if proofs else None
    return observe(
        project.dns,
        wanted,
        out or project.dns.bundle,
        cloud=project.cloud,
        told=told,
        proving=proving,
        hosts=_planned_hosts(project, wanted),
        is_baseline=is_baseline,
        earlier=earlier,
    )


def _planned_hosts(project: Project, domains: Sequence[str]) -> tuple[str, ...]:
    """The mail hosts that the project, and Graph in the newest bundle of the target, plan for these domains."""
    from ctm_audit.dns.planned import target_hosts

    planned = [mx.partition(" ")[2] for one in project.domains if one.name in domains for mx in (*one.park, *one.target_mx)]
    return tuple(sorted({*planned, *target_hosts(project.target.bundle, domains)}))


def plan_dns(project: Project, domains: Sequence[str] = (), begin: datetime | None = None) -> tuple[Cutover, ...]:
    """The plan of the move of each domain (without any, of all that move) from the bundles alone; `begin` is naive UTC, else now.

    Raises UsageError for what is no domain of the project, EvidenceGap without an observation, Refused when a bundle was changed.
    """
    from ctm_audit.dns.plans import plan_moves
    from ctm_audit.dns.wanted import moving_domains

    wanted = moving_domains(project, domains)
    return plan_moves(project, wanted, observations_of(project), newest_of_tenants(project), begin or project.as_of or utc_now())


def standing_dns(project: Project, domains: Sequence[str] = (), *, apart: timedelta | None = None) -> tuple[Verified, ...]:
    """How the move of each domain stands by the newest bundles; nobody is asked. `apart`: how far equal rounds lie apart, else a minute.

    Raises as `plan_dns` does.
    """
    from ctm_audit.dns.plans import plan_moves
    from ctm_audit.dns.sightings import observed
    from ctm_audit.dns.standing import APART
    from ctm_audit.dns.verified import verified
    from ctm_audit.dns.wanted import moving_domains

    wanted, observations, tenants = moving_domains(project, domains), observations_of(project), newest_of_tenants(project)
    plans = plan_moves(project, wanted, observations, tenants, project.as_of or utc_now())
    seen = {one.domain: observed(observations, one.domain) for one in plans}
    return tuple(verified(project, one, seen[one.domain], tenants, apart=APART if apart is None else apart) for one in plans)


def report_dns(project: Project, domains: Sequence[str], path: Path) -> tuple[Verified, ...]:
    """How the moves stand, after writing it as a page to `path`; gates are those of the project's newest run. Raises as `plan_dns` does."""
    from ctm_audit.report.cutover_html import write_cutover

    found = standing_dns(project, domains)
    try:
        run: dict[str, Any] | None = open_run(find_run(project.runs, None)).document
    except UsageError:  # nobody has audited yet
        run = None
    write_cutover(path, project, found, load_book(data_folder("rules")).rules, run)
    return found


def watch_dns(
    project: Project, domains: Sequence[str], rounds: Rounds, told: Callable[[int, tuple[Verified, ...]], None]
) -> tuple[Verified, ...]:
    """How the moves stand after the last round: each round observes, writes a bundle, and tells how the moves stand by then.

    It ends as `rounds` says; () when nobody answered in the last one. Raises as `observe_dns` and `plan_dns` do.
    """
    begun, number, bundle = time.monotonic(), 0, None
    while True:
        number += 1
        bundle = _observed_again(project, domains, rounds, bundle)
        found = standing_dns(project, domains, apart=timedelta(seconds=rounds.interval)) if bundle else ()
        told(number, found)
        wait = rounds.pause(found)
        if rounds.is_last(number, found) or time.monotonic() + wait - begun > rounds.limit:
            return found
        time.sleep(wait)


def _observed_again(project: Project, domains: Sequence[str], rounds: Rounds, earlier: Bundle | None) -> Bundle | None:
    """The bundle of one more round; None when nobody answered and there is time for another, for old answers prove nothing now."""
    try:
        return observe_dns(project, domains, earlier=earlier).bundle
    except EvidenceGap:
        if not rounds.until_proven:
            raise
        return None


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often to look: `most` rounds (0 for any number), `interval` seconds from one to the next, for `limit` seconds at the longest.

    With `until_proven` the rounds end when every move is proven.
    """

    most: int
    interval: float
    limit: float
    until_proven: bool

    def is_last(self, number: int, found: tuple[Verified, ...]) -> bool:
        """True when no further round is to follow."""
        return number == self.most or (self.until_proven and bool(found) and all(one.state == "proven" for one in found))

    def pause(self, found: tuple[Verified, ...]) -> float:
        """Seconds to the next round; a resolver that gave out what had run out is asked again at once, for then it says the new."""
        from ctm_audit.dns.standing import State

        is_stale = any(cell.state is State.STALE for one in found if one.matrix for cell in one.matrix.cells)
        return min(self.interval, RE_ASKED) if is_stale else self.interval


def utc_now() -> datetime:
    """Now, as naive UTC to the second."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
