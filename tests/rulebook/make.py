"""Rules and cases for tests, made of only what a test is about."""

from __future__ import annotations

from typing import Any

from ctm_audit.model import FixKind, Owner, Step
from ctm_audit.rulebook.judging import CheckedRule, check_rule
from ctm_audit.rulebook.rule import Rule

FILE = "rules/stp/STP-77-made-up.toml"


def rule(**changes: Any) -> Rule:
    values: dict[str, Any] = {
        "file": FILE,
        "id": "STP-77",
        "slug": "made-up",
        "title": "Something is wrong",
        "gate": "stamping",
        "blocks": (Step.SUBMIT,),
        "warns": (),
        "waivable": True,
        "attest": False,
        "states": None,
        "masked_by": (),
        "edits": None,
        "over": "pairs",
        "applies": None,
        "passes": "source.upn = 'a'",
        "expected": "'a'",
        "found": "source.upn",
        "owner": Owner.MIGRATION_LEAD,
        "fix_kind": FixKind.MANUAL,
        "fix": "Repair it",
        "command": None,
        "safe_when": None,
        "shell": None,
        "predicts": (),
        "how_to": None,
        "why": "Because",
        "sources": ("https://learn.microsoft.com/",),
        "cases": (),
    }
    return Rule(**{**values, **changes})


def checked(**changes: Any) -> CheckedRule:
    """The checked rule; raises the first refusal."""
    found, refused = check_rule(rule(**changes))
    for _, refusal in refused:
        raise refusal
    assert found is not None
    return found
