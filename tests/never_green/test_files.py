"""No file of the export may be missing, empty or cut without the audit noticing."""

from __future__ import annotations

import pytest

from ctm_audit.evidence.tables import SIDES, Side, Table
from tests.never_green.world import PLACES, World, clean, file_of, readers_of

EVERY = [pytest.param(side, table, id=f"{side}-{table.name}") for side, table in PLACES]


def test_with_everything_the_audit_is_green(world: World) -> None:
    told = world.judged(world.bundles)
    assert told.exit_code == 0
    assert told.document
    assert not [rule["id"] for rule in told.document["rules"] if rule["undetermined"] or (rule["failed"] and rule["weight"] != "info")]


@pytest.mark.parametrize(("side", "table"), EVERY)
def test_a_file_that_is_missing(side: Side, table: Table, world: World) -> None:
    files = {name: content for name, content in clean().items() if name != file_of(side, table)}
    told = world.told(side, files)
    assert told.exit_code == 3
    assert not told.still_green(readers_of(f"{side}.{table.name}"))


@pytest.mark.slow
@pytest.mark.parametrize(("side", "table"), EVERY)
def test_a_file_of_no_bytes(side: Side, table: Table, world: World) -> None:
    told = world.told(side, clean() | {file_of(side, table): ""})
    assert told.exit_code == 3
    assert not told.still_green(readers_of(f"{side}.{table.name}"))


@pytest.mark.slow
@pytest.mark.parametrize(("side", "table"), EVERY)
def test_a_file_that_ends_in_the_middle(side: Side, table: Table, world: World) -> None:
    content = clean()[file_of(side, table)]
    files = clean() | {file_of(side, table): content[: len(content) // 2]}
    entry = world.imported(side, files).tables.get(table.name)
    assert entry is None or not entry.complete
    assert world.told(side, files).exit_code in (1, 3)


@pytest.mark.parametrize("side", SIDES)
def test_a_record_that_is_missing_leaves_the_age_unknown(side: Side, world: World) -> None:
    files = {name: content for name, content in clean().items() if name != f"{side}/_export.json"}
    told = world.told(side, files)
    assert told.exit_code == 1  # the files were written just now, which is after the time of this audit


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("part", [0, 2])
def test_a_record_that_is_empty_or_cut_is_refused_at_the_import(side: Side, part: int, world: World) -> None:
    content = clean()[f"{side}/_export.json"]
    told = world.told(side, clean() | {f"{side}/_export.json": content[: len(content) * part // 4]})
    assert (told.exit_code, told.document) == (2, None)
