"""A rule, its cases and the gates as plain values, in the words of the rule file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ctm_audit.evidence.tables import Side
from ctm_audit.model import FixKind, Owner, Step

Shell = Literal["exo", "compliance", "graph", "on-premises"]
SHELLS: tuple[Shell, ...] = ("exo", "compliance", "graph", "on-premises")
CaseVerdict = Literal["pass", "fail", "undetermined", "not_applicable"]
CASE_VERDICTS: tuple[CaseVerdict, ...] = ("pass", "fail", "undetermined", "not_applicable")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gate:
    """A question of the migration that groups rules; `order` is its place among all gates."""

    id: str
    title: str
    phase: str
    order: int


@dataclass(frozen=True, slots=True)
class Case:
    """An example with its expected verdict; the first row of the judged relation is the judged one.

    A relation that is not in `rows` was not collected, one without rows is empty, and a field that a row does not
    name is unknown. `incomplete` maps relations that may lack rows to the reason.
    """

    name: str
    verdict: CaseVerdict
    rows: Mapping[str, tuple[Row, ...]]
    project: Row
    incomplete: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file; `file` is its name for people, `rules/stp/STP-05-….toml`.

    `edits` is the side whose directory object the fix edits: where that object is mastered on-premises, the edit is made
    there, by the on-premises administrator, and a cloud command would be reverted by the next synchronisation.
    `safe_when` says for which rows the command is safe; the others get none.
    `how_to` says what the usual how-to does that leads here (docs/how-to-traps.md), in one sentence.
    `until` is the time by which waiting alone may settle it: a failure before it is undetermined.
    With `attest` no evidence answers: `passes`, `expected` and `found` are '', and `states` is the sentence that a person states.
    `digest` is the SHA-256 of the file's text: two books with the same digest of a rule mean the same by it.
    """

    file: str
    id: str
    slug: str
    title: str
    gate: str
    blocks: tuple[Step, ...]
    warns: tuple[Step, ...]
    waivable: bool
    attest: bool
    states: str | None
    masked_by: tuple[str, ...]
    edits: Side | None
    over: str
    applies: str | None
    passes: str
    expected: str
    found: str
    owner: Owner
    fix_kind: FixKind
    fix: str
    command: str | None
    safe_when: str | None
    shell: Shell | None
    predicts: tuple[str, ...]
    how_to: str | None
    why: str
    sources: tuple[str, ...]
    cases: tuple[Case, ...]
    until: str | None = None
    digest: str = ""
