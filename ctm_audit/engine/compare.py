"""Compares two runs finding by finding: what is new, fixed, still open, and what nobody knows any more.

Nothing counts as fixed only because it was not seen: what is masked, undetermined, or gone is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from ctm_audit.engine.runs import RunRecord
from ctm_audit.engine.session import open_session
from ctm_audit.errors import Refused

CHANGES = ("new", "undetermined", "masked", "fixed", "settled", "accepted", "gone", "open", "still_undetermined")
"""In the order in which they are told; docs/explain.md says what each means."""
SAME = {
    "step": ("step",),
    "wave": ("wave",),
    "source tenant": ("project", "source_tenant_id"),
    "target tenant": ("project", "target_tenant_id"),
}
BATCH_ROWS = 10_000

STATES = """
create temp table {name} as
select rule, object_kind, object_id, any_value(object_name) as object_name, any_value(wave) as wave, any_value(owner) as owner,
  any_value(found) as found, any_value(verdict) as verdict, sum(count)::bigint as count,
  min(case when verdict in ('fail', 'due') then 1 when verdict = 'undetermined' then 2 else 3 end) as state
from read_parquet($path) where list_contains($rules, rule) group by rule, object_kind, object_id
"""
# A rule of which rows were not seen says so in one finding of its own name.
SEEN = """
create temp table unseen as select distinct rule from current where object_kind = 'evidence' and object_id = rule;
create temp table masked as
select distinct m.rule, f.object_kind, f.object_id from masks m join current f on f.rule = m.mask where f.state = 1;
create temp table masked_widely as select distinct rule, object_kind from masked;
create temp table here as select id, verdict = 'moved' as moved from read_parquet($path)
"""
COMPARE = """
create temp table changes as
select * exclude (before, after),
  case
    when after = 1 then case when before = 1 then 'open' else 'new' end
    when after = 2 then case when before = 2 then 'still_undetermined' else 'undetermined' end
    when after = 3 then case when before < 3 then 'accepted' end
    when before = 3 then null
    when object_kind = 'mailbox' and object_id not in (select id from here where not moved) then 'gone'
    when (rule, object_kind, object_id) in (select (m.rule, m.object_kind, m.object_id) from masked m) then 'masked'
    when exists (select 1 from masked_widely w where w.rule = both_runs.rule and w.object_kind <> both_runs.object_kind) then 'masked'
    when rule in (select u.rule from unseen u) then case when before = 2 then 'still_undetermined' else 'undetermined' end
    when before = 1 then 'fixed' else 'settled'
  end as change
from (
  select rule, object_kind, object_id, coalesce(n.object_name, o.object_name) as object_name, coalesce(n.wave, o.wave) as wave,
    coalesce(n.owner, o.owner) as owner, o.verdict as was, n.verdict as becomes, coalesce(n.found, o.found) as found,
    coalesce(n.count, o.count) as count, o.state as before, n.state as after
  from previous o full join current n using (rule, object_kind, object_id)
) both_runs
"""
SUMMARY = """
select change, owner, rule, sum(count)::bigint as count,
  coalesce(list(object_id order by object_id) filter (object_kind <> 'evidence' or object_id <> rule), [])[:{most}] as objects
from changes where change is not null group by change, owner, rule
order by list_position($changes, change), owner, list_position($rules, rule)
"""
EACH = """
select change, rule, owner, object_kind, object_id, object_name, wave, was, becomes, found, count from changes
where change is not null order by list_position($changes, change), list_position($rules, rule), object_id
"""
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared. `document` has the summary; `left_out` in it names rules that were not compared, each with the reason."""

    connection: duckdb.DuckDBPyConnection
    document: Document
    rules: tuple[str, ...]

    def each(self) -> Iterator[Document]:
        """Every change, one at a time, as `diff --json` prints it under `changes`."""
        reader = self.connection.sql(EACH, params={"changes": list(CHANGES), "rules": list(self.rules)}).to_arrow_reader(BATCH_ROWS)
        for batch in reader:
            for row in batch.to_pylist():
                kind, key, name = (row.pop(f"object_{part}") for part in ("kind", "id", "name"))
                yield {"change": row.pop("change"), "rule": row.pop("rule"), "object": {"kind": kind, "id": key, "name": name}} | row


