"""Whole stories: what the simulator writes is imported and audited, and every planted fault is found where it was planted."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.evidence.tables import SIDES, tables_of
from ctm_audit.model import Step, Verdict
from ctm_audit.project import load
from ctm_audit.rulebook.load import load_book
from ctm_audit.sim import FAULTS, Scenario, contoso_to_fabrikam
from ctm_audit.sim.batch_faults import submitted
from ctm_audit.sim.examples import MANY_ADDRESSES, NO_ARCHIVE_STATISTICS, PLANTED, broken, broken_scenario, clean
from ctm_audit.sim.export import CMDLETS, Files, render, write
from ctm_audit.sim.gaps import exported_as_csv

HOLD_LISTS = {"aux_archives", "rights"}
"""Columns that are no list but are made of one."""
ON_ROWS = {name: fault for name, fault in FAULTS.items() if fault.place == "row"}
ON_TENANTS = {name: fault for name, fault in FAULTS.items() if fault.place not in ("row", "dns")}
MASKS = [(rule.id, mask) for rule in load_book(data_folder("rules")).rules for mask in (rule.id.rstrip("W"), *rule.masked_by)]


def _kin(rule: str) -> set[str]:
    """The rules about whole tenants of which one may hide another."""
    judged = {fault.rule for fault in ON_TENANTS.values()}
    kin: set[str] = set()
    grown = {rule}
    while grown - kin:
        kin |= grown
        grown = {other for pair in MASKS if kin & set(pair) for other in pair} & judged
    return kin


# Faults of rules that do not hide each other are planted together.
ROUND_OF = {
    name: [other for other, one in ON_TENANTS.items() if one.rule in _kin(fault.rule)].index(name) for name, fault in ON_TENANTS.items()
}
# What other faults of the tenants would hide: a clock that is ahead makes counts unknown, a missing domain is not asked to leave.
APART = ("LIC-07", "DOM-05", "DOM-06", "DOM-07", "DOM-08", "DOM-10", "BCH-03")
ROUND_OF |= {name: number + 20 for name, number in ROUND_OF.items() if ON_TENANTS[name].rule in APART}
SLOW_STEPS = [pytest.param(step, marks=pytest.mark.slow) for step in (Step.ASSESS, Step.PREPARE)]


@dataclass(frozen=True)
class Story:
    """What came of an export: the exit codes of both imports, of the audit, its document, and (rule, object) → verdict.

    `remarks` are the findings that are told and ask nothing of anybody.
    """

    imports: tuple[int, ...]
    exit_code: int
    document: dict[str, Any]
    findings: dict[tuple[str, str], str]
    remarks: dict[tuple[str, str], str]

    @property
    def open(self) -> dict[tuple[str, str], str]:
        """The findings without those that only a later step asks for, and without what people stated."""
        return {key: verdict for key, verdict in self.findings.items() if verdict not in (Verdict.DUE, Verdict.ATTESTED)}


def story(files: Files, folder: Path, step: Step = Step.SUBMIT, wave: str | None = None) -> Story:
    write(files, folder)
    project, mapping = load(folder / "ctm-audit.toml")
    imports = tuple(api.import_exports(project, side, [folder / side]).exit_code for side in SIDES)
    result = api.audit(project, mapping, step=step, wave=wave)
    with (result.folder / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        told = [(found["weight"], (found["rule"], found["object_id"]), found["verdict"]) for found in csv.DictReader(file)]
    findings, remarks = ({key: verdict for weight, key, verdict in told if (weight == "info") is is_remark} for is_remark in (False, True))
    return Story(imports, result.exit_code, result.document, findings, remarks)


@pytest.mark.parametrize("step", [Step.SUBMIT, *SLOW_STEPS])
def test_the_clean_example_is_ready_up_to_submit(step: Step, tmp_path: Path) -> None:
    told = story(clean(), tmp_path, step)
    assert (told.imports, told.exit_code, told.open) == ((0, 0), 0, {})
    assert told.document["mailboxes"] == {"total": 24, "ready": 24, "blocked": 0, "undetermined": 0, "moved": 0}


def test_nobody_is_switched_before_the_batch_has_copied_them(tmp_path: Path) -> None:
    told = story(clean(), tmp_path / "before", Step.COMPLETE)
    assert {rule for rule, thing in told.open} == {"BCH-13"}
    assert (told.exit_code, told.document["mailboxes"]["blocked"]) == (1, 24)
    after = story(render(submitted(contoso_to_fabrikam(people=24))), tmp_path / "after", Step.COMPLETE, wave="pilot")
    assert (after.exit_code, after.document["mailboxes"]["ready"]) == (0, 4)


def test_tables_without_lists_are_as_good_from_export_csv(tmp_path: Path) -> None:
    scenario = contoso_to_fabrikam(people=3)
    files = render(scenario)
    for side in SIDES:
        for table in (table for table in tables_of(side) if table.name in CMDLETS):
            if not any(column.type == "texts" or column.name in HOLD_LISTS for column in table.columns_of(side)):
                files = exported_as_csv(files, scenario, side, table)
    told = story(files, tmp_path)
    assert sum(name.endswith(".csv") for name in files) > 10
    assert (told.imports, told.exit_code, told.open) == ((0, 0), 0, {})


@pytest.fixture(scope="module")
def everywhere() -> Scenario:
    """Every fault that a mailbox can have, each in a row of its own; the last rows have none."""
    scenario = contoso_to_fabrikam(people=len(ON_ROWS) + 6)
    for row, fault in enumerate(ON_ROWS.values()):
        scenario = fault.plant(scenario, row)
    return scenario


@pytest.fixture(scope="module")
def told_everywhere(everywhere: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return story(render(everywhere), tmp_path_factory.mktemp("everywhere"))


@pytest.mark.parametrize("name", ON_ROWS)
def test_a_fault_of_a_mailbox_is_found_on_that_mailbox(name: str, everywhere: Scenario, told_everywhere: Story) -> None:
    source = everywhere.rows[list(ON_ROWS).index(name)].source
    fault = ON_ROWS[name]
    found = {rule: verdict for (rule, thing), verdict in told_everywhere.findings.items() if thing == source}
    if fault.verdict is Verdict.PASS:
        assert not {rule for rule, verdict in found.items() if verdict not in (Verdict.DUE, Verdict.ATTESTED)}
    else:
        assert (found | {rule: verdict for (rule, thing), verdict in told_everywhere.remarks.items() if thing == source})[
            fault.rule
        ] == fault.verdict
    unknown = {rule for rule, verdict in found.items() if verdict == Verdict.UNDETERMINED}
    if fault.rule == "SNAP-01":  # nobody can say whose delegate anybody is where a calendar did not answer
        unknown = {rule for rule in unknown if not rule.startswith("DEL-")}
    assert "IDN-03" in found or not unknown


def test_mailboxes_without_a_fault_have_no_finding(everywhere: Scenario, told_everywhere: Story) -> None:
    spared = {row.source for row in everywhere.rows[len(ON_ROWS) :]}
    assert not [key for key in told_everywhere.open if key[1] in spared]
    assert told_everywhere.exit_code == 1


@pytest.fixture(scope="module")
def told_rounds(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Story]:
    told = {}
    for number in sorted(set(ROUND_OF.values())):
        scenario = contoso_to_fabrikam(people=3)
        for fault in (fault for name, fault in ON_TENANTS.items() if ROUND_OF[name] == number):
            scenario = fault.plant(scenario)
        told[number] = story(render(scenario), tmp_path_factory.mktemp("round"))
    return told


@pytest.mark.parametrize("name", ON_TENANTS)
def test_a_fault_of_a_tenant_is_found_on_that_tenant(name: str, told_rounds: dict[int, Story]) -> None:
    fault, told = ON_TENANTS[name], told_rounds[ROUND_OF[name]]
    things = [thing for (rule, thing), verdict in (told.findings | told.remarks).items() if rule == fault.rule and verdict == fault.verdict]
    assert things
    assert fault.place not in ("source", "target") or things == [fault.place]
    assert told.imports == (0, 0 if ROUND_OF[name] != ROUND_OF["password_in_an_error"] else 3)


def test_the_broken_example_says_what_is_wrong_and_what_could_not_be_seen(tmp_path: Path) -> None:
    told = story(broken(), tmp_path)
    scenario = broken_scenario()
    assert (told.imports, told.exit_code) == ((3, 3), 1)
    assert told.document["mailboxes"] == {"total": 30, "ready": 10, "blocked": 19, "undetermined": 1, "moved": 0}
    for row, names in PLANTED.items():
        for fault in (FAULTS[name] for name in names):
            assert told.findings.get((fault.rule, scenario.rows[row].source), Verdict.PASS) == fault.verdict
    for row in NO_ARCHIVE_STATISTICS:
        assert told.findings["MBX-12", scenario.rows[row].source] == Verdict.UNDETERMINED
    undetermined = {rule for (rule, _), verdict in told.findings.items() if verdict == Verdict.UNDETERMINED}
    assert undetermined >= {"ACC-01", "ACC-06", "TRU-08", "MBX-12", "MBX-12W", "LIC-09"}
    assert {gate["id"]: gate["state"] for gate in told.document["gates"]}["access"] == "undetermined"
    waived, expired = (record for record in told.document["statements"] if record["kind"] == "waiver")
    assert told.findings["STP-14", scenario.rows[MANY_ADDRESSES].source] == Verdict.WAIVED
    assert (waived["counted"], waived["lapse"]) == (1, None)
    assert (expired["counted"], expired["lapse"]) == (0, "the waiver of Alex Wilber expired on 2026-11-14")
