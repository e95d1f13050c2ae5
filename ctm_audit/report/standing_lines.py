"""How a domain move stands, as a person reads it in a terminal and as a program reads it line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ctm_audit.dns.names import readable
from ctm_audit.dns.plan_document import iso
from ctm_audit.dns.standing import Cell, Matrix, State
from ctm_audit.dns.verified import Verified
from ctm_audit.report.cutover_lines import shown

SIGNS = {
    State.NEW: "new",
    State.OLD_IN_TIME: "old until",
    State.CLAMPING: "CLAMPED until",
    State.STALE: "STALE",
    State.OLD: "OLD",
    State.OVERDUE: "OLD, OVERDUE",
    State.OTHER: "FOREIGN",
    State.NO_ANSWER: "?",
    State.NO_TARGET: "pending",
}
WORDS = {"proven": "PROVEN", "failed": "NOT RIGHT", "undetermined": "NOT PROVEN YET"}
MOST = 12


def standing_lines(one: Verified) -> Iterator[str]:
    """How one domain stands: the table of servers and resolvers, the proofs, what is wrong and what is open."""
    yield f"{readable(one.cutover.domain)}: {WORDS[one.state]}"
    if one.matrix:
        yield f"  seen at {one.matrix.at:%Y-%m-%d %H:%M:%SZ}, {one.matrix.equal} equal rounds"
        yield from _table(one.matrix)
    yield from (f"  {proof.name:<20} {proof.state:<9} {proof.told}" for proof in one.proofs)
    yield from _block("wrong", one.faults)
    yield from _block("open", one.unsettled)
    if one.state != "proven":
        yield f"  it cannot be closed before {shown(one.cutover.moments[-1].earliest)}"


def _block(title: str, told: tuple[str, ...]) -> Iterator[str]:
    if told:
        yield f"  {title} ({len(told)}):"
        yield from (f"    {line}" for line in told[:MOST])
    if len(told) > MOST:
        yield f"    and {len(told) - MOST} more"


def _table(found: Matrix) -> Iterator[str]:
    places = dict.fromkeys(
        (cell.told.server, cell.told.vantage, cell.votes) for cell in sorted(found.cells, key=lambda cell: not cell.is_server)
    )
    rows = [["", *found.roles]]
    for server, vantage, votes in places:
        cells = {cell.told.role: cell for cell in found.cells if cell.told.vantage == vantage and cell.told.server == server}
        rows.append([f"{server} {vantage}{'' if votes else ' (no vote)'}", *(_sign(cells.get(role)) for role in found.roles)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _sign(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    sign = f"? {cell.told.outcome}" if cell.state is State.NO_ANSWER else SIGNS[cell.state]
    return f"{sign} {cell.until:%m-%d %H:%M:%SZ}" if cell.until else sign


def standing_document(one: Verified, number: int) -> dict[str, Any]:
    """How one domain stands after a round, as one object; times are UTC."""
    found = one.matrix
    return {
        "domain": one.cutover.domain,
        "round": number,
        "state": one.state,
        "seen_at": iso(found.at) if found else None,
        "equal_rounds": found.equal if found else 0,
        "un_parked_at": iso(one.un_parked.done_at),
        "close_not_before": iso(one.cutover.moments[-1].earliest),
        "cells": [_cell(cell) for cell in found.cells] if found else [],
        "proofs": [{"name": proof.name, "state": proof.state, "told": proof.told} for proof in one.proofs],
        "faults": list(one.faults),
        "unsettled": list(one.unsettled),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    told = cell.told
    return {
        "vantage": told.vantage,
        "server": told.server,
        "kind": told.kind,
        "role": told.role,
        "state": cell.state.name.lower(),
        "until": iso(cell.until),
        "outcome": told.outcome,
        "records": list(told.version.records) if told.version else None,
        "ttl": told.ttl,
        "votes": cell.votes,
    }
