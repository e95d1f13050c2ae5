"""Why a rule says of an object what it says: the facts with their origins, the predicate, what masks it, and what would change it.

Everything is told from the written run; the verdict is judged again, and a run whose facts do not give it any more is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb

from ctm_audit.engine.facts import facts, fetch, lookups, plain
from ctm_audit.engine.known_objects import find_object, masking, recorded, show_one
from ctm_audit.engine.recall import recalled
from ctm_audit.engine.runs import NEXT, RunRecord
from ctm_audit.errors import Refused
from ctm_audit.evidence.relations import RELATIONS, origin
from ctm_audit.model import FORMAT_VERSION, Verdict
from ctm_audit.reference import Reference
from ctm_audit.rulebook.cases import Evidence
from ctm_audit.rulebook.commands import quoted
from ctm_audit.rulebook.conjuncts import conjuncts
from ctm_audit.rulebook.counterfactual import Change, counterfactual
from ctm_audit.rulebook.holds import hold_macros
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, gaps, judgement_query, text_query, verdict_query
from ctm_audit.rulebook.language import check_expression
from ctm_audit.rulebook.load import RuleBook
from ctm_audit.rulebook.sandbox import open_sandbox
from ctm_audit.rulebook.syntax import Refusal

FAILED = (Verdict.FAIL, Verdict.DUE)
MOST_ROWS = 5_000
"""Above so many looked-up rows no counterfactual is searched: each try would lay them out anew."""
TOO_MANY = "the rule looks up more than {most:,} rows, and no change was tried"
NONE_FOUND = "no change of one or two values that were tried lets it pass"
SHOWN = 20
COUNTS = ("evaluated", "passed", "failed", "due", "undetermined", "not_applicable", "waived", "attested")
Document = dict[str, Any]


def explain_object(record: RunRecord, book: RuleBook, reference: Reference, rule_id: str, name: str) -> Document:
    """The explanation of one rule for one object, as `explain --json` prints it (docs/explain.md).

    Raises UsageError for an unknown rule or object, Refused where the rule or the reference facts are not those of the run, and where
    the facts of the run do not give the verdict that it recorded.
    """
    checked = _rule_of_the_run(record, book, rule_id)
    _refuse_other_facts(record, reference)
    with recalled(record, reference) as (connection, catalogue):
        found = find_object(connection, record, checked.relation, name)
        lacking = gaps(checked, catalogue)
        show_one(connection, checked, found["row_no"])
        known = {**_head(record, checked), "object": {key: found[key] for key in ("kind", "id", "name", "wave")}}
        known |= _verdict(connection, record, checked, catalogue, found, judged=not lacking)
        known |= {"facts": facts(connection, record, checked, catalogue), "looked_up": lookups(connection, record, checked)}
        known |= {"predicate": _predicate(connection, checked, judged=not lacking)}
        return known | {"counterfactual": _counterfactual(connection, checked, reference, known)}


def explain_rule(record: RunRecord, book: RuleBook, rule_id: str) -> Document:
    """The rule in short, its counts in the run, and its first affected objects."""
    checked = _rule_of_the_run(record, book, rule_id)
    of_run = _of_run(record, checked)
    counts = {name: of_run[name] for name in COUNTS}
    columns = ("object_kind", "object_id", "object_name", "wave", "verdict", "found", "count")
    query = f"select {', '.join(columns)} from read_parquet($path) where rule = $rule order by verdict = 'undetermined', file_row_number"
    with duckdb.connect() as connection:
        found = connection.execute(f"{query} limit {SHOWN}", {"path": str(record.findings_file), "rule": checked.rule.id}).fetchall()
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    told = [{"object": {key: row.pop(f"object_{key}") for key in ("kind", "id", "name")}, **row} for row in rows]
    predicate = {"applies": checked.rule.applies, "passes": checked.rule.passes or None}
    return {**_head(record, checked), "counts": counts, "reason": of_run["reason"], "predicate": predicate, "affected": told}


def _rule_of_the_run(record: RunRecord, book: RuleBook, rule_id: str) -> CheckedRule:
    """The rule as the run had it. Raises UsageError when there is none, Refused when it reads otherwise today."""
    checked = book.rule(rule_id)
    of_run = next((rule for rule in record.document["rules"] if rule["id"] == checked.rule.id), None)
    if of_run is None:
        raise Refused(f"{record.folder.name} was audited without {checked.rule.id}.", hint=NEXT)
    same = of_run["digest"] == checked.rule.digest if "digest" in of_run else record.document["rulebook"]["digest"] == book.digest
    if not same:
        raise Refused(f"{checked.rule.id} reads otherwise today than in {record.folder.name}.", hint=f"{NEXT}, then explain again")
    return checked


def _refuse_other_facts(record: RunRecord, reference: Reference) -> None:
    then = record.document["reference"]
    other = [file.name for file in reference.files if then.get(file.name, {}).get("digest") != file.digest]
    if other:
        told = f"The reference facts {', '.join(other)} are not those of {record.folder.name}."
        raise Refused(told, hint=f"name the same folder with --reference, or {NEXT}")


def _of_run(record: RunRecord, checked: CheckedRule) -> Document:
    return next(rule for rule in record.document["rules"] if rule["id"] == checked.rule.id)


def _head(record: RunRecord, checked: CheckedRule) -> Document:
    of_run = _of_run(record, checked)
    about = {key: of_run[key] for key in ("id", "title", "gate", "weight", "why", "owner", "fix", "fix_kind", "predicts", "sources")}
    run = {"folder": record.folder.name, **{key: record.document[key] for key in ("run_id", "step", "wave", "now")}}
    return {
        "format_version": FORMAT_VERSION,
        "run": run,
        "rule": about | {"over": checked.relation.name, "masked_by": list(checked.rule.masked_by)},
    }


def _verdict(
    connection: duckdb.DuckDBPyConnection, record: RunRecord, checked: CheckedRule, catalogue: Catalogue, found: Document, *, judged: bool
) -> Document:
    """The verdict with its reason and texts: what the run recorded, else what judging the row again gives."""
    of_run, told = _of_run(record, checked), recorded(record, checked.rule.id, found["id"], found["kind"])
    masks = masking(record, checked, found["id"])
    again = _judged_again(connection, checked, catalogue) if judged else None
    _refuse_contradiction(record, checked, told, again, masked=bool(masks))
    texts = told or (_texts(connection, checked) if judged else dict.fromkeys(("expected", "found", "owner", "command", "reason")))
    verdict, reason = _said(of_run, told, again, texts["reason"], masked=bool(masks))
    return {
        "verdict": verdict,
        "original": told["original"] if told else None,
        "reason": reason,
        **{key: texts[key] for key in ("expected", "found", "owner", "command")},
        "masked_by": masks,
        "exports": [
            gap["export"] for gap in record.document["gaps"] if verdict == Verdict.UNDETERMINED and checked.rule.id in gap["rules"]
        ],
    }


def _said(of_run: Document, told: Document | None, again: str | None, reason: str | None, *, masked: bool) -> tuple[str, str | None]:
    if told:
        return told["verdict"], told["reason"]
    if masked:
        return Verdict.NOT_APPLICABLE, None
    if again is None:
        nobody = of_run["not_applicable"] and not of_run["undetermined"]
        return (Verdict.NOT_APPLICABLE if nobody else Verdict.UNDETERMINED), of_run["reason"]
    if again == Verdict.PASS and not of_run["passed"]:
        return Verdict.UNDETERMINED, of_run["reason"]
    return again, reason if again == Verdict.UNDETERMINED else None


def _judged_again(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, catalogue: Catalogue) -> str:
    query = verdict_query(checked, incomplete=catalogue.is_incomplete(checked.relation.name))
    return str(fetch(connection, f"select verdict from ({query}) join one using (row_no)")[0]["verdict"])


def _refuse_contradiction(record: RunRecord, checked: CheckedRule, told: Document | None, again: str | None, *, masked: bool) -> None:
    if again is None:
        return
    was_failure = told is not None and (told["verdict"] in FAILED or told["original"] == Verdict.FAIL)
    if was_failure != (again == Verdict.FAIL) and not masked:
        said = told["verdict"] if told else "no finding"
        detail = [f"{checked.rule.id}: the run recorded {said}, and its facts give {again}"]
        raise Refused(f"{record.folder.name} contradicts itself: somebody has changed it.", detail=detail, hint=NEXT)


def _texts(connection: duckdb.DuckDBPyConnection, checked: CheckedRule) -> Document:
    try:
        return fetch(connection, f"select t.* from ({text_query(checked)}) t join one using (row_no)")[0]
    except duckdb.Error as error:
        return dict.fromkeys(("expected", "found", "owner", "command")) | {"reason": str(error).splitlines()[0][:200]}


# The predicate.


def _predicate(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, *, judged: bool) -> Document:
    """`applies` and `passes` as they are written, each true, false or null for the row, with the conditions they are made of."""
    return {name: _expression(connection, checked, getattr(checked.rule, name), judged=judged) for name in ("applies", "passes")}


def _expression(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, text: str | None, *, judged: bool) -> Document | None:
    if not text:
        return None
    parts = conjuncts(text)
    values = [_truth(connection, checked, part) if judged else None for part in (text, *parts)]
    conditions = [{"sql": part, "is": value} for part, value in zip(parts, values[1:], strict=True)]
    return {"sql": " ".join(text.split()), "is": values[0], "conditions": conditions if len(parts) > 1 else []}


def _truth(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, text: str) -> bool | None:
    """Whether a condition holds for the row; None when that is unknown."""
    try:
        alone = replace(checked, applies=None, until=None, passes=check_expression(text, checked.relation, "verdict"))
        found: bool | None = fetch(connection, f"select passes from ({judgement_query(alone)}) join one using (row_no)")[0]["passes"]
        return found
    except (Refusal, duckdb.Error):
        return None


# What would have to be different.


def _counterfactual(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, reference: Reference, known: Document) -> Document | None:
    """What would let the object pass, when the rule fails for it; None when there is nothing to ask."""
    if known["verdict"] not in FAILED and known["original"] != Verdict.FAIL:
        return None
    evidence = _evidence(connection, checked)
    if evidence is None:
        return {"found": False, "reason": TOO_MANY.format(most=MOST_ROWS), "changes": []}
    with open_sandbox(hold_macros(reference)) as sandbox:
        changes = counterfactual(sandbox, checked, evidence, known["expected"])
    return {"found": bool(changes), "reason": None if changes else NONE_FOUND, "changes": [_change(checked, one) for one in changes]}


def _evidence(connection: duckdb.DuckDBPyConnection, checked: CheckedRule) -> Evidence | None:
    """The judged row and every row that the rule looks up; None when they are too many."""
    over = checked.relation.name
    rows = {over: fetch(connection, f"select * from main.{quoted(over)} join one using (row_no)")}
    for name, columns in checked.looked_up.items():
        chosen = ", ".join(map(quoted, sorted(columns))) or "1"
        others = " where row_no not in (select row_no from one)" if name == over else ""
        found = fetch(connection, f"select {chosen} from main.{quoted(name)}{others} limit {MOST_ROWS + 1}")
        if len(found) > MOST_ROWS:
            return None
        rows[name] = rows.get(name, []) + found
    return Evidence({name: tuple(found) for name, found in rows.items()}, {})


def _change(checked: CheckedRule, change: Change) -> Document:
    own = change.relation == checked.relation.name
    reads = RELATIONS[change.relation].by_name[change.field].reads if change.field else ()
    return {
        "relation": change.relation,
        "row": None if own else change.row,
        "field": change.field or None,
        "from": plain(change.old),
        "to": plain(change.new),
        "origins": [origin(read) for read in reads],
    }
