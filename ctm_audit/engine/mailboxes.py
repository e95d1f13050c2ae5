"""The table `mailboxes`: for every mapped mailbox its verdict, its stage, and what holds it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import show
from ctm_audit.engine.first import Obstacles
from ctm_audit.engine.outcome import Outcome
from ctm_audit.model import DOMAIN_STEPS, Step

CREATE = """
create table mailboxes as
with held as (
  select row_no,
    list(rule order by place) filter (verdict = 'fail' and blocks) as blocking,
    list(rule order by place) filter (verdict = 'undetermined' and blocks) as undetermined,
    list(rule order by place) filter (verdict = 'fail' and not blocks) as other,
    list(rule order by place) filter (verdict = 'waived') as waived,
    list(rule order by place) filter (verdict = 'attested') as attested
  from verdicts join weights using (rule) where relation = 'pairs' group by row_no
)
select p.row_no, p.id, m.target, nullif(p.wave, '') as wave, {stage} as stage,
  case when {stage} = 'moved' then 'moved'
    when len(h.blocking) > 0 then 'blocked'
    when $unseen or len(h.undetermined) > 0 then 'undetermined'
    else 'ready' end as verdict,
  coalesce(h.blocking, []) as blocking, coalesce(h.undetermined, []) as undetermined, coalesce(h.other, []) as other,
  coalesce(h.waived, []) as waived, coalesce(h.attested, []) as attested
from judged_pairs j join pairs p using (row_no) join mapping m using (row_no) left join held h using (row_no)
"""

COUNTS = "select verdict, count(*) from mailboxes group by verdict"

# Undetermined objects stand for their rule: collecting what is missing is the repair.
HELD = """
select list_concat(blocking, undetermined) as obstacles, count(*)::bigint from mailboxes
where stage is distinct from 'moved' group by obstacles
"""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many mailboxes are in which state, and how many share which obstacles."""

    counts: dict[str, int]
    held: dict[Obstacles, int]

    @property
    def total(self) -> int:
        """All mapped mailboxes that were audited."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Mailboxes that have not moved yet."""
        return self.total - self.counts.get("moved", 0)

    @property
    def unhindered(self) -> int:
        """Mailboxes that nothing of their own holds back."""
        return self.held.get(frozenset(), 0)


def create_mailboxes(connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome], step: Step) -> Readiness:
    """Create the table and say how many mailboxes are ready at the step; at a step of domains nobody is, for nobody is asked about."""
    _create_weights(connection, outcomes, step)
    has_stage = connection.execute("select 1 from duckdb_columns() where table_name = 'pairs' and column_name = 'stage'").fetchone()
    stage = "p.stage" if has_stage else "null::varchar"
    asked = step not in DOMAIN_STEPS and any(step in outcome.rule.blocks for outcome in outcomes)
    connection.execute(CREATE.format(stage=stage), {"unseen": not asked or bool(unseen_pairs_rules(outcomes, step))})
    counts = dict(connection.execute(COUNTS).fetchall())
    held = {frozenset(obstacles): count for obstacles, count in connection.execute(HELD).fetchall()}
    return Readiness(counts, held if asked else {})


def unseen_pairs_rules(outcomes: Sequence[Outcome], step: Step) -> list[Outcome]:
    """Blocking rules about mailboxes that could not be judged, or only on evidence too old for the step.

    Where a record speaks of some rows of such a rule, the others are undetermined row by row.
    """
    blocking = [o for o in outcomes if o.rule.over == "pairs" and step in o.rule.blocks]
    return [o for o in blocking if (o.gaps and not o.row_by_row) or step in o.stale]


def _create_weights(connection: duckdb.DuckDBPyConnection, outcomes: Sequence[Outcome], step: Step) -> None:
    columns: dict[str, pa.Array[Any]] = {
        "rule": pa.array([o.rule.id for o in outcomes], pa.string()),
        "place": pa.array(range(len(outcomes)), pa.int64()),
        "blocks": pa.array([step in o.rule.blocks for o in outcomes], pa.bool_()),
        "relation": pa.array([o.rule.over for o in outcomes], pa.string()),
    }
    show(connection, "weights", pa.table(columns))
