"""What the page lists of each rule: the first objects as text, all that have room in chunks, and how many that are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import duckdb

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
        views = (finding_view(row, rules[name]) for row in found)
        if name not in wanted:
            yield name, _all(tuple(views))
            continue
        made = _some(views, first, space * wanted[name] // left)
        space, left = space - characters(made.chunks), left - wanted[name]
        yield name, made


def _all(views: tuple[FindingView, ...]) -> Shown:
    return Shown(views, (), sum(view.count for view in views))


def _some(views: Iterator[FindingView], first: int, most: int) -> Shown:
    """The first views as they are, and as many as there is room for in chunks; a chunk begins with the first."""
    front = tuple(islice(views, first))
    counts: list[int] = []
    chunks = within(most, finding_chunks(_counting(chain(front, views), counts)))
    return Shown(front, chunks, sum(counts[: max(rows(chunks), len(front))]))


def _counting(views: Iterator[FindingView], counts: list[int]) -> Iterator[FindingView]:
    """The same views; `counts` gets for how many objects each stands."""
    for view in views:
        counts.append(view.count)
        yield view
