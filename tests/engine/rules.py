"""Rules made by hand, so that gates and orders can be tried without a rule book."""

from __future__ import annotations

from ctm_audit.model import FixKind, Owner, Step
from ctm_audit.rulebook.rule import Rule


def made_rule(
    rule_id: str, gate: str = "stamping", *, blocks: tuple[Step, ...] = (), warns: tuple[Step, ...] = (), over: str = "pairs"
) -> Rule:
    """A rule with the given id, gate and steps; its texts do not matter."""
    return Rule(
        file=f"{rule_id}.toml",
        id=rule_id,
        slug=rule_id.lower(),
        title=f"title of {rule_id}",
        gate=gate,
        blocks=blocks,
        warns=warns,
        waivable=False,
        attest=False,
        states=None,
        masked_by=(),
        edits=None,
        over=over,
        applies=None,
        passes="source.found",
        expected="id",
        found="id",
        owner=Owner.TARGET_ADMIN,
        fix_kind=FixKind.MANUAL,
        fix="mend it",
        command=None,
        safe_when=None,
        shell=None,
        predicts=(),
        how_to=None,
        why="because",
        sources=("https://example.com/",),
        cases=(),
    )
