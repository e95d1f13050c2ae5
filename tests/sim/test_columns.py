"""Every column of every table can be read from what the simulated tenants export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.evidence.tables import SIDES, Side, Table, tables_of
from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.examples import clean
from ctm_audit.sim.export import render, stem_of
from tests.sim.exported import objects, row, rows

FILES = clean()
EVERY = [pytest.param(side, table, id=f"{side}-{table.name}") for side in SIDES for table in tables_of(side)]
REAL_OBJECTS = Path(__file__).parents[3] / "shared" / "cases" / "exchange-objects.json"
REAL: dict[str, list[dict[str, Any]]] = json.loads(REAL_OBJECTS.read_text(encoding="utf-8")) if REAL_OBJECTS.exists() else {}


@pytest.mark.parametrize(("side", "table"), EVERY)
def test_every_column_of_every_object_is_readable(side: Side, table: Table) -> None:
    found = [row(item, table.columns_of(side)) for item in objects(FILES, side, table)]
    assert found
    assert all(set(one) == {column.name for column in table.columns_of(side)} for one in found)


@pytest.mark.parametrize(("side", "table"), EVERY)
def test_what_the_service_always_prints_is_printed(side: Side, table: Table) -> None:
    for column in (column for column in table.columns_of(side) if column.never_blank):
        assert any(item[column.property] not in (None, "", []) for item in objects(FILES, side, table)), column.name


@pytest.mark.parametrize(("side", "table"), EVERY)
def test_keys_are_unique_and_only_system_mailboxes_have_none(side: Side, table: Table) -> None:
    own = [name for name in table.key if name != "part"]
    keys = []
    for item in objects(FILES, side, table):
        cells = row(item, table.columns_of(side))
        key = tuple(cells[name] for name in own)
        if all(key):
            keys.append(key)
        else:
            assert item["RecipientTypeDetails"] in table.keyless
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("side", "table"), EVERY)
def test_objects_carry_more_than_the_audit_reads(side: Side, table: Table) -> None:
    read = {column.property for column in table.columns_of(side)}
    assert all(len(item) > len(read) for item in objects(FILES, side, table))


@pytest.mark.parametrize("side", SIDES)
def test_the_record_of_the_export_counts_every_table_once(side: Side) -> None:
    record = json.loads(FILES[f"{side}/_export.json"])
    counted = {entry["file"]: entry["count"] for entry in record["tables"]}
    assert counted == {f"{stem_of(table)}.json": len(objects(FILES, side, table)) for table in tables_of(side)}
    assert len(record["tables"]) == len(counted)
    assert record["started_at"] <= min(entry["collected_at"] for entry in record["tables"])
    assert max(entry["collected_at"] for entry in record["tables"]) <= record["finished_at"] <= "2026-11-20T18:00:00Z"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(("target", "accepted_domains"), "accepted_domains"), (("target", "organization_relationships"), "org_relationships")],
)
def test_settings_have_no_property_that_real_tenants_lack(ours: tuple[Side, str], theirs: str) -> None:
    """Reads real objects from ../shared where that is present; names that were checked by hand stand for it elsewhere."""
    side, name = ours
    table = next(one for one in tables_of(side) if one.name == name)
    known = {key for item in REAL.get(theirs, []) for key in item} or {column.property for column in table.columns_of(side)}
    printed = objects(FILES, side, table)[0]
    assert {column.property for column in table.columns_of(side)} <= known & set(printed)
    assert not REAL or set(printed) <= known


def test_both_ways_of_writing_a_time_are_there() -> None:
    source, target = (json.loads(FILES[f"{side}/Get-Mailbox.json"])[0]["WhenCreatedUTC"] for side in SIDES)
    assert (source, target) == ("/Date(1551686400000)/", "2019-03-04T08:00:00Z")


def test_a_small_scenario_is_readable_too() -> None:
    files = render(contoso_to_fabrikam(people=1, seed=7))
    assert [
        one["wave"] for one in [dict(zip(("source", "target", "wave"), files["mapping.csv"].splitlines()[1].split(","), strict=False))]
    ] == ["pilot"]
    assert len(rows(files, "source", "group_members")) == 1
