"""What the script writes, `import` reads without a gap, and the audit says the same as of everything."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ctm_audit import api
from ctm_audit.evidence.tables import SIDES, Side, evidence_of
from ctm_audit.model import Step
from ctm_audit.project import load
from ctm_audit.readers.collected import ONLY_MAPPED
from ctm_audit.readers.importing import OTHER_SALT, ImportResult
from ctm_audit.sim import FAULTS, Scenario, contoso_to_fabrikam
from ctm_audit.sim.contoso import SCOPE_GROUP
from ctm_audit.sim.examples import broken_scenario
from ctm_audit.sim.export import export
from tests.collect_script.emulation import Exporter, tables_with_people


def every_fault() -> Scenario:
    """Every fault that a mailbox can have, each in a row of its own."""
    faults = [fault for fault in FAULTS.values() if fault.place == "row"]
    scenario = contoso_to_fabrikam(people=len(faults) + 3)
    for row, fault in enumerate(faults):
        scenario = fault.plant(scenario, row)
    return scenario


SCENARIOS = {"clean": contoso_to_fabrikam, "broken": broken_scenario, "every fault": every_fault}


def take(scenario: Scenario, folder: Path, **options: Any) -> dict[Side, ImportResult]:
    """Both sides exported by the script's twin and imported from their zips."""
    export(scenario, folder)
    project, _ = load(folder)
    zips = {side: Exporter(scenario, side, **options).export(folder / f"{side}.zip") for side in SIDES}
    return {side: api.import_exports(project, side, [path]) for side, path in zips.items()}


def verdicts(folder: Path) -> tuple[bool | None, list[list[str]]]:
    project, mapping = load(folder)
    document = api.audit(project, mapping, step=Step.SUBMIT, out=folder / "runs").with_findings()
    told = [
        [found["rule"], found["verdict"], found["object"]["id"], found["expected"] or "", found["found"] or ""]
        for found in document["findings"]
    ]
    counts = [[rule["id"], str(rule["passed"]), str(rule["failed"]), str(rule["undetermined"])] for rule in document["rules"]]
    return document["ready"], sorted(told) + counts


@pytest.mark.parametrize("everybody", [False, True], ids=["mapped", "all"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_zip_is_read_without_a_gap(tmp_path: Path, name: str, everybody: bool) -> None:
    for side, result in take(SCENARIOS[name](), tmp_path, everybody=everybody).items():
        assert not result.gaps, [gap.what for gap in result.gaps]
        assert result.exit_code == 0
        assert result.bundle.tables.keys() == {table.name for table in evidence_of(side) if table.scripted or not table.optional}
        notes = {table for table, entry in result.bundle.tables.items() if any(ONLY_MAPPED in note for note in entry.notes)}
        assert notes >= (set() if everybody else set(tables_with_people(side)))
        assert bool(notes) is not everybody


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_audit_of_the_mapped_people_says_what_the_audit_of_everybody_says(tmp_path: Path, name: str) -> None:
    scenario = SCENARIOS[name]()
    told = {}
    for options in ({"everybody": False}, {"everybody": True}):
        folder = tmp_path / str(options["everybody"])
        take(scenario, folder, **options)
        told[options["everybody"]] = verdicts(folder)
    assert told[False] == told[True]
    assert told[True][0] is (name == "clean")


def test_nobody_else_is_in_the_export(tmp_path: Path) -> None:
    scenario = contoso_to_fabrikam()
    exporter = Exporter(scenario, "source")
    path = exporter.export(tmp_path / "source.zip")
    mapped = {row.source.casefold() for row in scenario.rows}
    others = [box for box in scenario.source.mailboxes if box.upn.casefold() not in mapped]
    assert others
    with zipfile.ZipFile(path) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist()).casefold()
    assert not [box.upn for box in others if box.upn.casefold() in text or (box.object_id and box.object_id in text)]


def test_the_hashes_of_the_script_are_those_of_an_import_of_everybody(tmp_path: Path) -> None:
    scenario = contoso_to_fabrikam()
    by_script = take(scenario, tmp_path / "script")["target"].bundle
    by_import = take(scenario, tmp_path / "import", everybody=True)["target"].bundle
    one, other = (pq.read_table(bundle.parquet("others")).to_pylist() for bundle in (by_script, by_import))
    assert len(one) > 20
    assert one == other
    assert by_script.scope is not None
    assert by_import.scope is not None
    assert by_script.scope.salt == by_import.scope.salt != ""


def test_without_hashes_nobody_says_that_nobody_else_holds_something(tmp_path: Path) -> None:
    result = take(contoso_to_fabrikam(), tmp_path, salt="")["target"]
    assert result.exit_code == 3
    assert [gap.table for gap in result.gaps] == ["others"]
    assert "Others.Get-Recipient.json" in result.gaps[0].what


def test_hashes_of_another_salt_are_not_compared(tmp_path: Path) -> None:
    result = take(contoso_to_fabrikam(), tmp_path, salt="00" * 32)["target"]
    assert [gap.what for gap in result.gaps] == [OTHER_SALT]


@pytest.mark.parametrize("name", ["clean", "broken"])
def test_whom_the_service_did_not_answer_for_is_not_taken_for_somebody_without(tmp_path: Path, name: str) -> None:
    scenario = SCENARIOS[name]()
    person = scenario.mailbox(1)
    result = take(scenario, tmp_path, dumb=[person.object_id])["source"]
    assert result.exit_code == 3
    for table in ("license_details", "mailbox_statistics"):
        entry = result.bundle.tables[table]
        assert not entry.complete
        assert f"1 object could not be asked: {person.object_id}" in entry.reason
    ready, _ = verdicts(tmp_path)
    assert ready is not True


def test_a_group_is_known_by_its_real_name(tmp_path: Path) -> None:
    scenario = contoso_to_fabrikam()
    bundle = take(scenario, tmp_path)["source"].bundle
    with zipfile.ZipFile(tmp_path / "source.zip") as archive:
        assert f"Get-DistributionGroupMember.{SCOPE_GROUP}_s.json" in archive.namelist()
    assert bundle.tables["group_members"].parts == (SCOPE_GROUP.casefold(),)
    assert pq.read_table(bundle.parquet("group_members"))["part"].unique().to_pylist() == [SCOPE_GROUP.casefold()]


def test_the_record_names_what_was_run(tmp_path: Path) -> None:
    path = Exporter(contoso_to_fabrikam(), "source").export(tmp_path / "source.zip")
    with zipfile.ZipFile(path) as archive:
        record = json.loads(archive.read("_export.json"))
    assert {one["command"] for one in record["tables"]} >= {
        "Get-Mailbox -ResultSize Unlimited",
        "Get-MailboxStatistics -Identity <Identity>",
    }
