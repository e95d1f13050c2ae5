"""Which domains a person means."""

from __future__ import annotations

from collections.abc import Sequence

from ctm_audit.dns.names import domain_name
from ctm_audit.errors import UsageError
from ctm_audit.project import Project


def moving_domains(project: Project, written: Sequence[str] = ()) -> tuple[str, ...]:
    """The domains in A-labels, each once; without any, all that move. UsageError with every one that is not the project's."""
    moving = [domain.name for domain in project.domains]
    if not moving:
        raise UsageError("The project moves no domain.", hint="name each domain that moves as a [[domain]] in ctm-audit.toml")
    found, faults = [], []
    for text in written:
        try:
            found.append(domain_name(text))
            faults += [] if found[-1] in moving else [_not_moving(found[-1], moving)]
        except ValueError as fault:
            faults.append(str(fault))
    if faults:
        raise UsageError("Not every domain is one that the project moves.", detail=faults, hint=f"it moves {', '.join(moving)}")
    return tuple(dict.fromkeys(found or moving))


def _not_moving(name: str, moving: Sequence[str]) -> str:
    above = next((domain for domain in moving if name.endswith(f".{domain}")), "")
    return f"{name} lies below {above}; it moves only as a [[domain]] of its own" if above else f"{name} is no [[domain]] of the project"
