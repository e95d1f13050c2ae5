"""Which findings the page lists: of each rule those that fail first, of all rules together no more than a page can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.model import Verdict

ORDER = tuple(str(verdict) for verdict in (Verdict.FAIL, Verdict.DUE, Verdict.UNDETERMINED, Verdict.WAIVED, Verdict.ATTESTED))
MOST_A_RULE = 50_000
MOST_IN_ALL = 80_000
BLOCK_ROWS = 5_000

TALLIES = """
select rule, count(*)::bigint, sum(count)::bigint, list(distinct verdict), list(distinct object_kind) from findings group by rule
"""
CHOSEN = """
create temp table chosen as select rule_place, rank, row_no from (
  select list_position($rules, rule) as rule_place, list_position($verdicts, verdict) as rank, row_no from findings
) qualify row_number() over (partition by rule_place order by rank, row_no) <= $most
"""
LISTED = """
select f.rule, f.verdict, f.object_kind, f.object_id, f.object_name, case when f.object_kind <> 'wave' then f.wave end as wave,
  f.expected, f.found, f.owner, f.fix, f.command, f.reason, f.until, f.count, f.original
from findings f join chosen c on f.row_no = c.row_no order by c.rule_place, c.rank, c.row_no
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """All findings of one rule: their number, the objects for which they stand, and which verdicts and kinds of objects occur."""

    findings: int = 0
    objects: int = 0
    verdicts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


def tallies(connection: duckdb.DuckDBPyConnection, rules: Sequence[str]) -> dict[str, Tally]:
    """What each rule of the run found; KeyError for a finding of a rule that the run does not know."""
    made = dict.fromkeys(rules, Tally())
    for rule, findings, objects, verdicts, kinds in connection.execute(TALLIES).fetchall():
        if rule not in made:
            raise KeyError(rule)
        made[rule] = Tally(findings, objects, frozenset(verdicts), frozenset(kinds))
    return made


def listed(connection: duckdb.DuckDBPyConnection, rules: Sequence[str], most: int) -> Iterator[tuple[str, pa.Table]]:
    """At most so many findings of each rule that has any, in the order of the rules, the failing ones first."""
    connection.execute(CHOSEN, {"rules": [*rules], "verdicts": [*ORDER], "most": most})
    pieces = (piece for block in connection.sql(LISTED).to_arrow_reader(BLOCK_ROWS) for piece in _by_rule(block))
    for rule, found in groupby(pieces, key=lambda piece: str(piece["rule"][0])):
        yield rule, pa.Table.from_batches(found)


def _by_rule(block: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The block in pieces, each of one rule."""
    start = 0
    for number in pc.value_counts(block["rule"]).field("counts").to_numpy().tolist():
        yield block.slice(start, number)
        start += number


def level(counts: Sequence[int], most_each: int, most_in_all: int) -> int:
    """The greatest number, at most `most_each`, to which counts can be cut so that they add up to at most `most_in_all`."""
    left, sharing = most_in_all, len(counts)
    for count in sorted(counts):
        if count * sharing > left:
            return min(most_each, left // sharing)
        left, sharing = left - count, sharing - 1
    return most_each