@contextmanager
def compared(old: RunRecord, new: RunRecord, *, across_rule_books: bool = False, most: int = 5) -> Iterator[Comparison]:
    """The comparison of a run with an earlier one; of each rule the summary names at most `most` objects.

    Raises Refused when the runs do not ask the same: another project, step or wave, and another rule book unless
    `across_rule_books` is set; then only the rules are compared that both have with the same text.
    """
    _refuse_others(old.document, new.document)
    left_out = _left_out(old.document, new.document)
    if left_out and not across_rule_books:
        raise Refused(
            "The runs were judged by different rules, so what is gone may only not have been asked.",
            detail=[f"{rule}: {why}" for rule, why in left_out.items()],
            hint="ctm-audit diff --across-rule-books compares the rules that both have",
        )
    rules = tuple(rule for rule in new.order if rule not in left_out)
    with open_session() as connection:
        _compare(connection, old, new, rules)
        yield Comparison(connection, _document(connection, old, new, rules, left_out, most), rules)


def _compare(connection: duckdb.DuckDBPyConnection, old: RunRecord, new: RunRecord, rules: Sequence[str]) -> None:
    for name, record in (("previous", old), ("current", new)):
        connection.execute(STATES.format(name=name), {"path": str(record.findings_file), "rules": list(rules)})
    masks = [(rule["id"], mask) for rule in new.document["rules"] for mask in rule["masked_by"]]
    connection.execute("create temp table masks (rule varchar, mask varchar)")
    if masks:
        connection.executemany("insert into masks values (?, ?)", masks)
    connection.execute(SEEN, {"path": str(new.mailboxes_file)})
    connection.execute(COMPARE)


def _refuse_others(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    different = [
        f"{what}: {_value(old, path) or 'all'} and {_value(new, path) or 'all'}"
        for what, path in SAME.items()
        if _value(old, path) != _value(new, path)
    ]
    if different:
        raise Refused("The runs do not ask the same question.", detail=different, hint="compare runs of one project, step and wave")
    if not all("digest" in rule and "masked_by" in rule for run in (old, new) for rule in run["rules"]):
        raise Refused("A run of an earlier version does not say which rules it had.", hint="ctm-audit audit, and compare with that run")


def _value(document: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = document
    for key in path:
        found = found[key]
    return found


def _left_out(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Rules that cannot be compared, each with the reason; also those whose masks read otherwise."""
    before, after = ({rule["id"]: rule["digest"] for rule in run["rules"]} for run in (old, new))
    names = [*after, *(rule for rule in before if rule not in after)]
    return {rule: why for rule in names if (why := _why_left_out(before.get(rule), after.get(rule)))}


def _why_left_out(before: str | None, after: str | None) -> str:
    if before is None:
        return "only in the second run"
    if after is None:
        return "only in the first run"
    return "" if before == after else "another text"


def _document(
    connection: duckdb.DuckDBPyConnection, old: RunRecord, new: RunRecord, rules: Sequence[str], left_out: Mapping[str, str], most: int
) -> Document:
    rows = connection.execute(SUMMARY.format(most=most), {"changes": list(CHANGES), "rules": list(rules)}).fetchall()
    names = ("change", "owner", "rule", "count", "objects")
    titles = {rule["id"]: rule["title"] for rule in new.document["rules"]}
    groups = [dict(zip(names, row, strict=True)) | {"title": titles[row[2]]} for row in rows]
    counts = {change: sum(group["count"] for group in groups if group["change"] == change) for change in CHANGES}
    return {
        "first": _run(old),
        "second": _run(new),
        "notes": _notes(old.document, new.document),
        "left_out": [{"rule": rule, "why": why} for rule, why in left_out.items()],
        "counts": counts,
        "groups": groups,
    }


def _run(record: RunRecord) -> Document:
    document = record.document
    return {"folder": record.folder.name, **{key: document[key] for key in ("run_id", "step", "wave", "now", "ready", "mailboxes")}}


def _notes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What else differs, so that a change may not be the tenants' doing."""
    notes = ["the second run is the earlier one"] if new["now"] < old["now"] else []
    facts = [name for name, file in new["reference"].items() if old["reference"].get(name, {}).get("digest") != file["digest"]]
    notes += [f"other reference facts: {', '.join(facts)}"] if facts else []
    return notes + (["another version of ctm-audit"] if old["tool_version"] != new["tool_version"] else [])
