"""The second pass: expected, found and command of what is reported, as one table `findings` in its final order."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.outcome import Outcome, weight_at
from ctm_audit.model import Owner, Step, Verdict, Weight
from ctm_audit.rulebook.commands import command_sql
from ctm_audit.rulebook.judging import CheckedRule, text_query, why_undetermined

LISTED_ROWS = 1_000
"""Above this many undetermined objects a rule reports them as one finding with a count; mailboxes.parquet names each."""

CREATE = """
create table findings (
  place bigint, rule varchar, gate varchar, weight varchar, verdict varchar, object_kind varchar, object_id varchar, object_name varchar,
  wave varchar, expected varchar, found varchar, owner varchar, fix_kind varchar, fix varchar, command varchar, reason varchar, until varchar, count bigint
)
"""

WANTED = """
create or replace temp table wanted_rows as
select row_no from verdicts where rule = $rule and (verdict = 'fail' or $listed)
"""

INSERT = """
insert into findings
select $place, $rule, $gate, $weight, case v.verdict when 'fail' then $failed else 'undetermined' end, $kind, o.id, o.name, nullif(o.wave, ''),
  t.expected, t.found, t.owner, $fix_kind, $fix, {command}, case v.verdict when 'undetermined' then u.reason end, null, 1
from verdicts v join reported t using (row_no) join {relation} o using (row_no) left join reasons u on u.unknown = t.unknown
where v.rule = $rule and (v.verdict = 'fail' or $listed) order by v.row_no
"""

COUNTED = """
insert into findings values
($place, $rule, $gate, $weight, 'undetermined', 'evidence', $rule, $title, null, null, null, $owner, $fix_kind, $fix, null, $reason, null, $count)
"""


def create_findings(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table `findings`."""
    connection.execute(CREATE)


def add_findings(connection: duckdb.DuckDBPyConnection, place: int, checked: CheckedRule, outcome: Outcome, step: Step) -> None:
    """Add what one rule reports at this step: a finding an object, and one with a count for what was not seen."""
    rule, weight = checked.rule, weight_at(checked.rule, step)
    listed = not outcome.gaps and 0 < outcome.undetermined <= LISTED_ROWS
    common = {"place": place, "rule": rule.id, "gate": rule.gate, "weight": str(weight), "fix_kind": str(rule.fix_kind), "fix": rule.fix}
    if outcome.failed or listed:
        _insert(connection, checked, common, listed, weight)
    unseen = outcome.undetermined_at(step) - (outcome.undetermined if listed else 0)
    if unseen:
        reason = outcome.reason_at(step) or "a value that this rule reads was not collected for these objects (mailboxes.parquet names them)"
        counted = {"title": rule.title, "owner": _collector(outcome, rule.owner), "reason": reason, "count": unseen}
        connection.execute(COUNTED, {**common, **counted})


def _insert(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, common: dict[str, object], listed: bool, weight: Weight) -> None:
    """Compute the texts of the rows that are reported; a text that cannot be computed never hides the finding."""
    connection.execute(WANTED, {"rule": checked.rule.id, "listed": listed})
    connection.execute(f"create or replace temp table reported as {text_query(checked, 'wanted_rows')}")
    unknown = [row[0] for row in connection.execute("select distinct unknown from reported").fetchall()]
    connection.execute("create or replace temp table reasons (unknown varchar[], reason varchar)")
    for names in unknown:
        connection.execute("insert into reasons values (?, ?)", [names, why_undetermined(checked, names)])
    failed = Verdict.DUE if weight is Weight.DUE else Verdict.FAIL
    command = command_sql(checked.rule.command, "t", {name: field.type for name, field in checked.over.by_name.items()})
    values = {**common, "failed": str(failed), "kind": checked.over.kind, "listed": listed}
    connection.execute(INSERT.format(command=command, relation=checked.over.name), values)


def _collector(outcome: Outcome, owner: Owner) -> str:
    """Who can close the gap: the administrator of the side whose evidence is missing."""
    sides = {read.split(".")[0] for gap in outcome.gaps for read in gap.reads}
    return f"{sides.pop()}-admin" if len(sides) == 1 else str(owner)
