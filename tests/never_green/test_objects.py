"""What is missing of one person is noticed for that person, and a row that is missing is noticed at all."""

from __future__ import annotations

import json
import uuid

import pytest

from ctm_audit.evidence import normalise
from ctm_audit.evidence.relations import RESOLUTION
from ctm_audit.evidence.tables import Column, Side, Table
from ctm_audit.model import Step
from ctm_audit.rulebook.judging import CheckedRule
from ctm_audit.sim.export import as_json
from tests.never_green.rounds import Lost, altered, marked, properties, rounds, tables
from tests.never_green.world import (
    PLACES,
    Item,
    World,
    asked_here,
    changed,
    clean,
    file_of,
    ids_of,
    is_about,
    objects,
    readers_of,
    recorded,
    rewritten,
    scenario,
    table_of,
)

# One whose migration license is assigned in the source, one who has it in the target; both have an archive with a quota.
ROWS: dict[Side, int] = {"source": 3, "target": 9}
PERSONAL = [
    (side, table)
    for side, table in PLACES
    if any(is_about(item, table, ids_of(ROWS[side], side)) for item in objects(clean(), side, table))
]
IDENTITY: dict[Side, str] = {"source": "IDN-02", "target": "IDN-03"}
# Rules of the form "this or that": the other half may be known. A license shows in capabilities and in plans; a MailUser that is
# stamped may have any plan; a key that is not locked may name anybody; one fact about an archive may decide alone.
EITHER_WILL_DO = {"LIC-01", "LIC-04", "LIC-05", "LIC-09", "KEY-01", "MBX-10", "MBX-11", "MBX-12W", "STP-13"}


# Whoever carries the right ExchangeGuid is not held back by what the object once was (STP-13).
DECIDES_ALONE_NOWHERE = {"target.exchange_users"}


def needed(passing: frozenset[tuple[str, int]], row: int) -> set[str]:
    """The rules that block here and pass for the row."""
    blocking = {checked.rule.id for checked in asked_here() if Step.SUBMIT in checked.rule.blocks}
    return {rule for rule, passing_row in passing if passing_row == row} & blocking


def is_minor(place: str) -> bool:
    """True when every rule that reads it only warns or reports."""
    return not any(Step.SUBMIT in checked.rule.blocks for checked in readers_of(place))


def decisive(checked: CheckedRule) -> set[str]:
    """The evidence behind the rule's verdict, but for what only tells the stage or whom the key names."""
    fields = [checked.relation.by_name[name] for name in checked.verdict_fields if name != "stage"]
    return {read for field in fields for read in field.reads if not any(set(field.reads) >= set(keys) for keys in RESOLUTION.values())}


@pytest.mark.parametrize("lost", marked(rounds(properties(places=PERSONAL))))
def test_a_property_that_one_person_lacks(lost: tuple[Lost, ...], world: World) -> None:
    side = lost[0].side
    row = ROWS[side]

    def without(one: Lost, item: Item) -> Item:
        if not is_about(item, one.table, ids_of(row, side)):
            return item
        return {key: value for key, value in item.items() if key != one.name}

    readers = [checked for checked in asked_here() if any(checked.rule.id in one.readers for one in lost)]
    told = world.told(side, altered(clean(), lost, without), who_passes=True, readers=readers)
    passed = {rule for rule, passing_row in told.passing if passing_row == row}
    missing = needed(world.judged(world.bundles, who_passes=True).passing, row) & {checked.rule.id for checked in readers} - passed
    assert told.exit_code in ((3,) if missing else (0, 3))
    if any(one.place in RESOLUTION[side] and "object_id" in {column.name for column in one.columns} for one in lost):
        assert IDENTITY[side] not in passed
    reads = frozenset().union(*(one.reads for one in lost))
    assert (
        not {checked.rule.id for checked in readers if checked.rule.over == "pairs" and reads & decisive(checked)} & passed - EITHER_WILL_DO
    )


