"""Judges one rule over its relation: counts, and the rows that failed or could not be determined."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from threading import Timer

import duckdb
import pyarrow as pa

from ctm_audit.engine.beside import beside, each_in_turn
from ctm_audit.engine.outcome import Outcome
from ctm_audit.engine.statements import heed_statements, is_heeded, rules_spoken_of
from ctm_audit.evidence.relations import JUDGED, RELATIONS, Relation
from ctm_audit.model import Step
from ctm_audit.progress import tell
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, Gap, can_tell_whom, gaps, lacking_rows, question_query, verdict_query

SECONDS_A_RULE = 120.0

CREATE_VERDICTS = "create table verdicts (rule varchar, row_no bigint, verdict varchar)"
VERDICTS = "select row_no, case when {masked} then 'not_applicable' else verdict end as verdict from ({query})"
UNSEEN = "select row_no, 'undetermined' as verdict from judged_{relation}"
REMEMBERED = "('fail', 'undetermined', 'waived', 'attested')"
REMEMBER = f"""
insert into verdicts
select $rule, row_no, verdict from ({{query}}) where verdict in {REMEMBERED} order by row_no
"""
COUNT = f"select verdict, count(*), verdict in {REMEMBERED} from ({{query}}) group by verdict"
MASK_SAME = "row_no in (select m.row_no from verdicts m where m.rule in ({rules}) and m.verdict = 'fail')"
MASK_WHOLE = "exists (select 1 from verdicts m where m.rule in ({rules}) and m.verdict = 'fail')"


@dataclass(frozen=True, slots=True)
class _Court:
    """What judging one rule needs to know of the run; `wave` is the one that was asked for."""

    connection: duckdb.DuckDBPyConnection
    by_id: Mapping[str, CheckedRule]
    catalogue: Catalogue
    stale: Mapping[Step, Mapping[str, str]]
    spoken_of: Container[str]
    wave: str | None


def judge_all(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[CheckedRule],
    catalogue: Catalogue,
    stale: Mapping[Step, Mapping[str, str]],
    shown: Mapping[str, pa.Table],
    wave: str | None = None,
) -> list[Outcome]:
    """The outcome of every rule in the order given, for the rows of one wave or for all; what did not pass is in the table `verdicts`.

    `shown` are the Arrow tables that rules read, by the names under which the connection shows them. Records of waivers and attestations
    stand in `statements`. A failure that is waived masks no other rule. `stale` gives for each step the tables, as `SIDE.TABLE`, that
    are too old for it, with the sentence that says so.
    """
    connection.execute(CREATE_VERDICTS)
    by_id = {checked.rule.id: checked for checked in rules}
    blame = TopologicalSorter({name: [mask for mask in checked.rule.masked_by if mask in by_id] for name, checked in by_id.items()})
    court = _Court(connection, by_id, catalogue, stale, rules_spoken_of(connection), wave)
    outcomes: dict[str, Outcome] = {}
    tell("Judging rules", 0, len(rules))
    with beside(connection, shown) as (pool, own):
        for name, outcome in each_in_turn(pool, blame, lambda name: _judge(replace(court, connection=own()), by_id[name])):
            outcomes[name] = outcome
            tell("Judging rules", len(outcomes), len(rules))
    return [outcomes[checked.rule.id] for checked in rules]


def _judge(court: _Court, checked: CheckedRule) -> Outcome:
    tables, catalogue = tables_behind(checked), court.catalogue
    too_old = {step: "; ".join(sorted(old[table] for table in tables & old.keys())) for step, old in court.stale.items()}
    too_old = {step: why for step, why in too_old.items() if why}
    found = gaps(checked, catalogue)
    if found and _asks_of_nobody(court, checked):
        rows = _rows(court.connection, checked.relation)
        return Outcome(checked.rule, tables, not_applicable=rows, stale=too_old, nothing=_why_nothing(checked, rows))
    if not found:
        try:
            with interrupted_after(court.connection):
                outcome = _counted(court, checked, _verdicts(court, checked))
            return replace(outcome, stale=too_old, may_lack_rows=lacking_rows(checked.relation, catalogue))
        except duckdb.Error as error:
            found = (Gap(f"the rule could not be judged: {str(error).splitlines()[0][:200]}", ()),)
    return replace(_unseen(court, checked), gaps=found, stale=too_old)


def _verdicts(court: _Court, checked: CheckedRule) -> str:
    """SQL that gives `row_no, verdict` of the rows that this audit is about, masked, and with the records of the rule heeded."""
    incomplete = court.catalogue.is_incomplete(checked.relation.name)
    query = verdict_query(checked, incomplete=incomplete, rows=_asked_for(court, checked))
    query = VERDICTS.format(masked=_masked(checked, court.by_id), query=query)
    return heed_statements(court.connection, checked.rule, query) if checked.rule.id in court.spoken_of else query


def _asked_for(court: _Court, checked: CheckedRule) -> str:
    """The condition that a row is one that this audit is about."""
    of_all = court.wave is None or checked.relation.tenant_wide
    return "true" if of_all else f"row_no in (select j.row_no from judged_{checked.relation.name} j)"


def _counted(court: _Court, checked: CheckedRule, query: str) -> Outcome:
    """The counts of the verdicts that the query gives; what did not pass is remembered.

    Most rules pass everywhere, so nothing is stored until the counts say that there is something to remember.
    """
    found = court.connection.execute(COUNT.format(query=query)).fetchall()
    if any(is_remembered for _, _, is_remembered in found):
        court.connection.execute(REMEMBER.format(query=query), {"rule": checked.rule.id})
    counts = {verdict: count for verdict, count, _ in found}
    rows = sum(counts.values())
    nothing = None if rows > counts.get("not_applicable", 0) else _why_nothing(checked, rows)
    numbers = {name: counts.get(name, 0) for name in ("undetermined", "not_applicable", "waived", "attested")}
    return Outcome(checked.rule, tables_behind(checked), counts.get("pass", 0), counts.get("fail", 0), **numbers, nothing=nothing)


def _unseen(court: _Court, checked: CheckedRule) -> Outcome:
    """The outcome of a rule that cannot be judged: every row is undetermined, but for those of which a record speaks."""
    if checked.rule.id in court.spoken_of:
        query = heed_statements(court.connection, checked.rule, UNSEEN.format(relation=checked.relation.name))
        if is_heeded(court.connection, checked.rule):
            return replace(_counted(court, checked, query), row_by_row=True)
    return Outcome(checked.rule, tables_behind(checked), undetermined=_rows(court.connection, checked.relation))


def _asks_of_nobody(court: _Court, checked: CheckedRule) -> bool:
    """True when it is known of every row that the rule does not ask of it: then it does not matter what else was not collected."""
    about = checked.relation.about
    if about and not court.connection.execute(f"select 1 from {about} limit 1").fetchone():
        return True
    if not can_tell_whom(checked, court.catalogue):
        return False
    asked = f"select 1 from ({question_query(checked)}) where {_asked_for(court, checked)} limit 1"
    return court.connection.execute(asked).fetchone() is None


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
        connection.execute(f"create table judged_{name} as select row_no from {name} {of_wave}", {"wave": wave} if of_wave else {})


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
