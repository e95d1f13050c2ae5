"""The bundles of a project, opened and trusted as its file says."""

from __future__ import annotations

from pathlib import Path

from ctm_audit.errors import Refused
from ctm_audit.evidence.bundle import Bundle, list_bundles, newest_bundle, open_bundle, untrusted
from ctm_audit.evidence.tables import DNS, SIDES, Side
from ctm_audit.project import Project, Tenant


def newest_of(project: Project, side: Side) -> Bundle:
    """The newest bundle of a side. Raises EvidenceGap when there is none, Refused when it may not be believed."""
    return _trusted(project, side, newest_bundle(tenant_of(project, side).bundle))


def newest_of_tenants(project: Project) -> dict[Side, Bundle]:
    """The newest bundles of both tenants, where there are any. Raises Refused when one may not be believed."""
    return {side: _trusted(project, side, found[0]) for side in SIDES if (found := list_bundles(tenant_of(project, side).bundle))}


def observed_of(project: Project) -> dict[Side, Bundle]:
    """The newest bundle of DNS, where somebody has observed; rules about DNS are undetermined without it."""
    found = list_bundles(project.dns.bundle)
    return {"dns": _trusted(project, "dns", found[0])} if found else {}


def observations_of(project: Project) -> list[Bundle]:
    """Every bundle of DNS, oldest first. Raises Refused when one may not be believed."""
    return [_trusted(project, "dns", path) for path in reversed(list_bundles(project.dns.bundle))]


def tenant_of(project: Project, side: Side) -> Tenant:
    """The tenant of a side."""
    return project.source if side == "source" else project.target


def _trusted(project: Project, side: Side, path: Path) -> Bundle:
    bundle = open_bundle(path)
    if fault := untrusted(bundle, project.signers(side)):
        hint = f"ctm-audit bundle sign {bundle.path} --key FILE, by whoever collected it"
        raise Refused(f"{fault}; the project names who must sign evidence of the {side} tenant.", hint=hint)
    if bundle.side != side:
        raise Refused(f"{bundle.path} is {_whose(bundle.side)}, not {_whose(side)}.", hint="move it away")
    return bundle


def _whose(side: Side) -> str:
    return "evidence of DNS" if side in DNS else f"evidence of the {side} tenant"
