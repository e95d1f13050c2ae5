"""The moves of a project's domains, each put together from its observations and the bundles of both tenants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ctm_audit.dns.cutover import Cutover, cutover
from ctm_audit.dns.sightings import observed
from ctm_audit.dns.wanted_records import wanted_records
from ctm_audit.errors import EvidenceGap
from ctm_audit.evidence.bundle import Bundle
from ctm_audit.evidence.tables import Side
from ctm_audit.project import Project
from ctm_audit.reference import load_reference


def plan_moves(
    project: Project, domains: Sequence[str], observations: Sequence[Bundle], tenants: Mapping[Side, Bundle], begin: datetime
) -> tuple[Cutover, ...]:
    """The move of each domain in A-labels; `observations` are oldest first, `tenants` the newest bundles of both, where there are any.

    Raises EvidenceGap when nobody has observed anything yet.
    """
    if not observations:
        raise EvidenceGap(f"There is no observation in {project.dns.bundle}.", hint="ctm-audit dns observe")
    source, target = tenants.get("source"), tenants.get("target")
    suffixes = load_reference().clouds[project.cloud].mail_suffixes
    moving = {domain.name: domain for domain in project.domains}
    return tuple(
        cutover(
            moving[name],
            observed(observations, name),
            wanted_records(name, target, source, suffixes=suffixes, initial_domain=project.target.initial_domain),
            source,
            target,
            begin,
        )
        for name in domains
    )
