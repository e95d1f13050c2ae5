"""An optional table that nobody exported holds nobody back, and never makes anybody pass."""

from __future__ import annotations

import pytest

from ctm_audit.evidence.gaps import gaps_of
from ctm_audit.evidence.tables import SIDES, Side, Table, tables_of
from ctm_audit.sim import FAULTS
from ctm_audit.sim.export import render, write
from tests.never_green.world import World, clean, file_of, readers_of, scenario

OPTIONAL = [pytest.param(side, table, id=table.name) for side in SIDES for table in tables_of(side) if table.optional]


@pytest.mark.parametrize(("side", "table"), OPTIONAL)
def test_without_it_nothing_is_missed_and_nothing_passes(side: Side, table: Table, world: World) -> None:
    files = {name: content for name, content in clean().items() if name != file_of(side, table)}
    assert table.name not in {gap.table for gap in gaps_of(world.imported(side, files))}
    told = world.told(side, files)
    assert told.exit_code == 0
    assert readers_of(f"{side}.{table.name}") or table.scripted  # what a zone should hold is read where a domain is moved
    assert not told.still_green(readers_of(f"{side}.{table.name}"))


def test_whoever_is_asked_about_is_undetermined_without_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    planted = FAULTS["onedrive_already_there"].plant(scenario(), 5)
    files = render(planted)
    folder = tmp_path_factory.mktemp("orchestrated")
    write(files, folder)
    asked = World(folder, files)
    gone = {name: content for name, content in files.items() if name != "target/Get-SPOSite.json"}
    told = asked.told("target", gone)
    assert told.exit_code == 3
    assert told.document
    assert told.document["mailboxes"]["ready"] == 0
