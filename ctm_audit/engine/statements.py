"""Waivers and attestations in a run: whether they may stand, and of which rows they speak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.errors import Fault, UsageError
from ctm_audit.evidence.relations import DOMAINS, PAIRS, SCOPE_GROUPS, SEATS, TENANTS, WAVES
from ctm_audit.mapping import MappingTable
from ctm_audit.model import Verdict
from ctm_audit.project import Project
from ctm_audit.rulebook.commands import text_literal
from ctm_audit.rulebook.load import RuleBook
from ctm_audit.rulebook.rule import Rule
from ctm_audit.statements import Kind, StatementFile, Statements, read_statements, statements_of

OBJECTS = {
    PAIRS.name: "a source key of the mapping",
    TENANTS.name: "source or target, the two tenants",
    SEATS.name: "a wave of the project",
    WAVES.name: "a wave of the project",
    DOMAINS.name: "a moving domain of the project",
    SCOPE_GROUPS.name: "a group in MailboxMovePublishedScopes",
}
VERDICTS: dict[Kind, Verdict] = {"waiver": Verdict.WAIVED, "attestation": Verdict.ATTESTED}
ONLY_FAILURES = "the waiver of {who} accepts a failure, not what could not be determined (accepts_undetermined)"

CREATE = """
create table statements (
  number bigint, rule varchar, object varchar, folded varchar, verdict varchar, in_force boolean, accepts_undetermined boolean,
  sentence varchar, only_failures varchar
);
create table said (rule varchar, row_no bigint, number bigint, original varchar, verdict varchar, sentence varchar)
"""

# One record speaks of a row: one in force before one that is not, then the first.
SAY = """
insert into said
select $rule, row_no, number, original, case when counts then verdict else 'lapsed' end,
  case when counts or not in_force then sentence else only_failures end
from (
  select j.row_no, s.*, j.verdict as original, s.in_force and (j.verdict = 'fail' or s.accepts_undetermined) as counts
  from ({query}) j join {objects} o using (row_no) join statements s on s.rule = $rule and {same}
  where j.verdict in ('fail', 'undetermined')
  qualify row_number() over (partition by j.row_no order by counts desc, number) = 1
)
"""
KEYS = ("mapping", "o.source_key = s.folded")
SAME_ID = "lower(o.id) = lower(s.object)"
COUNTS = "rule = $rule and verdict in ('waived', 'attested')"
HEEDED = f"""
select j.row_no, coalesce(s.verdict, j.verdict) as verdict from ({{query}}) j
left join (select row_no, verdict from said where {COUNTS}) s using (row_no)
"""
USED = "select number, count(*) from said where verdict <> 'lapsed' group by number"


def open_statements(project: Project, mapping: MappingTable, book: RuleBook) -> Statements:
    """The waivers and attestations that the project names; UsageError with every fault of both files."""
    paths: dict[Kind, Path | None] = {"waiver": project.waivers, "attestation": project.attestations}
    files = {kind: read_statements(path, kind) for kind, path in paths.items() if path}
    for kind, file in files.items():
        for number, record in enumerate(file.values.get(kind, [])):
            for key, message in _faults(kind, record, project, mapping, book):
                file.fault((kind, number, *key), message)
    faults = [fault for file in files.values() for fault in file.faults]
    if faults:
        _refuse(faults)
    records = tuple(record for kind, file in files.items() for record in statements_of(file, kind))
    return Statements(records, {kind: StatementFile(file.path.name, file.digest) for kind, file in files.items()})


def _refuse(faults: list[Fault]) -> None:
    faults.sort(key=lambda fault: (fault.file, fault.line, fault.column))
    places = "1 place" if len(faults) == 1 else f"{len(faults)} places"
    raise UsageError(f"Waivers or attestations are wrong in {places}.", detail=faults, hint="repair them; ctm-audit waivers check")


def _faults(
    kind: Kind, record: dict[str, Any], project: Project, mapping: MappingTable, book: RuleBook
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    rule = next((rule for rule in book.rules if rule.id == record.get("rule")), None)
    if rule is None:
        if "rule" in record:
            yield ("rule",), f"there is no rule {record['rule']} in this rule book; ctm-audit rules list"
        return
    if fault := _contradiction(kind, record, rule):
        yield ("rule",), fault
    for place in _strangers(record.get("objects", ()), rule.over, project, mapping):
        yield ("objects", place), f"{record['objects'][place]!r} is not {OBJECTS[rule.over]}, which {rule.id} judges"


def _contradiction(kind: Kind, record: dict[str, Any], rule: Rule) -> str | None:
    """Why the rule takes no such record, if so."""
    if kind == "attestation":
        return None if rule.attest else f"{rule.id} is answered by evidence; nobody can state it, but waivers.toml can accept it"
    if not rule.waivable:
        return f"{rule.id} cannot be waived"
    if rule.attest and not record.get("accepts_undetermined"):
        return f"{rule.id} asks a person: state it in attestations.toml, or accept that nobody does (accepts_undetermined = true)"
    return None


def _strangers(objects: Sequence[str], over: str, project: Project, mapping: MappingTable) -> list[int]:
    """Which of the objects the project does not know; of objects that only evidence names, none."""
    folded = [name.casefold() for name in objects]
    known: pa.Array[Any] | pa.ChunkedArray[Any]
    if over == PAIRS.name:
        known = mapping.rows["source_key"]
    elif over == TENANTS.name:
        known = pa.array(["source", "target"])
    elif over in (SEATS.name, WAVES.name):
        known = pa.array([*(wave.name.casefold() for wave in project.waves), "unassigned" if project.waves else "all"])
    elif over == DOMAINS.name:
        known = pa.array([domain.name.casefold() for domain in project.domains], pa.string())
    else:
        return []
    unknown = pc.invert(pc.is_in(pa.array(folded, pa.string()), known)).to_pylist()
    return [place for place, strange in enumerate(unknown) if strange]


def create_statements(connection: duckdb.DuckDBPyConnection, statements: Statements, now: datetime) -> None:
    """Create `statements`, one row an object of a record, and the empty table `said`."""
    connection.execute(CREATE)
    rows = []
    for number, record in enumerate(statements.records):
        lapse = record.lapse(now)
        only = ONLY_FAILURES.format(who=record.who)
        told = (str(VERDICTS[record.kind]), lapse is None, record.accepts_undetermined, lapse or record.sentence, only)
        rows += [(number, record.rule, name, name.casefold(), *told) for name in record.objects]
    if rows:
        connection.executemany(f"insert into statements values ({', '.join('?' * 9)})", rows)


def rules_spoken_of(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The ids of the rules for which there is a record."""
    return frozenset(rule for (rule,) in connection.execute("select distinct rule from statements").fetchall())


def heed_statements(connection: duckdb.DuckDBPyConnection, rule: Rule, query: str) -> str:
    """A query that gives the same rows with the verdicts that a record of the rule accepts or answers; `said` tells which they are."""
    objects, same = KEYS if rule.over == PAIRS.name else (rule.over, SAME_ID)
    connection.execute("delete from said where rule = $rule", {"rule": rule.id})
    connection.execute(SAY.format(objects=objects, same=same, query=query), {"rule": rule.id})
    return HEEDED.format(query=query).replace("$rule", text_literal(rule.id))


def is_heeded(connection: duckdb.DuckDBPyConnection, rule: Rule) -> bool:
    """Whether a record of the rule counted for any row."""
    return connection.execute(f"select 1 from said where {COUNTS} limit 1", {"rule": rule.id}).fetchone() is not None


def used(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """For how many rows each record counted in this audit, by its place among the records."""
    return dict(connection.execute(USED).fetchall())