@pytest.mark.parametrize(("side", "table"), [pytest.param(*one, id=f"{one[0]}-{one[1].name}") for one in PERSONAL])
def test_a_row_of_one_person_that_is_silently_gone(side: Side, table: Table, world: World) -> None:
    kept = [item for item in objects(clean(), side, table) if not is_about(item, table, ids_of(ROWS[side], side))]
    lost = len(objects(clean(), side, table)) - len(kept)
    files = recorded(rewritten(clean(), side, table, kept), side, table, count=len(kept))
    told = world.told(side, files, readers=readers_of(f"{side}.{table.name}"))
    assert lost
    assert told.document
    if f"{side}.{table.name}" in DECIDES_ALONE_NOWHERE:
        assert told.document["mailboxes"]["ready"] == 24
    elif is_minor(f"{side}.{table.name}"):
        assert {rule["id"] for rule in told.document["rules"] if rule["undetermined"]} & {
            one.rule.id for one in readers_of(f"{side}.{table.name}")
        }
    else:
        assert (told.document["mailboxes"]["ready"], told.exit_code == 0) == (23, False)


@pytest.mark.parametrize("lost", marked(rounds(tables())))
def test_one_object_fewer_than_the_export_counted(lost: tuple[Lost, ...], world: World) -> None:
    side, files = lost[0].side, clean()
    for one in lost:
        files = recorded(files, side, one.table, count=len(objects(clean(), side, one.table)) + 1)
    bundle = world.imported(side, files)
    assert not [one.place for one in lost if bundle.tables[one.table.name].complete]
    assert world.told(side, files, readers=readers_of(*(one.place for one in lost))).exit_code == 3


# A zero ArchiveGuid is the service's word for "no archive": a value. The MailUsers that carry the real one contradict it (STP-04).
# Zero says "no disabled archive" as well. Of MailUsers among the recipients Get-MailUser tells the same ids.
TOLD_BESIDE = {"target.recipients.exchange_guid", "target.recipients.archive_guid", "target.exchange_users.object_id"}
GUIDS = [
    pytest.param(side, table, column, id=f"{side}.{table.name}.{column.name}")
    for side, table in PERSONAL
    for column in table.columns_of(side)
    if column.normalise is normalise.guid
    and column.name not in ("sku_id", "disabled_archive_guid")
    and f"{side}.{table.name}.{column.name}" not in TOLD_BESIDE
]


@pytest.mark.slow
@pytest.mark.parametrize(("side", "table", "column"), GUIDS)
def test_guids_of_mapped_people_that_are_all_zero(side: Side, table: Table, column: Column, world: World) -> None:
    mapped = set().union(*(ids_of(row, side) for row in range(len(scenario().rows))))

    def zeroed(item: Item) -> Item:
        return item | {column.property: normalise.ZERO_GUID} if is_about(item, table, mapped) else item

    told = world.told(side, changed(clean(), side, table, zeroed), readers=readers_of(f"{side}.{table.name}"))
    assert told.exit_code in (1, 3)
    assert told.document
    assert is_minor(f"{side}.{table.name}") or told.document["mailboxes"]["ready"] < len(scenario().rows)


def is_page(lost: Lost) -> bool:
    return isinstance(json.loads(clean()[file_of(lost.side, lost.table)]), dict)


@pytest.mark.parametrize("lost", marked(rounds(filter(is_page, tables()))))
def test_a_page_whose_next_one_nobody_fetched(lost: tuple[Lost, ...], world: World) -> None:
    side, files = lost[0].side, clean()
    for one in lost:
        page = json.loads(files[file_of(side, one.table)])
        link = {"@odata.nextLink": f"https://graph.microsoft.com/v1.0/{one.table.stems[0]}?$skiptoken=x"}
        files = files | {file_of(side, one.table): as_json(link | page)}
    bundle = world.imported(side, files)
    assert not [one.place for one in lost if one.table.name in bundle.tables and bundle.tables[one.table.name].complete]
    assert world.told(side, files, readers=readers_of(*(one.place for one in lost))).exit_code == 3


def test_an_export_of_exactly_a_thousand_objects_was_cut_by_the_cmdlet(world: World) -> None:
    side: Side = "target"
    table = table_of(side, "recipients")
    items = objects(clean(), side, table)
    contacts = [items[0] | {"Guid": str(uuid.UUID(int=number)), "ExternalDirectoryObjectId": ""} for number in range(1, 1001 - len(items))]
    contacts = [contact | {"PrimarySmtpAddress": f"contact{place}@example.net"} for place, contact in enumerate(contacts)]
    uncounted = recorded(clean(), side, table, count=None)
    thousand, fewer = (rewritten(uncounted, side, table, [*items, *some]) for some in (contacts, contacts[1:]))
    assert world.told(side, thousand).exit_code == 3
    assert world.told(side, fewer).exit_code == 0
