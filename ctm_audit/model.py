"""The words of the project as plain values: steps, verdicts, gates, results. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

FORMAT_VERSION = "1"


class Step(StrEnum):
    """A moment of the migration for which an audit asks "may we?", in the order of the project.

    The DOMAIN_STEPS ask it of the domains that move, once the mailboxes have moved; the others ask it of mailboxes.
    """

    ASSESS = "assess"
    PREPARE = "prepare"
    SUBMIT = "submit"
    COMPLETE = "complete"
    VERIFY = "verify"
    LOWER_TTL = "lower-ttl"
    PARK = "park"
    REMOVE_DOMAIN = "remove-domain"
    VERIFY_DOMAIN = "verify-domain"
    UN_PARK = "un-park"
    DONE = "done"
    CLOSE_DOMAIN = "close-domain"
    CLOSE = "close"

    def is_before(self, other: Step) -> bool:
        """True when this step comes earlier in the project than `other`."""
        order = list(Step)
        return order.index(self) < order.index(other)


DOMAIN_STEPS = (Step.LOWER_TTL, Step.PARK, Step.REMOVE_DOMAIN, Step.VERIFY_DOMAIN, Step.UN_PARK, Step.DONE, Step.CLOSE_DOMAIN)
MAILBOX_STEPS = tuple(step for step in Step if step not in DOMAIN_STEPS)


class Stage(StrEnum):
    """How far one mapping row has come, read from the evidence."""

    UNPREPARED = "unprepared"
    PREPARED = "prepared"
    MOVING = "moving"
    SYNCED = "synced"
    MOVED = "moved"
    INCONSISTENT = "inconsistent"


class Verdict(StrEnum):
    """What a rule says about one object at one step."""

    PASS = "pass"
    FAIL = "fail"
    DUE = "due"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"
    ATTESTED = "attested"


class Weight(StrEnum):
    """What a failure of a rule means at the audited step."""

    BLOCKER = "blocker"
    WARNING = "warning"
    DUE = "due"
    INFO = "info"


class GateState(StrEnum):
    """Whether a gate lets the step begin. Only `open` does; `not_required` asks nothing."""

    OPEN = "open"
    CLOSED = "closed"
    UNDETERMINED = "undetermined"
    NOT_REQUIRED = "not_required"


class Owner(StrEnum):
    """Who must act on a finding."""

    SOURCE_ADMIN = "source-admin"
    TARGET_ADMIN = "target-admin"
    ON_PREM_ADMIN = "on-prem-admin"
    LICENSE_BUYER = "license-buyer"
    LEGAL = "legal"
    MIGRATION_LEAD = "migration-lead"


COLLECTORS: Mapping[str, Owner] = MappingProxyType(
    {"source": Owner.SOURCE_ADMIN, "target": Owner.TARGET_ADMIN, "dns": Owner.MIGRATION_LEAD}
)
"""Who collects the evidence of a side; DNS is observed by whoever runs the audit."""


class FixKind(StrEnum):
    """What sort of act repairs a failure; only `script` may stand in a generated script."""

    SCRIPT = "script"
    MANUAL = "manual"
    LEGAL = "legal"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The counts of one rule over everything it judged; `reason` says why nothing was judged, if so."""

    id: str
    slug: str
    title: str
    gate: str
    weight: Weight
    evaluated: int
    passed: int
    failed: int
    due: int
    undetermined: int
    not_applicable: int
    waived: int
    attested: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate at one step; the numbers count findings' objects, not rules."""

    id: str
    state: GateState
    failed: int
    warned: int
    due: int
    undetermined: int
    waived: int
    attested: int
