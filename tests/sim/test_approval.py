"""What was approved is the mapping in one state: after any change of it nobody has approved anything."""

from __future__ import annotations

from pathlib import Path

from ctm_audit.sim import contoso_to_fabrikam
from ctm_audit.sim.export import render
from ctm_audit.sim.project_file import mapping
from tests.sim.test_stories import story


def test_an_approval_ends_with_the_next_change_of_the_mapping(tmp_path: Path) -> None:
    scenario = contoso_to_fabrikam(people=3)
    approved, changed = render(scenario), mapping(scenario.with_row(0, wave="2"))
    before = story(approved, tmp_path / "before")
    after = story(approved | {"mapping.csv": changed}, tmp_path / "after")
    assert before.exit_code == 0
    assert [verdict for (rule, _), verdict in before.findings.items() if rule == "ACC-07"] == ["attested"]
    assert after.exit_code == 3
    assert [verdict for (rule, _), verdict in after.findings.items() if rule == "ACC-07"] == ["undetermined"]


def test_blanks_and_line_ends_are_no_change(tmp_path: Path) -> None:
    files = render(contoso_to_fabrikam(people=3))
    told = story(files | {"mapping.csv": files["mapping.csv"].replace(",", " , ")}, tmp_path)
    assert told.exit_code == 0
