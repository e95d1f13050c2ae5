"""A bundle that is old, from the future, changed, or somebody else's is no evidence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ctm_audit import api
from ctm_audit.errors import EvidenceGap, Refused, UsageError
from ctm_audit.evidence.bundle import open_bundle
from ctm_audit.evidence.tables import SIDES, Side, Table
from ctm_audit.model import Step
from tests.never_green.rounds import Lost, marked, rounds, tables
from tests.never_green.world import PLACES, World, clean, readers_of, recorded

EVERY = [pytest.param(side, table, id=f"{side}-{table.name}") for side, table in PLACES]
COLLECTED = datetime(2026, 11, 20, 17)


@pytest.mark.parametrize(
    ("step", "age", "exit_code"),
    [
        (Step.SUBMIT, timedelta(hours=23), 0),
        (Step.SUBMIT, timedelta(hours=25), 3),
        (Step.PREPARE, timedelta(hours=25), 0),
        (Step.PREPARE, timedelta(days=8), 3),
        (Step.ASSESS, timedelta(days=29), 0),
        (Step.ASSESS, timedelta(days=31), 3),
        (Step.SUBMIT, timedelta(minutes=59), 0),
        (Step.SUBMIT, timedelta(minutes=-20), 1),
    ],
)
def test_evidence_counts_for_as_long_as_the_step_allows(step: Step, age: timedelta, exit_code: int, world: World) -> None:
    assert world.judged(world.bundles, step=step, now=COLLECTED + age).exit_code == exit_code


@pytest.mark.parametrize(("collected_at", "exit_code"), [("2026-11-19T17:00:00Z", 3), ("2026-11-20T19:00:00Z", 1)])
@pytest.mark.parametrize("lost", marked(rounds(tables())))
def test_one_table_that_is_too_old_or_from_the_future(lost: tuple[Lost, ...], collected_at: str, exit_code: int, world: World) -> None:
    """Time alone made the one old; the other bears a time that somebody got wrong."""
    files = clean()
    for one in lost:
        files = recorded(files, one.side, one.table, collected_at=collected_at)
    readers = readers_of(*(one.place for one in lost))
    told = world.told(lost[0].side, files, readers=readers)
    assert told.exit_code == exit_code
    assert not told.still_green(readers)


@pytest.fixture
def own(world: World, tmp_path: Path) -> World:
    """A copy of the clean project that may be damaged."""
    shutil.copytree(world.folder / "evidence", tmp_path / "evidence")
    copy = object.__new__(World)
    copy.__dict__.update(world.__dict__)
    tenants = {side: replace(getattr(world.project, side), bundle=tmp_path / "evidence" / side) for side in SIDES}
    copy.project = replace(world.project, runs=tmp_path / "runs", mapping=tmp_path / "mapping.csv", **tenants)
    return copy


def the_bundle(world: World, side: Side) -> Path:
    (found,) = getattr(world.project, side).bundle.iterdir()
    return Path(found)


@pytest.mark.parametrize(("side", "table"), EVERY)
def test_a_table_of_which_one_byte_was_changed(side: Side, table: Table, own: World) -> None:
    file = the_bundle(own, side) / f"{table.name}.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(Refused, match=f"{table.name}.parquet"):
        open_bundle(file.parent)


def test_an_audit_refuses_a_changed_bundle_and_writes_nothing(own: World) -> None:
    file = the_bundle(own, "target") / "mail_users.parquet"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(Refused, match="not as it was made") as refused:
        api.audit(own.project, own.mapping, step=Step.SUBMIT)
    assert refused.value.exit_code == 5
    assert not own.project.runs.exists()
    assert not own.project.mapping.with_suffix(".lock").exists()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("old", "new"), [('"complete": true', '"complete": false'), ("T17:0", "T18:0"), ('"rows": ', '"rows": 1')])
def test_a_manifest_that_was_changed(side: Side, old: str, new: str, own: World) -> None:
    file = the_bundle(own, side) / "manifest.json"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    with pytest.raises(Refused, match=r"manifest\.json"):
        api.audit(own.project, own.mapping, step=Step.SUBMIT)


@pytest.mark.parametrize("side", SIDES)
def test_no_bundle_of_one_side(side: Side, own: World) -> None:
    shutil.rmtree(the_bundle(own, side))
    with pytest.raises(EvidenceGap, match="no bundle"):
        api.audit(own.project, own.mapping, step=Step.SUBMIT)


@pytest.mark.parametrize("side", SIDES)
def test_the_bundle_of_the_other_side(side: Side, own: World) -> None:
    shutil.rmtree(the_bundle(own, side))
    other = the_bundle(own, "target" if side == "source" else "source")
    shutil.copytree(other, getattr(own.project, side).bundle / other.name)
    with pytest.raises(Refused, match=side):
        api.audit(own.project, own.mapping, step=Step.SUBMIT)


@pytest.mark.parametrize("side", SIDES)
def test_files_of_another_tenant_are_not_imported(side: Side, own: World) -> None:
    with pytest.raises(UsageError, match="not of this tenant"):
        api.import_exports(own.project, side, [own.folder / ("target" if side == "source" else "source")], keep="all")


@pytest.mark.parametrize("side", SIDES)
def test_a_bundle_of_another_tenant(side: Side, own: World) -> None:
    """Made elsewhere, without the project, and put into its folder."""
    mine, stranger = getattr(own.project, side).tenant_id, "11111111-2222-4333-8444-555555555555"
    files = {name: content.replace(mine, stranger) for name, content in clean().items() if name.startswith(f"{side}/")}
    strange = replace(own.project, keep="all", **{side: replace(getattr(own.project, side), tenant_id=stranger)})
    elsewhere = object.__new__(World)
    elsewhere.__dict__.update(own.__dict__ | {"project": strange, "folder": own.project.runs.parent})
    told = own.judged({**own.bundles, side: elsewhere.imported(side, files)})
    assert told.exit_code == 1
    assert told.document
    assert [rule["failed"] for rule in told.document["rules"] if rule["id"] == "ACC-01"] == [1]


def test_an_untouched_copy_is_as_good(own: World) -> None:
    assert all(open_bundle(the_bundle(own, side)).side == side for side in SIDES)
    assert api.audit(own.project, own.mapping, step=Step.SUBMIT).exit_code == 0
