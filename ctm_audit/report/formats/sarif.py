"""A run as SARIF 2.1.0: rules, and a result a finding. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

SARIF has a kind `open` for what could not be judged, and viewers leave such results out. Here undetermined refuses exactly like failed, so
both are failures of the same level, and the message says which it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctm_audit.engine.runs import RunRecord
from ctm_audit.model import Verdict, Weight
from ctm_audit.report.formats.json_lines import ROWS, write_json
from ctm_audit.report.formats.rows import findings
from ctm_audit.report.verdict_view import answer
from ctm_audit.report.words import SIDES, visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Weight.BLOCKER: "error", Weight.WARNING: "warning", Weight.DUE: "note", Weight.INFO: "note"}
ACCEPTED = (Verdict.WAIVED, Verdict.ATTESTED)
TABLE = "findings.csv"
"""The file of the run folder in which a result stands; viewers want each to stand in one."""


def write_sarif(record: RunRecord, path: Path) -> None:
    """Write the run as one SARIF log with one run."""
    run = record.document
    places = {rule["id"]: number for number, rule in enumerate(run["rules"])}
    write_json(_log(run), (_result(found, places, run) for found in findings(record)), path)


def _log(run: Mapping[str, Any]) -> dict[str, Any]:
    driver = {"name": "ctm-audit", "version": run["tool_version"], "rules": [_rule(rule) for rule in run["rules"]]}
    told = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"ctm-audit/{run['project']['name']}/{run['step']}/{run['run_id']}"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [_gap(gap) for gap in run["gaps"]]}],
        "properties": {"ready": run["ready"], "step": run["step"], "wave": run["wave"], "now": run["now"], "answer": answer(run)},
        "results": [ROWS],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [told]}


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    links = [source for source in rule["sources"] if source.startswith("https://")]
    return {
        "id": rule["id"],
        "name": rule["slug"],
        "shortDescription": {"text": text(rule["title"])},
        "fullDescription": {"text": text(rule["why"])},
        "help": {"text": text(" ".join(filter(None, (rule["fix"], rule["how_to"]))))},
        **({"helpUri": links[0]} if links else {}),
        "defaultConfiguration": {"level": LEVELS[rule["weight"]]},
        "properties": {"gate": rule["gate"], "owner": rule["owner"], "fix_kind": rule["fix_kind"], "tags": [rule["gate"], rule["owner"]]},
    }


def _gap(gap: Mapping[str, Any]) -> dict[str, Any]:
    return {"level": "error", "message": {"text": text(f"Evidence is missing ({SIDES[gap['side']]}): {gap['what']}. {gap['export']}")}}


def _result(found: Mapping[str, Any], places: Mapping[str, int], run: Mapping[str, Any]) -> dict[str, Any]:
    judged = found["object"]
    named = {"name": visible(judged["name"]), "fullyQualifiedName": visible(f"{judged['kind']}/{judged['id']}"), "kind": judged["kind"]}
    accepted = {"suppressions": [{"kind": "external", "justification": text(found["reason"] or "")}]}
    return {
        "ruleId": found["rule"],
        "ruleIndex": places[found["rule"]],
        "level": LEVELS[found["weight"]],
        "message": {"text": text(_message(found, run["rules"][places[found["rule"]]]["title"]))},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": TABLE}}, "logicalLocations": [named]}],
        "partialFingerprints": {"ctmAuditFinding/v1": _fingerprint(found)},
        **(accepted if found["verdict"] in ACCEPTED else {}),
        "properties": {name: found[name] for name in ("verdict", "weight", "owner", "wave", "fix_kind", "command", "count")},
    }


def _message(found: Mapping[str, Any], title: str) -> str:
    known = {"should be": found["expected"], "is": found["found"], "reason": found["reason"]}
    told = "; ".join(f"{name}: {value or 'nothing'}" for name, value in known.items() if value is not None)
    return f"{title} ({found['verdict']}): {found['object']['name']}{'; ' if told else ''}{told}. {found['fix']}"


def text(value: str) -> str:
    """A plain text message: nothing in it is a placeholder (braces, 3.11.5) or a link (brackets, 3.11.6)."""
    escaped = re.sub(r"([\\\[\]])", r"\\\1", visible(value))
    return escaped.replace("{", "{{").replace("}", "}}")


def _fingerprint(found: Mapping[str, Any]) -> str:
    """The same for the same fault of the same object in every run."""
    return hashlib.sha256("\0".join((found["rule"], found["object"]["kind"], found["object"]["id"])).encode()).hexdigest()[:32]
