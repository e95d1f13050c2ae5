"""What one audit asks: which project and bundles, for which step and wave, at what time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ctm_audit.engine.raw import Bundles
from ctm_audit.evidence.tables import TABLES
from ctm_audit.mapping import MappingTable
from ctm_audit.model import Step
from ctm_audit.project import Project
from ctm_audit.reference import Reference
from ctm_audit.statements import NOTHING_SAID, Statements

CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Question:
    """One audit's inputs. `as_of` is set when somebody fixed the clock; `now` is then the same.

    `salt` is the key of the hashes of those whom the bundles leave out.
    """

    project: Project
    mapping: MappingTable
    bundles: Bundles
    step: Step
    step_why: str
    wave: str | None
    now: datetime
    as_of: datetime | None
    reference: Reference
    statements: Statements = NOTHING_SAID
    salt: bytes | None = None

    @property
    def lock(self) -> Path:
        """The mapping's lock, beside the mapping."""
        return self.project.mapping.with_suffix(".lock")


def stale_tables(project: Project, bundles: Bundles, now: datetime) -> dict[Step, dict[str, str]]:
    """For each step with an age limit, the tables (`SIDE.TABLE`) that are too old for it, each with a sentence."""
    return {step: _too_old(bundles, now, limit, step) for step, limit in project.max_evidence_age.items()}


def _too_old(bundles: Bundles, now: datetime, limit: timedelta, step: Step) -> dict[str, str]:
    found = {}
    for side, bundle in bundles.items():
        for name, entry in bundle.tables.items():
            age, allowed = now - entry.collected_at, max(limit, TABLES[name].lasts)
            command = f"{side} {TABLES[name].command}"
            if age > allowed:
                found[f"{side}.{name}"] = f"{command} is {_words(age)} old; {step} allows {_words(allowed)}"
            elif age < -CLOCK_TOLERANCE:
                found[f"{side}.{name}"] = f"{command} claims to be {_words(-age)} from the future"
    return found


def _words(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h" if hours else f"{int(age.total_seconds() // 60)} min"
