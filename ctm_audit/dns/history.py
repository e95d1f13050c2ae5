"""What earlier observations saw, carried from bundle to bundle: since when records stand as they stand, and the baseline.

A bundle thus answers alone how long a TTL has been low and how long mail has been parked. Only what all servers of a domain said alike
is remembered; a server that was silent changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ctm_audit.dns.answer import Outcome
from ctm_audit.dns.rows import Row, iso
from ctm_audit.evidence.bundle import list_bundles, open_bundle

KNOWN = tuple(str(outcome) for outcome in Outcome if outcome.is_known)
NEVER = "1970-01-01T00:00:00Z"
PASSING = ("soa", "dnskey", "random", "random_mx", "random_txt", "random_selector")
"""Roles whose records are new in every observation, or from time to time without anybody's doing."""


def states(rows: Mapping[str, Sequence[Row]]) -> dict[tuple[str, str], Row]:
    """What all servers of a domain hold alike, and what its parent says, by (domain, role)."""
    told: dict[tuple[str, str], list[Row]] = {}
    for row in rows["answers"]:
        if row["kind"] == "authoritative" and row["way"] == "plain" and row["role"] not in PASSING:
            told.setdefault((row["domain"], row["role"]), []).append(row)
    return {key: state for key, answers in told.items() if (state := _state(answers))} | _delegations(rows["zones"])


def _state(answers: Sequence[Row]) -> Row | None:
    said = {(*row["data"], *row["chain"]) for row in answers}
    if len(said) > 1 or not all(row["outcome"] in KNOWN for row in answers):
        return None
    return _row(answers[0]["data"], answers[0]["chain"], max(row["ttl"] for row in answers))


def _delegations(zones: Iterable[Row]) -> dict[tuple[str, str], Row]:
    found = {}
    for zone in zones:
        for role, outcome in (("parent_ns", zone["outcome"]), ("ds", zone["ds_outcome"])):
            if outcome in KNOWN:
                found[zone["domain"], role] = _row(zone[role], [], 0)
    return found


def _row(data: Sequence[str], chain: Sequence[str], ttl: int) -> Row:
    return {"data": list(data), "chain": list(chain), "ttl": ttl}


def carried(before: Iterable[Row], now: Mapping[tuple[str, str], Row], moment: datetime, *, is_baseline: bool) -> list[Row]:
    """The rows of `history`: those of the bundle before, and what has changed since.

    What is seen for the first time is its baseline. With `is_baseline` what was seen now is the baseline of these domains, in the
    place of an older one.
    """
    newest: dict[tuple[str, str], Row] = {}
    rows = sorted((dict(row) for row in before), key=lambda row: row["since"])
    for row in rows:
        newest[row["domain"], row["role"]] = row
    for (domain, role), state in now.items():
        last = newest.get((domain, role))
        if last is None or any(last[name] != value for name, value in state.items()):
            fresh = {"domain": domain, "role": role, **state, "since": iso(moment), "is_baseline": False, "baseline_at": NEVER}
            fresh |= {"is_baseline": True, "baseline_at": iso(moment)} if last is None else {}
            rows.append(fresh)
            newest[domain, role] = fresh
    if is_baseline:
        _mark(rows, [newest[key] for key in now], moment)
    return rows


def _mark(rows: Iterable[Row], current: Sequence[Row], moment: datetime) -> None:
    domains = {row["domain"] for row in current}
    for row in rows:
        if row["domain"] in domains:
            row |= {"is_baseline": False, "baseline_at": NEVER}
    for row in current:
        row |= {"is_baseline": True, "baseline_at": iso(moment)}


def history_below(folder: Path) -> list[Row]:
    """The rows of `history` in the newest bundle below a folder; [] without one."""
    found = list_bundles(folder) if folder.is_dir() else []
    if not found:
        return []
    bundle = open_bundle(found[0])
    rows: list[dict[str, Any]] = pq.read_table(bundle.parquet("history")).to_pylist() if "history" in bundle.tables else []
    return [{name: iso(value) if isinstance(value, datetime) else value for name, value in row.items()} for row in rows]
