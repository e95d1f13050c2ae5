"""The committed examples are what the simulator writes, small, and about nobody real."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ctm_audit.sim.examples import EXAMPLES, NO_ARCHIVE_STATISTICS, PLANTED, broken, broken_scenario
from ctm_audit.sim.export import Files
from ctm_audit.sim.faults import FAULTS

EXAMPLES_FOLDER = Path(__file__).parents[2] / "examples"
OURS = re.compile(
    r"(.+\.)?(contoso\.com|fabrikam\.com|(contoso|fabrikam)(\.mail)?\.onmicrosoft\.com|fabrikam\.example|legacy\.example|example\.(com|net|org))",
    re.IGNORECASE,
)
MICROSOFT = re.compile(
    r"(.+\.)?(outlook|office|sharepoint|office365|microsoft|microsoftonline|lync)\.com|(.+\.)?windows\.net", re.IGNORECASE
)
DOMAIN = re.compile(r"(?:@|//|\b)((?:[a-z0-9-]+\.)+(?:com|net|org|example|de|io|eu))\b", re.IGNORECASE)
BROKEN = broken()


@pytest.mark.parametrize("name", EXAMPLES)
def test_committed_examples_are_what_the_simulator_writes(name: str) -> None:
    files: Files = EXAMPLES[name]()
    folder = EXAMPLES_FOLDER / name
    exported = {path.relative_to(folder).as_posix() for side in ("source", "target") for path in (folder / side).iterdir()}
    assert exported | {path.name for path in folder.glob("*.*")} == set(files)
    for path, content in files.items():
        assert (folder / path).read_bytes() == content.encode(), f"{name}/{path}: run `python -m ctm_audit.sim examples`"


def test_the_examples_are_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES_FOLDER.rglob("*") if path.is_file()) < 4_000_000


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_name_no_domain_of_anybody(name: str) -> None:
    for content in EXAMPLES[name]().values():
        strangers = {found for found in DOMAIN.findall(content) if not OURS.fullmatch(found) and not MICROSOFT.fullmatch(found)}
        assert not strangers


def test_the_broken_example_has_about_twenty_different_faults_and_leaves_some_people_ready() -> None:
    kinds = {FAULTS[name].rule for names in PLANTED.values() for name in names}
    assert len(kinds) >= 18
    assert len(broken_scenario().rows) == 30
    assert len(set(range(30)) - set(PLANTED) - set(NO_ARCHIVE_STATISTICS)) >= 6


def test_two_archives_that_the_export_of_the_broken_example_counted_are_lost() -> None:
    found = json.loads(BROKEN["source/Get-MailboxStatistics-Archive.json"])
    missing = {broken_scenario().mailbox(row).archive_guid for row in NO_ARCHIVE_STATISTICS}
    entry = _entry("source", "Get-MailboxStatistics-Archive")
    assert all(missing)
    assert not missing & {item["MailboxGuid"] for item in found}
    assert (entry["count"], entry["error"]) == (len(found) + 2, None)


def test_an_export_of_the_broken_example_is_empty() -> None:
    assert BROKEN["target/Get-ConnectionInformation.json"] == ""
    assert _entry("target", "Get-ConnectionInformation")["error"]


def test_an_export_of_the_broken_example_is_flattened() -> None:
    assert "target/Get-OrganizationRelationship.json" not in BROKEN
    assert BROKEN["target/Get-OrganizationRelationship.csv"].startswith('"DomainNames",')
    assert '"System.String[]"' in BROKEN["target/Get-OrganizationRelationship.csv"]
    assert _entry("target", "Get-OrganizationRelationship")["file"] == "Get-OrganizationRelationship.csv"


def test_the_command_writes_the_examples(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "ctm_audit.sim", str(tmp_path)], check=True, cwd=EXAMPLES_FOLDER.parent)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {f"{name}/{path}" for name, make in EXAMPLES.items() for path in make()}


def _entry(side: str, name: str) -> dict[str, object]:
    record = json.loads(BROKEN[f"{side}/_export.json"])
    return next(entry for entry in record["tables"] if entry["name"] == name)
