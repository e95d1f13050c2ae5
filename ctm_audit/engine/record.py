"""The run as one document, `run.json` (docs/run-format.md): what was judged, on which evidence, and what to do first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from ctm_audit import __version__
from ctm_audit.engine.first import Repair, order_of_repairs
from ctm_audit.engine.gates import judge_gate, ready
from ctm_audit.engine.keys import lock_digest
from ctm_audit.engine.mailboxes import Readiness, unseen_pairs_rules
from ctm_audit.engine.missing import Missing
from ctm_audit.engine.outcome import Outcome, weight_at
from ctm_audit.engine.question import Question
from ctm_audit.engine.statements import used
from ctm_audit.evidence.bundle import Bundle
from ctm_audit.evidence.tables import DNS, TABLES, evidence_of
from ctm_audit.model import COLLECTORS, FORMAT_VERSION, RuleResult, Step
from ctm_audit.reference import FactsFile
from ctm_audit.rulebook.load import RuleBook

OWNERS = """
select owner, count(*) filter (weight = 'blocker'), count(*) filter (weight = 'warning'), count(*) filter (weight = 'due'),
  count(distinct object_kind || ' ' || object_id), list(distinct rule order by rule)
from findings where owner <> '' and verdict not in ('waived', 'attested') group by owner order by 2 desc, 4 desc, owner
"""


def document(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    book: RuleBook,
    outcomes: Sequence[Outcome],
    readiness: Readiness,
    missing: Sequence[Missing],
) -> dict[str, Any]:
    """The content of run.json but for `clock`, which only the writer knows."""
    step = question.step
    gates = [(gate, judge_gate(gate, outcomes, step)) for gate in book.gates]
    counts = used(connection)
    return {
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "run_id": run_id(question, book, lock_digest(connection)),
        "clock": {"started_at": None, "finished_at": None},
        "as_of": iso(question.as_of) if question.as_of else None,
        "now": iso(question.now),
        "project": _project(question),
        "step": str(step),
        "step_why": question.step_why,
        "wave": question.wave,
        "ready": ready([result for _, result in gates]),
        "evidence": [_evidence(question, bundle) for bundle in question.bundles.values()],
        "rulebook": {"digest": book.digest, "rules": len(book.rules), "extra": _extra(book)},
        "reference": {file.name: _facts_file(file) for file in question.reference.files},
        "statements": [
            record.document(question.now) | {"counted": counts.get(number, 0)} for number, record in enumerate(question.statements.records)
        ],
        "statement_files": {kind: {"name": file.name, "digest": file.digest} for kind, file in question.statements.files.items()},
        "gates": [_fields(result) | {"title": gate.title, "reason": _gate_reason(gate.id, outcomes, step)} for gate, result in gates],
        "mailboxes": {name: readiness.counts.get(name, 0) for name in ("ready", "blocked", "undetermined", "moved")}
        | {"total": readiness.total},
        "first": _first(outcomes, readiness, missing, step),
        "owners": _owners(connection),
        "gaps": [_gap(entry, readiness) for entry in missing],
        "rules": [_rule(outcome, step) for outcome in outcomes],
    }


def run_id(question: Question, book: RuleBook, lock: str) -> str:
    """Twelve hexadecimal digits made of everything that decides the answer; `lock` is the digest of mapping.lock's own say."""
    parts = [
        *(bundle.digest for bundle in question.bundles.values()),
        book.digest,
        book.extra_digest,
        *(file.digest for file in question.reference.files),
        question.project.digest,
        question.mapping.digest,
        lock,
        *(f"{kind} {file.digest}" for kind, file in question.statements.files.items()),
        str(question.step),
        question.wave or "",
        iso(question.now),
        __version__,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def iso(moment: datetime) -> str:
    """The time as ISO 8601 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _extra(book: RuleBook) -> dict[str, str] | None:
    """The folder of other people's rules."""
    return {"folder": book.extra.name, "digest": book.extra_digest} if book.extra else None


def _facts_file(file: FactsFile) -> dict[str, Any]:
    return {"checked": file.checked.isoformat(), "digest": file.digest, "overridden": file.overridden}


def _fields(result: Any) -> dict[str, Any]:
    return {name: getattr(result, name) for name in result.__slots__}


def _project(question: Question) -> dict[str, Any]:
    project = question.project
    return {
        "name": project.name,
        "source_tenant_id": project.source.tenant_id,
        "target_tenant_id": project.target.tenant_id,
        "source_initial_domain": project.source.initial_domain,
        "target_initial_domain": project.target.initial_domain,
    }


def _evidence(question: Question, bundle: Bundle) -> dict[str, Any]:
    return {
        "side": bundle.side,
        "tenant_id": bundle.tenant_id,
        "initial_domain": bundle.initial_domain,
        "collected_at": iso(bundle.collected_at),
        "how": bundle.collected_how,
        "digest": bundle.digest,
        "signed": bundle.signed,
        "signer": bundle.signer or None,
        "signer_known": bundle.signer in question.project.signers(bundle.side),
        "tables": [_table(bundle, table.name) for table in evidence_of(bundle.side)],
    }


def _table(bundle: Bundle, name: str) -> dict[str, Any]:
    known = {"name": name, "command": TABLES[name].command}
    entry = bundle.tables.get(name)
    if entry is None:
        reason = bundle.absent.get(name, "no file holds it")
        return known | {"rows": None, "complete": False, "reason": reason, "collected_at": None}
    reasons = [reason for reason in (entry.reason, *entry.missing.values()) if reason]
    complete = entry.complete and not entry.missing
    return known | {"rows": entry.rows, "complete": complete, "reason": "; ".join(reasons) or None, "collected_at": iso(entry.collected_at)}


def _rule(outcome: Outcome, step: Step) -> dict[str, Any]:
    rule = outcome.rule
    before = any(step.is_before(blocked) for blocked in rule.blocks) and step not in (*rule.blocks, *rule.warns)
    result = RuleResult(
        id=rule.id,
        slug=rule.slug,
        title=rule.title,
        gate=rule.gate,
        weight=weight_at(rule, step),
        evaluated=outcome.passed_at(step) + outcome.failed + outcome.waived + outcome.attested,
        passed=outcome.passed_at(step),
        failed=0 if before else outcome.failed,
        due=outcome.failed if before else 0,
        undetermined=outcome.undetermined_at(step),
        not_applicable=outcome.not_applicable,
        waived=outcome.waived,
        attested=outcome.attested,
        reason=outcome.reason_at(step),
    )
    return _fields(result) | {
        "why": " ".join(rule.why.split()),
        "predicts": list(rule.predicts),
        "how_to": rule.how_to,
        "sources": list(rule.sources),
        "owner": rule.owner,
        "fix": rule.fix,
        "fix_kind": rule.fix_kind,
        "shell": rule.shell,
        "blocks": [str(blocked) for blocked in rule.blocks],
        "warns": [str(warned) for warned in rule.warns],
        "masked_by": list(rule.masked_by),
        "digest": rule.digest,
    }


def _gate_reason(gate: str, outcomes: Sequence[Outcome], step: Step) -> str | None:
    required = [outcome for outcome in outcomes if outcome.rule.gate == gate and step in outcome.rule.blocks]
    failing = [f"{outcome.rule.id} fails for {outcome.failed}" for outcome in required if outcome.failed]
    unseen = [f"{outcome.rule.id} is undetermined" for outcome in required if outcome.undetermined_at(step)]
    return "; ".join(failing + unseen) or None


def _first(outcomes: Sequence[Outcome], readiness: Readiness, missing: Sequence[Missing], step: Step) -> list[dict[str, Any]]:
    by_id = {outcome.rule.id: outcome for outcome in outcomes}
    blocking = [o for o in outcomes if step in o.rule.blocks]
    wide = [o.rule.id for o in blocking if o.rule.over != "pairs" and (o.failed or (o.rule.attest and o.undetermined))]
    collect = {entry.obstacle: entry for entry in missing if any(step in by_id[rule].rule.blocks for rule in entry.rules)}
    unseen = {outcome.rule.id for outcome in unseen_pairs_rules(outcomes, step)}
    ready_now = 0 if unseen else readiness.unhindered
    repairs = order_of_repairs(readiness.held, readiness.unhindered, [*collect, *wide])
    return [_repair(repair, by_id, collect, readiness, ready_now) for repair in repairs]


def _repair(
    repair: Repair, by_id: Mapping[str, Outcome], collect: Mapping[str, Missing], readiness: Readiness, ready_now: int
) -> dict[str, Any]:
    entry = collect.get(repair.obstacle)
    if entry is not None:
        held = [name for name in collect if collect[name].holds_mailboxes]
        last = not held or repair.obstacle == held[-1] or not entry.holds_mailboxes
        title = f"Collect {TABLES[entry.table].command}" + ("" if entry.side in DNS else f" of the {entry.side} tenant")
        after = readiness.unhindered if last and held else ready_now
        return _entry(
            "evidence", None, title, COLLECTORS[entry.side], readiness.left if entry.holds_mailboxes else 0, after, readiness.left
        )
    rule = by_id[repair.obstacle].rule
    kind = "rule" if rule.over == "pairs" else "tenant"
    objects = repair.holds_back or by_id[rule.id].failed or by_id[rule.id].undetermined
    return _entry(kind, rule.id, rule.title, rule.owner, objects, repair.ready_after, readiness.left)


def _entry(kind: str, rule: str | None, title: str, owner: str, objects: int, ready_after: int, of: int) -> dict[str, Any]:
    return {"kind": kind, "rule": rule, "title": title, "owner": owner, "objects": objects, "ready_after": ready_after, "of": of}


def _owners(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = ("owner", "blockers", "warnings", "due", "objects", "rules")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(OWNERS).fetchall()]


def _gap(entry: Missing, readiness: Readiness) -> dict[str, Any]:
    return {
        "side": entry.side,
        "table": entry.table,
        "what": entry.what,
        "export": entry.export,
        "rules": sorted(entry.rules),
        "mailboxes": readiness.left if entry.holds_mailboxes else 0,
    }
