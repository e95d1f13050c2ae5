"""Judges one rule over its relation: counts, and the rows that failed or could not be determined."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from graphlib import TopologicalSorter
from threading import Timer

import duckdb

from ctm_audit.engine.outcome import Outcome
from ctm_audit.engine.statements import heed_statements, rules_spoken_of
from ctm_audit.evidence.relations import JUDGED, RELATIONS, Relation
from ctm_audit.model import Step
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, Gap, can_tell_whom, gaps, lacking_rows, question_query, verdict_query

SECONDS_A_RULE = 120.0

CREATE_VERDICTS = "create table verdicts (rule varchar, row_no bigint, verdict varchar)"
JUDGE = """
create or replace temp table judged as
select row_no, case when {masked} then 'not_applicable' else verdict end as verdict
from ({query}) where row_no in (select row_no from judged_{relation})
"""
UNSEEN = "create or replace temp table judged as select row_no, 'undetermined' as verdict from judged_{relation}"
REMEMBER = """
insert into verdicts
select $rule, row_no, verdict from judged where verdict in ('fail', 'undetermined', 'waived', 'attested') order by row_no
"""
MASK_SAME = "row_no in (select m.row_no from verdicts m where m.rule in ({rules}) and m.verdict = 'fail')"
MASK_WHOLE = "exists (select 1 from verdicts m where m.rule in ({rules}) and m.verdict = 'fail')"


def judge_all(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[CheckedRule], catalogue: Catalogue, stale: Mapping[Step, Mapping[str, str]]
) -> list[Outcome]:
    """The outcome of every rule in the order given; the rows that did not pass are in the table `verdicts`.

    Records of waivers and attestations stand in `statements`. A failure that is waived masks no other rule.
    `stale` gives for each step the tables, as `SIDE.TABLE`, that are too old for it, with the sentence that says so.
    """
    connection.execute(CREATE_VERDICTS)
    by_id = {checked.rule.id: checked for checked in rules}
    blame = TopologicalSorter({name: [mask for mask in checked.rule.masked_by if mask in by_id] for name, checked in by_id.items()})
    spoken_of = rules_spoken_of(connection)
    outcomes = {name: _judge(connection, by_id[name], by_id, catalogue, stale, spoken_of) for name in blame.static_order()}
    return [outcomes[checked.rule.id] for checked in rules]


def _judge(
    connection: duckdb.DuckDBPyConnection,
    checked: CheckedRule,
    by_id: Mapping[str, CheckedRule],
    catalogue: Catalogue,
    stale: Mapping[Step, Mapping[str, str]],
    spoken_of: Container[str],
) -> Outcome:
    tables = tables_behind(checked)
    too_old = {step: "; ".join(sorted(old[table] for table in tables & old.keys())) for step, old in stale.items() if tables & old.keys()}
    found, spoken = gaps(checked, catalogue), checked.rule.id in spoken_of
    if found and _asks_of_nobody(connection, checked, catalogue):
        rows = _rows(connection, checked.relation)
        return Outcome(checked.rule, tables, not_applicable=rows, stale=too_old, nothing=_why_nothing(checked, rows))
    if not found:
        try:
            query = verdict_query(checked, incomplete=catalogue.is_incomplete(checked.relation.name))
            with interrupted_after(connection):
                connection.execute(JUDGE.format(masked=_masked(checked, by_id), query=query, relation=checked.relation.name))
            return replace(
                _counted(connection, checked, spoken=spoken), stale=too_old, may_lack_rows=lacking_rows(checked.relation, catalogue)
            )
        except duckdb.Error as error:
            found = (Gap(f"the rule could not be judged: {str(error).splitlines()[0][:200]}", ()),)
    return replace(_unseen(connection, checked, spoken=spoken), gaps=found, stale=too_old)


def _counted(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, *, spoken: bool) -> Outcome:
    """The counts of `judged`, once the records of the rule have been heeded; what did not pass is remembered."""
    if spoken:
        heed_statements(connection, checked.rule)
    connection.execute(REMEMBER, {"rule": checked.rule.id})
    counts = dict(connection.execute("select verdict, count(*) from judged group by verdict").fetchall())
    rows = sum(counts.values())
    nothing = None if rows > counts.get("not_applicable", 0) else _why_nothing(checked, rows)
    numbers = {name: counts.get(name, 0) for name in ("undetermined", "not_applicable", "waived", "attested")}
    return Outcome(checked.rule, tables_behind(checked), counts.get("pass", 0), counts.get("fail", 0), **numbers, nothing=nothing)


def _unseen(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, *, spoken: bool) -> Outcome:
    """The outcome of a rule that cannot be judged: every row is undetermined, but for those of which a record speaks."""
    if spoken:
        connection.execute(UNSEEN.format(relation=checked.relation.name))
        if heed_statements(connection, checked.rule):
            return replace(_counted(connection, checked, spoken=False), row_by_row=True)
    return Outcome(checked.rule, tables_behind(checked), undetermined=_rows(connection, checked.relation))


def _asks_of_nobody(connection: duckdb.DuckDBPyConnection, checked: CheckedRule, catalogue: Catalogue) -> bool:
    """True when it is known of every row that the rule does not ask of it: then it does not matter what else was not collected."""
    if not can_tell_whom(checked, catalogue):
        return False
    asked = f"select 1 from ({question_query(checked)}) where row_no in (select row_no from judged_{checked.relation.name}) limit 1"
    return connection.execute(asked).fetchone() is None


def _why_nothing(checked: CheckedRule, rows: int) -> str:
    if not rows:
        return "nothing to judge: no such objects"
    masks = ", ".join(checked.rule.masked_by)
    return f"applies to none of the {rows}" + (f", or {masks} fails for them" if masks else "")


def _masked(checked: CheckedRule, by_id: Mapping[str, CheckedRule]) -> str:
    same: list[str] = []
    whole: list[str] = []
    for name in checked.rule.masked_by:
        if name in by_id:
            (same if by_id[name].relation is checked.relation else whole).append(f"'{name}'")
    masks = [text.format(rules=", ".join(rules)) for text, rules in ((MASK_SAME, same), (MASK_WHOLE, whole)) if rules]
    return " or ".join(masks) or "false"


def tables_behind(checked: CheckedRule) -> frozenset[str]:
    """The evidence tables, as `SIDE.TABLE`, that any expression of the rule depends on."""
    own = [checked.relation.by_name[name].tables for name in checked.fields]
    looked_up = [RELATIONS[name].over for name in checked.looked_up] + [
        tuple(RELATIONS[name].by_name[column].tables) for name, columns in checked.looked_up.items() for column in columns
    ]
    return frozenset().union(*own, *looked_up)


def create_judged_rows(connection: duckdb.DuckDBPyConnection, wave: str | None) -> None:
    """Create `judged_pairs`, `judged_tenants` and so on: the rows that this audit is about."""
    for name, relation in JUDGED.items():
        of_wave = "where wave = $wave" if wave is not None and not relation.tenant_wide else ""
        connection.execute(f"create temp table judged_{name} as select row_no from {name} {of_wave}", {"wave": wave} if of_wave else {})


def _rows(connection: duckdb.DuckDBPyConnection, relation: Relation) -> int:
    row = connection.execute(f"select count(*) from judged_{relation.name}").fetchone()
    return row[0] if row else 0


@contextmanager
def interrupted_after(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt, by an error of DuckDB, what runs longer on the connection than a rule may."""
    timer = Timer(SECONDS_A_RULE, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def needed_fields(rules: Iterable[CheckedRule], relation: Relation) -> frozenset[str]:
    """Every field of the relation that one of the rules reads."""
    return frozenset(name for checked in rules if checked.relation is relation for name in checked.fields)
