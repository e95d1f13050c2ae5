"""Whatever is hidden of the evidence: nobody becomes ready by it, and no gate opens.

With the real rule book, on migrations in which some things are wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.bundled import data_folder
from ctm_audit.evidence.tables import SIDES
from ctm_audit.project import Project, load
from ctm_audit.rulebook.load import RuleBook, load_book
from ctm_audit.sim import FAULTS, Scenario, contoso_to_fabrikam
from ctm_audit.sim.contoso import SCOPE_GROUP
from ctm_audit.sim.export import render, write
from tests.engine.tenants import PLACES, Evidence, Row, audited, mapping_of
from tests.nightly import examples
from tests.sim.exported import rows

PEOPLE = 8


@cache
def book() -> RuleBook:
    return load_book(data_folder("rules"))


def evidence_of(scenario: Scenario) -> Evidence:
    """What an import would make of the scenario's files."""
    files = render(scenario)
    taken: dict[str, list[Row]] = {}
    for place, (side, table) in PLACES.items():
        if table.made or side not in SIDES:
            taken[place] = []
            continue
        part: Row = {"part": SCOPE_GROUP.casefold()} if table.parts else {}
        taken[place] = [row | part for row in rows(files, side, table.name) if all((row | part)[name] for name in table.key)]
    return Evidence(taken, parts=(SCOPE_GROUP.casefold(),))


def hide(dice: Random, evidence: Evidence) -> Evidence:
    """One thing less: a cell, a row, a column, a table, or the certainty that all rows are there."""
    place = dice.choice([place for place in PLACES if evidence.rows[place]])
    found = [dict(row) for row in evidence.rows[place]]
    lost = dice.choice(found)
    column = dice.choice([name for name in lost if name not in PLACES[place][1].key]) if len(lost) > len(PLACES[place][1].key) else ""
    match dice.choice(["cell", "cell", "cells", "row", "column", "table", "certainty", "age"]):
        case "cell" if column:
            lost[column] = None
            return replace(evidence, rows={**evidence.rows, place: found})
        case "cells" if column:
            return replace(
                evidence, rows={**evidence.rows, place: [row | ({column: None} if dice.random() < 0.5 else {}) for row in found]}
            )
        case "row":
            left = [row for row in found if row is not lost]
            return replace(evidence, rows={**evidence.rows, place: left}, incomplete=evidence.incomplete | {place})
        case "column" if column:
            return replace(evidence, absent=evidence.absent | {f"{place}.{column}"})
        case "table":
            return replace(evidence, absent=evidence.absent | {place})
        case "age":
            return replace(evidence, ages={**evidence.ages, place: timedelta(days=2)})
        case _:
            return replace(evidence, incomplete=evidence.incomplete | {place})


Green = tuple[set[str], set[str], bool]


def green(evidence: Evidence, scenario: Scenario, project: Project) -> Green:
    """Who is ready, which gates are open, and whether all of it is ready for submit."""
    mapping = mapping_of([(row.source, row.target, row.wave, row.upn) for row in scenario.rows])
    rules = [checked for checked in book().checked if not checked.rule.attest]  # what people state is no evidence that can be hidden
    told = audited(evidence, mapping, *rules, project=project, gates=book().gates)
    people = {person["id"] for person in told["people"] if person["verdict"] == "ready"}
    return people, {gate["id"] for gate in told["gates"] if gate["state"] == "open"}, told["ready"] is True


def compare(seed: int, folder: Path) -> None:
    dice = Random(seed)
    scenario = contoso_to_fabrikam(people=PEOPLE)
    for name in dice.sample(sorted(FAULTS), dice.choice([0, 1, 2])):
        scenario = FAULTS[name].plant(scenario, dice.randrange(PEOPLE))
    write(render(scenario), folder)
    project, _ = load(folder)
    whole = evidence_of(scenario)
    hidden = whole
    for _ in range(dice.choice([1, 1, 2, 4])):
        hidden = hide(dice, hidden)
    before, after = green(whole, scenario, project), green(hidden, scenario, project)
    assert after[0] <= before[0]
    assert after[1] <= before[1]
    assert after[2] <= before[2]


@given(seed=st.integers(0, 1_000_000))
@settings(max_examples=2)
def test_hiding_evidence_makes_nobody_ready(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    compare(seed, tmp_path_factory.mktemp("hidden"))


@pytest.mark.slow
@given(seed=st.integers(0, 1_000_000_000))
@settings(max_examples=examples(16, 100))
def test_hiding_much_more_makes_nobody_ready(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    compare(seed, tmp_path_factory.mktemp("hidden"))


def test_everything_in_sight_the_clean_migration_is_ready(tmp_path: Path) -> None:
    scenario = contoso_to_fabrikam(people=PEOPLE)
    write(render(scenario), tmp_path)
    people, _, ready = green(evidence_of(scenario), scenario, load(tmp_path)[0])
    assert (len(people), ready) == (PEOPLE, True)
