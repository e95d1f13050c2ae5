"""A run as Markdown, short enough for a ticket or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ctm_audit.engine.runs import RunRecord
from ctm_audit.model import Verdict, Weight
from ctm_audit.report.formats.rows import few_findings
from ctm_audit.report.gap_lines import gap_lines
from ctm_audit.report.markdown import code, table, text
from ctm_audit.report.verdict_view import first_sentence, gate_view, verdict_view
from ctm_audit.report.words import counted, listed, owner

OBJECTS = 10
ACTS = 10
REFUSING = (Verdict.FAIL, Verdict.UNDETERMINED)


def write_markdown(record: RunRecord, path: Path) -> None:
    """Write the verdict, the gates, what to do first, who must act, and what refuses with the first objects of each rule."""
    path.write_text("\n".join(_parts(record)), encoding="utf-8", newline="\n")


def _parts(record: RunRecord) -> Iterator[str]:
    run, shown = record.document, few_findings(record, OBJECTS)
    verdict = verdict_view(run)
    wave = f", wave {code(verdict.wave)}" if verdict.wave else ""
    yield f"# {text(verdict.headline)}: {code(run['project']['name'])}\n"
    yield f"{text(verdict.answer)} {text(verdict.mailboxes)}\n"
    yield f"Step **{text(verdict.step)}**{wave}, judged as of {verdict.clock}, run {code(run['run_id'])}.\n"
    yield from _gates(run)
    yield from _first(run)
    yield from _owners(run)
    yield from _gaps(run)
    yield from _rules(run, shown)


def _gates(run: Mapping[str, Any]) -> Iterator[str]:
    gates = [gate_view(gate) for gate in run["gates"]]
    rows = [(text(gate.name), f"**{gate.state_word}**", gate.counts) for gate in gates if gate.state != "not_required"]
    yield f"## Gates\n\n{table(('gate', 'state', 'objects'), rows)}"


def _first(run: Mapping[str, Any]) -> Iterator[str]:
    acts = run["first"]
    if not acts:
        return
    lines = [f"{number}. {_act(act)}\n" for number, act in enumerate(acts[:ACTS], 1)]
    more = f"\n{len(acts) - ACTS:,} more in the report.\n" if len(acts) > ACTS else ""
    yield f"## What to do first\n\n{text(first_sentence(acts))}\n\n{''.join(lines)}{more}"


def _act(act: Mapping[str, Any]) -> str:
    what = text(" ".join(filter(None, (act["rule"], act["title"]))))
    then = f"; then {act['ready_after']:,} of {act['of']:,} are ready" if act["ready_after"] else ""
    return f"{what} ({owner(act['owner'])}{then})"


def _owners(run: Mapping[str, Any]) -> Iterator[str]:
    heads = ("owner", "refuse now", "warn", "due later", "objects", "rules")
    rows = [
        (owner(told["owner"]), *(f"{told[name]:,}" for name in ("blockers", "warnings", "due", "objects")), text(", ".join(told["rules"])))
        for told in run["owners"]
    ]
    if rows:
        yield f"## Who must act\n\n{table(heads, rows)}"


def _gaps(run: Mapping[str, Any]) -> Iterator[str]:
    if run["gaps"]:
        yield "## Evidence that is missing\n\nWhat was not seen refuses like what is wrong.\n"
        yield from gap_lines(run["gaps"])


def _rules(run: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What refuses the step now, with the first objects that it names."""
    rules = [rule for rule in run["rules"] if rule["weight"] == Weight.BLOCKER and (rule["failed"] or rule["undetermined"])]
    if rules:
        yield "## What refuses the step\n"
    for rule in rules:
        told = [f"{rule[name]:,} {word}" for name, word in (("failed", "fail"), ("undetermined", "not judged")) if rule[name]]
        mine = [found for found in shown if found["rule"] == rule["id"] and found["verdict"] in REFUSING]
        names = [code(found["object"]["name"]) if found["count"] == 1 else counted(found["count"], "object") for found in mine]
        left = rule["failed"] + rule["undetermined"] - sum(found["count"] for found in mine)
        more = f", and {left:,} more" if left > 0 else ""
        yield f"### {text(rule['id'])} {text(rule['title'])}\n\n{listed(told)}. {owner(rule['owner'])}: {text(rule['fix'])}\n"
        yield f"{', '.join(names)}{more}\n" if names else ""
