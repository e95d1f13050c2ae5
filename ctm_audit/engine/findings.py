"""The second pass: expected, found and command of what is reported, as one table `findings` in its final order."""

from __future__ import annotations

import duckdb

from ctm_audit.engine.judge import interrupted_after
from ctm_audit.engine.outcome import Outcome, weight_at
from ctm_audit.evidence.relations import PAIRS
from ctm_audit.model import COLLECTORS, DOMAIN_STEPS, Owner, Step, Verdict, Weight
from ctm_audit.rulebook.commands import text_literal
from ctm_audit.rulebook.judging import CheckedRule, text_query

LISTED_ROWS = 1_000
"""Above this many undetermined objects a rule reports them as one finding with a count; mailboxes.parquet names each."""

ON_PREMISES = " The object is mastered on-premises: make the change there and synchronise; a change in the cloud is reverted."

CREATE = """
create table findings (
  place bigint, rule varchar, gate varchar, weight varchar, verdict varchar,
  object_kind varchar, object_id varchar, object_name varchar, wave varchar, expected varchar, found varchar,
  owner varchar, fix_kind varchar, fix varchar, command varchar, reason varchar, until varchar, count bigint, original varchar
)
"""

REPORTED = "row_no in (select v.row_no from verdicts v where v.rule = '{rule}' and (v.verdict <> 'undetermined' or {listed}))"

# What is waived or attested is no work: it has no command, and its reason is what the record says.
INSERT = """
insert into findings
select $place, $rule, $gate, $weight, case v.verdict when 'fail' then $failed else v.verdict end,
  $kind, o.id, o.name, nullif(o.wave, ''),
  t.expected, t.found, t.owner, $fix_kind,
  case t.owner when 'on-prem-admin' then $fix || $there else $fix end,
  case when v.verdict in ('fail', 'undetermined') then t.command end,
  nullif(concat_ws('; ', said.sentence,
    case when v.verdict = 'undetermined' then case when {strange} then $strange else t.reason end end), ''),
  case when v.verdict = 'undetermined' then t.until end, 1, case when v.verdict not in ('fail', 'undetermined') then said.original end
from verdicts v join ({texts}) t using (row_no) join {relation} o using (row_no)
left join said on said.rule = v.rule and said.row_no = v.row_no
where v.rule = $rule and (v.verdict <> 'undetermined' or $listed) order by v.row_no
"""

OTHER_MAPPING = "the bundle was made for another mapping: import again"
STRANGE = "v.row_no in (select row_no from source_unknown union all select row_no from target_unknown)"

COUNTED = """
insert into findings values (
  $place, $rule, $gate, $weight, 'undetermined', 'evidence', $rule, $title, null, null, null,
  $owner, $fix_kind, $fix, null, $reason, null, $count, null
)
"""


def create_findings(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty table `findings`."""
    connection.execute(CREATE)


def add_findings(connection: duckdb.DuckDBPyConnection, place: int, checked: CheckedRule, outcome: Outcome, step: Step) -> None:
    """Add what one rule reports at this step: a finding an object, and one with a count for what was not seen.

    What nobody has seen of DNS is told at the steps of the domain move alone: the others do not wait for it.
    """
    rule, weight = checked.rule, weight_at(checked.rule, step)
    is_early = bool(checked.relation.about) and step not in DOMAIN_STEPS
    listed = not outcome.gaps and not is_early and 0 < outcome.undetermined <= LISTED_ROWS
    common = {"place": place, "rule": rule.id, "gate": rule.gate, "weight": str(weight), "fix_kind": str(rule.fix_kind), "fix": rule.fix}
    if outcome.failed or outcome.waived or outcome.attested or listed:
        _report(connection, checked, common, listed, weight, readable=not outcome.gaps)
    unseen = 0 if is_early else outcome.undetermined_at(step) - (outcome.undetermined if listed else 0)
    if unseen:
        reason = (
            outcome.reason_at(step) or "a value that this rule reads was not collected for these objects (mailboxes.parquet names them)"
        )
        counted = {"title": rule.title, "owner": _collector(outcome, rule.owner), "reason": reason, "count": unseen}
        connection.execute(COUNTED, {**common, **counted})


def _report(
    connection: duckdb.DuckDBPyConnection, checked: CheckedRule, common: dict[str, object], listed: bool, weight: Weight, *, readable: bool
) -> None:
    """The second pass, over the reported rows alone; texts that cannot be computed do not lose the finding."""
    if not readable:
        _insert(connection, checked, common, listed, weight, _no_texts(checked, "not collected"))
        return
    try:
        with interrupted_after(connection):
            texts = text_query(checked, rows=REPORTED.format(rule=checked.rule.id, listed=str(listed).lower()))
            _insert(connection, checked, common, listed, weight, texts)
    except duckdb.Error as error:
        why = f"could not be computed: {str(error).splitlines()[0][:200]}"
        _insert(connection, checked, common, listed, weight, _no_texts(checked, why))


def _no_texts(checked: CheckedRule, reason: str) -> str:
    """In place of the texts, why there are none."""
    why = text_literal(reason)
    owner = text_literal(str(checked.rule.owner))
    return (
        f"select row_no, null::varchar as expected, {why} as found, {owner} as owner, null::varchar as command, {why} as reason,"
        f" null::varchar as until from {checked.relation.name}"
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, checked: CheckedRule, common: dict[str, object], listed: bool, weight: Weight, texts: str
) -> None:
    failed = Verdict.DUE if weight is Weight.DUE else Verdict.FAIL
    values = {**common, "there": ON_PREMISES, "failed": str(failed), "kind": checked.relation.kind, "listed": listed}
    strange = STRANGE if checked.relation is PAIRS else "false"
    connection.execute(INSERT.format(texts=texts, relation=checked.relation.name, strange=strange), {**values, "strange": OTHER_MAPPING})


def _collector(outcome: Outcome, owner: Owner) -> str:
    """Who can close the gap: whoever collects the side whose evidence is missing, when it is one."""
    sides = {read.split(".")[0] for gap in outcome.gaps for read in gap.reads}
    return str(COLLECTORS[sides.pop()] if len(sides) == 1 else owner)
