"""mapping.lock: what a key once named is remembered, and only a person makes it forget."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from ctm_audit import api
from ctm_audit.errors import UsageError
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import Step
from ctm_audit.project import load
from ctm_audit.sim import Scenario, contoso_to_fabrikam
from ctm_audit.sim.export import render, write
from ctm_audit.sim.faults import FAULTS

Lines = dict[tuple[str, str], tuple[str, str]]
PEOPLE = 3


def prepared(folder: Path, scenario: Scenario) -> Path:
    """A project with the scenario's evidence."""
    write(render(scenario), folder)
    project, _ = load(folder / "ctm-audit.toml")
    for side in SIDES:
        api.import_exports(project, side, [folder / side])
    return folder


def audited(folder: Path, step: Step = Step.SUBMIT) -> api.AuditResult:
    project, mapping = load(folder / "ctm-audit.toml")
    return api.audit(project, mapping, step=step)


def findings(result: api.AuditResult) -> set[tuple[str, str, str]]:
    return {(found["rule"], found["object"]["id"], found["verdict"]) for found in result.with_findings()["findings"]}


def of_keys(result: api.AuditResult) -> set[tuple[str, str, str]]:
    """What the rules about keys find: each of their findings, of whatever verdict."""
    return {found for found in findings(result) if found[0].startswith("KEY-")}


def lines(folder: Path) -> Lines:
    with (folder / "mapping.lock").open(encoding="utf-8", newline="") as file:
        return {(row["side"], row["key"]): (row["object_id"], row["exchange_guid"]) for row in csv.DictReader(file)}


def gate(result: api.AuditResult) -> str:
    return next(str(one["state"]) for one in result.document["gates"] if one["id"] == "identity")


def test_the_first_audit_locks_and_the_second_is_the_same_run(tmp_path: Path) -> None:
    folder = prepared(tmp_path, scenario := contoso_to_fabrikam(people=PEOPLE))
    first = audited(folder)
    locked = lines(folder)
    second = audited(folder)
    assert len(locked) == 2 * PEOPLE
    assert locked["source", scenario.rows[0].source.casefold()] == (scenario.mailbox(0).object_id, scenario.mailbox(0).exchange_guid)
    assert first.document["ready"] is second.document["ready"] is True
    assert first.document["run_id"] == second.document["run_id"]
    assert lines(folder) == locked


@pytest.mark.parametrize("fault", ["source_key_of_a_namesake", "mailbox_made_anew", "target_key_of_another"])
@pytest.mark.parametrize("step", [Step.PREPARE, pytest.param(Step.COMPLETE, marks=pytest.mark.slow)])
def test_a_key_of_another_object_closes_the_gate_and_stays_locked(fault: str, step: Step, tmp_path: Path) -> None:
    clean = contoso_to_fabrikam(people=PEOPLE)
    folder = prepared(tmp_path, FAULTS[fault].plant(clean, 1))
    (side, key), line = next(iter(lines(folder).items()))
    result = audited(folder, step)
    assert of_keys(result) == {("KEY-01", clean.rows[1].source, "fail")}
    assert (gate(result), result.exit_code) == ("closed", 1)
    assert lines(folder)[side, key] == line
    assert len(lines(folder)) == 2 * PEOPLE
    kept = [text for text in (folder / "mapping.lock").read_text(encoding="utf-8").splitlines() if f'"{key}"' not in text]
    (folder / "mapping.lock").write_text("\n".join(kept) + "\n", encoding="utf-8")
    again = audited(folder, step)
    assert (of_keys(again), gate(again)) == (set(), "open")
    assert lines(folder)[side, key] != line
    assert again.document["run_id"] != result.document["run_id"]


@pytest.mark.parametrize("fault", ["source_renamed", "target_renamed"])
def test_a_renamed_object_is_told_until_its_former_line_is_deleted(fault: str, tmp_path: Path) -> None:
    clean = contoso_to_fabrikam(people=PEOPLE)
    folder = prepared(tmp_path, FAULTS[fault].plant(clean, 2))
    ((_, former),) = lines(folder)
    for _ in range(2):
        result = audited(folder)
        assert of_keys(result) == {("KEY-02", clean.rows[2].source, "fail")}
        assert (result.document["ready"], gate(result)) == (True, "open")
        assert former in str(result.with_findings()["findings"])
    kept = [text for text in (folder / "mapping.lock").read_text(encoding="utf-8").splitlines() if f'"{former}"' not in text]
    (folder / "mapping.lock").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert of_keys(audited(folder)) == set()


def test_a_locked_key_that_is_not_seen_stays_locked(tmp_path: Path) -> None:
    folder = prepared(tmp_path, contoso_to_fabrikam(people=PEOPLE))
    audited(folder)
    before = lines(folder)
    clean = contoso_to_fabrikam(people=PEOPLE)
    others = tuple(mailbox for mailbox in clean.source.mailboxes if mailbox is not clean.mailbox(0))
    prepared(folder, clean.with_tenant("source", mailboxes=others))
    assert {rule for rule, *_ in findings(audited(folder))} >= {"IDN-02"}
    assert lines(folder) == before


def test_what_cannot_be_seen_of_a_locked_key_is_undetermined(tmp_path: Path) -> None:
    folder = prepared(tmp_path, contoso_to_fabrikam(people=PEOPLE))
    audited(folder)
    before = lines(folder)
    (folder / "source" / "Get-Mailbox.json").unlink()
    (folder / "source" / "_export.json").unlink()
    project, _ = load(folder / "ctm-audit.toml")
    api.import_exports(project, "source", [folder / "source"], collected_at=project.as_of)
    result = audited(folder)
    rule = next(one for one in result.document["rules"] if one["id"] == "KEY-01")
    assert (rule["undetermined"], rule["passed"], result.exit_code) == (PEOPLE, 0, 3)
    assert lines(folder) == before


def doubled(text: str) -> str:
    return text + text.splitlines()[1] + "\n"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (doubled, "more than once"),
        (lambda text: text.replace("object_id", "id", 1), "does not have the columns"),
        (lambda text: text + '"source"\n', "cannot be read"),
    ],
)
def test_a_damaged_lock_is_refused_and_left_alone(spoil: Callable[[str], str], told: str, tmp_path: Path) -> None:
    folder = prepared(tmp_path, contoso_to_fabrikam(people=PEOPLE))
    audited(folder)
    spoiled = spoil((folder / "mapping.lock").read_text(encoding="utf-8"))
    (folder / "mapping.lock").write_text(spoiled, encoding="utf-8", newline="\n")
    runs = sorted((folder / "runs").iterdir())
    with pytest.raises(UsageError, match=r"mapping\.lock") as refusal:
        audited(folder)
    assert told in str(refusal.value)
    assert (folder / "mapping.lock").read_text(encoding="utf-8") == spoiled
    assert sorted((folder / "runs").iterdir()) == runs
