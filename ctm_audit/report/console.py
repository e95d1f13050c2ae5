"""The answer of `audit` on a terminal: plain lines with a style each, at most 80 columns, in words that need no colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from ctm_audit.model import GateState
from ctm_audit.report.verdict_view import answer, first_sentence, mailbox_sentence, tenant_view
from ctm_audit.report.words import GATE_STATES, SIDES, counted, day_and_time, headline, mailboxes, owner, visible

Style = Literal["bold", "red", "green", "magenta", ""]
WIDTH = 80
GLUE = "\xa0"
FIRST_SHOWN = 4
OWNERS_SHOWN = 6
GAPS_SHOWN = 2
STATE_STYLES: Mapping[bool | None, Style] = {True: "green", False: "red", None: "magenta"}
GATE_STYLES: Mapping[str, Style] = {GateState.OPEN: "green", GateState.CLOSED: "red", GateState.UNDETERMINED: "magenta"}


class Line(NamedTuple):
    """One line of the answer, and how a terminal may colour it; the words alone say everything."""

    text: str
    style: Style = ""


def verdict_lines(run: Mapping[str, Any]) -> list[Line]:
    """The verdict of a run in about 20 lines: the step, the verdict, the gates, what first, who acts, what is missing.

    Our own words are ASCII; names from the evidence are not, and hidden characters in them are written as `[U+202E]`.
    Only an export line, which must be copied whole, is longer than 80 columns.
    """
    parts = (_step(run), _verdict(run), _gates(run), _first(run), _owners(run), _gaps(run))
    lines = [line for part in parts for line in [*part]]
    return [Line(visible(line.text), line.style) for line in lines]


def _step(run: Mapping[str, Any]) -> Iterator[Line]:
    wave = f", wave {run['wave']}" if run["wave"] else ""
    yield Line(f"Step {run['step']} ({run['step_why']}){wave}", "bold")
    yield from wrapped(f"{tenant_view(run, 'source').name} -> {tenant_view(run, 'target').name}")
    if run["as_of"]:
        yield from wrapped(f"Judged as of {day_and_time(run['now'])} (clock set by hand: no plan accepts it)")


def _verdict(run: Mapping[str, Any]) -> Iterator[Line]:
    yield Line("")
    yield Line(headline(run["ready"], run["step"]).upper(), STATE_STYLES[run["ready"]])
    yield from wrapped(answer(run))
    if run["mailboxes"]["total"]:
        yield from wrapped(mailbox_sentence(run))


def _gates(run: Mapping[str, Any]) -> Iterator[Line]:
    """One line a state, the loudest first; each gate that is not open with what it counted."""
    yield Line("")
    for state in (GateState.CLOSED, GateState.UNDETERMINED, GateState.OPEN, GateState.NOT_REQUIRED):
        names = [_gate(gate) for gate in run["gates"] if gate["state"] == state]
        if names:
            yield from wrapped(f"{GATE_STATES[state]:<13} {', '.join(names)}", GATE_STYLES.get(state, ""), indent=14)


def _gate(gate: Mapping[str, Any]) -> str:
    number = {GateState.CLOSED: gate["failed"], GateState.UNDETERMINED: gate["undetermined"]}.get(gate["state"], 0)
    return f"{gate['id']}{GLUE}({number:,})" if number else str(gate["id"])


def _first(run: Mapping[str, Any]) -> Iterator[Line]:
    if not run["first"]:
        return
    yield Line("")
    yield from wrapped(f"What first. {first_sentence(run['first'])}", "bold")
    for number, act in enumerate(run["first"][:FIRST_SHOWN], start=1):
        rule = f"{act['rule']} " if act["rule"] else ""
        yield from wrapped(f"{number}. {rule}{act['title']} [{owner(act['owner'])}]", indent=3)
    if len(run["first"]) > FIRST_SHOWN:
        yield Line(f"   and {len(run['first']) - FIRST_SHOWN:,} more in the report")


def _owners(run: Mapping[str, Any]) -> Iterator[Line]:
    acting = [told for told in run["owners"] if told["blockers"]]
    if not acting:
        return
    told = ", ".join(f"{owner(one['owner'])} {one['blockers']:,}" for one in acting[:OWNERS_SHOWN])
    yield from wrapped(f"Who must act (blockers): {told}", indent=3)


def _gaps(run: Mapping[str, Any]) -> Iterator[Line]:
    for gap in run["gaps"][:GAPS_SHOWN]:
        held = f", {mailboxes(gap['mailboxes'])}" if gap["mailboxes"] else ""
        keeps = f"{SIDES[gap['side']]}; {counted(len(gap['rules']), 'rule')}{held}"
        yield Line("")
        yield from wrapped(f"Not evaluated: {gap['what']} ({keeps}). Export it with:", "magenta", indent=3)
        yield Line(f"   {gap['export']}")
    if len(run["gaps"]) > GAPS_SHOWN:
        yield Line(f"   and {counted(len(run['gaps']) - GAPS_SHOWN, 'more gap')} in the report")


def wrapped(text: str, style: Style = "", indent: int = 0) -> Iterator[Line]:
    """The text in lines of at most 80 columns; GLUE is a blank at which no line ends."""
    for line in textwrap.wrap(visible(text), WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False):
        yield Line(line.replace(GLUE, " "), style)
