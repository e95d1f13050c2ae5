"""No file of the export may be missing, empty or cut without the audit noticing."""

from __future__ import annotations

import pytest

from ctm_audit.evidence.tables import SIDES, Side
from tests.never_green.rounds import Lost, marked, rounds, tables
from tests.never_green.world import World, asked_here, clean, file_of, readers_of


def test_with_everything_the_audit_is_green(world: World) -> None:
    told = world.judged(world.bundles)
    assert told.exit_code == 0
    assert told.document
    asked = {checked.rule.id for checked in asked_here()}
    here = [rule for rule in told.document["rules"] if rule["id"] in asked]
    assert len(here) == len(asked)
    assert not [rule["id"] for rule in here if rule["undetermined"] or (rule["failed"] and rule["weight"] != "info")]


@pytest.mark.parametrize("lost", marked(rounds(tables())))
def test_a_file_that_is_missing(lost: tuple[Lost, ...], world: World) -> None:
    gone = {file_of(one.side, one.table) for one in lost}
    readers = readers_of(*(one.place for one in lost))
    told = world.told(lost[0].side, {name: content for name, content in clean().items() if name not in gone}, readers=readers)
    assert told.exit_code == 3
    assert not told.still_green(readers)


@pytest.mark.parametrize("lost", marked(rounds(tables())))
def test_a_file_of_no_bytes(lost: tuple[Lost, ...], world: World) -> None:
    readers = readers_of(*(one.place for one in lost))
    told = world.told(lost[0].side, clean() | {file_of(one.side, one.table): "" for one in lost}, readers=readers)
    assert told.exit_code == 3
    assert not told.still_green(readers)


@pytest.mark.parametrize("lost", marked(rounds(tables())))
def test_a_file_that_ends_in_the_middle(lost: tuple[Lost, ...], world: World) -> None:
    files, names = clean(), [file_of(one.side, one.table) for one in lost]
    files = files | {name: files[name][: len(files[name]) // 2] for name in names}
    bundle = world.imported(lost[0].side, files)
    assert not [one.place for one in lost if one.table.name in bundle.tables and bundle.tables[one.table.name].complete]
    assert world.told(lost[0].side, files, readers=readers_of(*(one.place for one in lost))).exit_code in (1, 3)


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
