"""What people accepted and stated, as the page and the terminal tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctm_audit.report.words import are, counted, listed, shortened

OBJECTS_NAMED = 20
KINDS: Mapping[str, str] = {"waiver": "waived", "attestation": "stated, not observed"}


@dataclass(frozen=True, slots=True)
class StatementView:
    """One waiver or attestation: who says what of which objects, until when, and whether it counts here."""

    kind: str
    kind_word: str
    rule: str
    title: str
    who: str
    role: str | None
    words: str
    when: str | None
    expires: str
    objects: tuple[str, ...]
    objects_left_out: int
    counts: str
    lapse: str | None


def statement_views(run: Mapping[str, Any]) -> tuple[StatementView, ...]:
    """Every record of the run, with the title of the rule of which it speaks."""
    titles = {rule["id"]: rule["title"] for rule in run["rules"]}
    return tuple(_view(record, titles.get(record["rule"], "")) for record in run["statements"])


def _view(record: Mapping[str, Any], title: str) -> StatementView:
    return StatementView(
        kind=record["kind"],
        kind_word=KINDS[record["kind"]],
        rule=record["rule"],
        title=title,
        who=shortened(record["who"]),
        role=shortened(record["role"]) if record["role"] else None,
        words=shortened(record["words"]),
        when=record["when"],
        expires=record["expires"],
        objects=tuple(shortened(name) for name in record["objects"][:OBJECTS_NAMED]),
        objects_left_out=len(record["objects"][OBJECTS_NAMED:]),
        counts=f"counts for {counted(record['counted'], 'object')} here" if record["counted"] else "makes no difference here",
        lapse=record["lapse"],
    )


def statements_sentence(run: Mapping[str, Any]) -> str:
    """What opens only because somebody waived or stated it: `2 are waived and 1 is stated, not observed.`; empty for nothing."""
    numbers = {name: sum(gate[name] for gate in run["gates"]) for name in ("waived", "attested")}
    words = {"waived": "waived", "attested": "stated, not observed"}
    told = [are(numbers[name], words[name]) for name in words if numbers[name]]
    return f"Of what blocks here, {listed(told)}." if told else ""
