"""What the page lists of each rule: the first objects as text, all that have room in chunks, and how many that are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.report.chunks import Chunk, characters, rows, within
from ctm_audit.report.findings_listed import MOST_A_RULE, MOST_IN_ALL, Tally, level, listed
from ctm_audit.report.findings_view import FindingView, finding_chunks, finding_view

SHOWN_A_RULE = 20
SHOWN_IN_ALL = 800
CHARACTERS = 3_200_000
"""What the chunks of all rules may take of the page."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page lists of one rule's findings: the first ones, in chunks all when they are more, and for how many objects they stand."""

    first: tuple[FindingView, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    objects: int = 0


def shown_findings(
    connection: duckdb.DuckDBPyConnection, rules: Mapping[str, Mapping[str, Any]], told: Mapping[str, Tally]
) -> Iterator[tuple[str, Shown]]:
    """What is listed of each rule that found something; each has its share of the space, and what one leaves over is for the next."""
    numbers = [tally.findings for tally in told.values()]
    most, first = level(numbers, MOST_A_RULE, MOST_IN_ALL), level(numbers, SHOWN_A_RULE, SHOWN_IN_ALL)
    wanted = {name: min(tally.findings, most) for name, tally in told.items() if tally.findings > first}
    space, left = CHARACTERS, sum(wanted.values())
    for name, found in listed(connection, [*rules], most):
        if name not in wanted:
            yield name, Shown(_views(found, rules[name]), (), _objects(found))
            continue
        made = _some(found, rules[name], first, space * wanted[name] // left)
        space, left = space - characters(made.chunks), left - wanted[name]
        yield name, made


def _some(found: pa.Table, rule: Mapping[str, Any], first: int, most: int) -> Shown:
    """The first findings as they are, and as many as there is room for in chunks; a chunk begins with the first."""
    chunks = within(most, finding_chunks(found, rule))
    return Shown(_views(found.slice(0, first), rule), chunks, _objects(found.slice(0, max(rows(chunks), first))))


def _views(found: pa.Table, rule: Mapping[str, Any]) -> tuple[FindingView, ...]:
    return tuple(finding_view(row, rule) for row in found.to_pylist())


def _objects(found: pa.Table) -> int:
    """For how many objects the findings stand."""
    return pc.sum(found["count"]).as_py() or 0
