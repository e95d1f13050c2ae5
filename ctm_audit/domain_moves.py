"""The use cases of the domain move: observe, plan. Whatever uses the network is imported only when it is called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ctm_audit.project import Project
from ctm_audit.trusted_bundles import newest_of_tenants, observations_of

if TYPE_CHECKING:
    from ctm_audit.dns.bundle import Observation, Told
    from ctm_audit.dns.cutover import Cutover


def observe_dns(
    project: Project,
    domains: Sequence[str] = (),
    out: Path | None = None,
    told: Told = lambda _: None,
    *,
    proofs: bool = True,
    is_baseline: bool = False,
) -> Observation:
    """Ask everybody about domains of the project (without any, about all that move) and write a `dns` bundle below `out`.

    `told` hears of each domain when it is done; without `proofs` name servers alone are asked. With `is_baseline` later
    observations are compared with this one. Raises UsageError for what is no domain of the project, EvidenceGap when nobody answers.
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


def utc_now() -> datetime:
    """Now, as naive UTC to the second."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
