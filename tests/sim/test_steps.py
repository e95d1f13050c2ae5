"""The steps of a project: four honest answers for each example, and a second wave that is audited after the pilot has moved."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ctm_audit import api
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import Step
from ctm_audit.project import load
from ctm_audit.sim import Scenario, contoso_to_fabrikam
from ctm_audit.sim.examples import EXAMPLES
from ctm_audit.sim.export import Files, render, write
from ctm_audit.sim.moved import moved

STEPS = (Step.ASSESS, Step.PREPARE, Step.SUBMIT, Step.COMPLETE)
PAGE = Path(__file__).parents[2] / "examples" / "README.md"
ROW = re.compile(r"^\| `--for (\w+)` \| ([\w ]+)[^|]*\| ([\w ]+)[^|]*\| ([\w ]+)[^|]*\|$", re.MULTILINE)
TOLD = {Step(step): answers for step, *answers in ROW.findall(PAGE.read_text(encoding="utf-8"))}
WORDS = {True: "ready", False: "not ready", None: "undetermined"}


def answers(files: Files, folder: Path, wave: str | None = None) -> dict[Step, dict[str, Any]]:
    """The run of each step over the same bundles."""
    write(files, folder)
    project, mapping = load(folder / "ctm-audit.toml")
    for side in SIDES:
        api.import_exports(project, side, [folder / side])
    return {step: api.audit(project, mapping, step=step, wave=wave).document for step in STEPS}


@pytest.mark.slow
@pytest.mark.parametrize(("place", "name"), [*enumerate(EXAMPLES)])
def test_each_example_answers_each_step_as_its_page_says(place: int, name: str, tmp_path: Path) -> None:
    told = answers(EXAMPLES[name](), tmp_path)
    assert {step: WORDS[run["ready"]] for step, run in told.items()} == {step: TOLD[step][place].strip() for step in STEPS}


@pytest.mark.slow
def test_what_is_due_becomes_a_failure_and_never_silence(tmp_path: Path) -> None:
    """Before the first step that a rule blocks its failures are due; at that step the same objects fail."""
    told = answers(EXAMPLES["contoso-to-fabrikam/broken"](), tmp_path)
    rules = {step: {rule["id"]: rule for rule in run["rules"]} for step, run in told.items()}
    for earlier, later in ((Step.ASSESS, Step.PREPARE), (Step.PREPARE, Step.SUBMIT), (Step.SUBMIT, Step.COMPLETE)):
        for name, rule in rules[earlier].items():
            if rule["due"]:
                assert rules[later][name]["due"] + rules[later][name]["failed"] == rule["due"], (name, earlier)
    assert told[Step.PREPARE]["mailboxes"]["blocked"] < told[Step.SUBMIT]["mailboxes"]["blocked"]


def second_wave(scenario: Scenario) -> Scenario:
    """The pilot has moved, and four weeks later both tenants are exported again."""
    later = timedelta(days=28)
    after = replace(moved(scenario, "pilot"), exported_at=scenario.exported_at + later)
    return after.with_migration(as_of=scenario.migration.as_of + later)


@pytest.fixture(scope="module")
def told_second(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("second")
    write(render(second_wave(contoso_to_fabrikam(people=12))), folder)
    project, mapping = load(folder / "ctm-audit.toml")
    assert [api.import_exports(project, side, [folder / side]).exit_code for side in SIDES] == [0, 0]
    result = api.audit(project, mapping, step=Step.SUBMIT)
    return result.with_findings()


def test_a_pilot_that_has_moved_is_counted_apart(told_second: dict[str, Any]) -> None:
    pilot = sum(row.wave == "pilot" for row in contoso_to_fabrikam(people=12).rows)
    counts = told_second["mailboxes"]
    assert (counts["moved"], counts["blocked"], counts["undetermined"]) == (pilot, 0, 0)
    assert counts["ready"] == 12 - pilot


def test_a_pilot_that_has_moved_makes_no_noise(told_second: dict[str, Any]) -> None:
    pilot = {row.source for row in contoso_to_fabrikam(people=12).rows if row.wave == "pilot"}
    assert [(one["rule"], one["verdict"]) for one in told_second["findings"] if one["object"]["id"] in pilot] == []
    refusing = [one for one in told_second["findings"] if one["weight"] == "blocker" and one["verdict"] in ("fail", "undetermined")]
    assert [(one["rule"], one["object"]["id"], one["found"], one["reason"]) for one in refusing] == []
    assert told_second["ready"] is True
