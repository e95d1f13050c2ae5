"""Files that stand in the place of bundled ones: what they change, what is refused, and that the audit says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ctm_audit.reference as package
from ctm_audit import api
from ctm_audit.cli.main import main
from ctm_audit.errors import UsageError
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import Step
from ctm_audit.reference import load_reference

BUNDLED = Path(package.__file__).parent
Override = Callable[..., Path]


@pytest.fixture
def override(tmp_path: Path) -> Override:
    """Puts a bundled file, with texts in it replaced, into the folder of overriding files."""

    def put(name: str, *changes: tuple[str, str]) -> Path:
        text = (BUNDLED / f"{name}.toml").read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        folder = tmp_path / "facts"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.toml").write_text(text, encoding="utf-8", newline="\n")
        return folder

    return put


def faults(folder: Path) -> list[str]:
    with pytest.raises(UsageError) as refused:
        load_reference(folder)
    return list(refused.value.detail)


def test_a_file_replaces_the_bundled_one_of_its_name_and_no_other(override: Override) -> None:
    facts = load_reference(override("limits", ("value = 2_000", "value = 1_500")))
    assert facts.limits["batch_mailboxes"].value == 1500
    assert facts.skus == load_reference().skus
    assert [file.name for file in facts.files if file.overridden] == ["limits"]
    changed = {file.name for file, ours in zip(facts.files, load_reference().files, strict=True) if file.digest != ours.digest}
    assert changed == {"limits"}


def test_comments_blanks_and_line_ends_do_not_change_the_digest(override: Override) -> None:
    folder = override("holds", ("\n[[suffix]]", "\r\n\r\n# our own words\r\n[[suffix]]"))
    ours, theirs = ({file.name: file.digest for file in load_reference(where).files} for where in (None, folder))
    assert ours == theirs


def test_something_new_may_be_added(override: Override) -> None:
    added = '\n    { name = "EXCHANGE_S_NEW", id = "11111111-2222-3333-4444-555555555555", mailbox = true },'
    assert "EXCHANGE_S_NEW" in load_reference(override("licenses", ("plan = [", f"plan = [{added}"))).mailbox_plans


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("limits", "checked = 2026-11-23", "", ["the file needs the key 'checked'"]),
        ("limits", "checked = 2026-11-23", 'checked = "soon"', ["checked: 'soon' is not a date such as 2027-01-31"]),
        ("limits", "value = 2_000", 'value = "2000"', ["value: a whole number is needed, this is text"]),
        ("limits", "value = 2_000", "value = -1", ["value: must not be negative"]),
        ("limits", "value = 2_000", "value = true", ["value: a whole number is needed, this is true or false"]),
        ("limits", 'confidence = "high"', 'confidence = "sure"', ["confidence: 'sure' is none of high, medium, low"]),
        (
            "limits",
            'name = "job_users"',
            'name = "batch_mailboxes"',
            ["a second limit", "has the limit 'job_users', which is missing here"],
        ),
        ("limits", "[[limit]]", "[limit]\n[[limits]]", ["not TOML"]),
        (
            "clouds",
            "graph_host",
            "graf_host",
            ["unknown key 'graf_host' in [cloud]; did you mean 'graph_host'?", "needs the key 'graph_host'"],
        ),
        ("clouds", '["outlook.office365.us"]', "[]", ["exchange_hosts: needs at least one value"]),
        ("clouds", '["outlook.office365.us"]', '"outlook.office365.us"', ["exchange_hosts: an array is needed, this is text"]),
        (
            "clouds",
            '"https://learn.microsoft.com/graph/deployments"',
            '"http://a.example/"',
            ["sources: 'http://a.example/' is no https link"],
        ),
        ("licenses", "9aaf7827-d63c-4b61-89c3-182f06f82e5c", "9aaf7827", ["id: this is not a GUID"]),
        ("licenses", "mailbox = true", "mailbox = 1", ["mailbox: true or false is needed, this is a number"]),
        ("licenses", 'plans = ["EXCHANGE_S_STANDARD"]', 'plans = ["EXCHANGE_X"]', ["'EXCHANGE_X' is not in licenses.toml"]),
        (
            "licenses",
            'name = "EXCHANGE_S_DESKLESS",',
            'name = "KIOSK",',
            ["the bundled file has the plan 'EXCHANGE_S_DESKLESS', which is missing"],
        ),
        ("quotas", 'plan = "EXCHANGE_S_STANDARD"', 'plan = "EXCHANGE_X"', ["'EXCHANGE_X' is not in licenses.toml"]),
        ("errors", 'rules = ["STP-01"]', 'rules = ["every"]', ["rules: 'every' is no rule id such as STP-01"]),
        ("errors", 'rules = ["STP-01"]', "", ["'MissingExchangeGuidException' needs either `rules`"]),
        ("holds", 'retains = "by suffix"', 'retains = "perhaps"', ["retains: 'perhaps' is none of yes, no, by suffix"]),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(override: Override, name: str, before: str, after: str, told: list[str]) -> None:
    found = faults(override(name, (before, after)))
    for sentence in told:
        assert any(sentence in fault for fault in found), found
    assert all(f"{name}.toml" in fault for fault in found)


def line_of(file: Path, text: str) -> int:
    """The line of the first place where a text stands."""
    return next(number for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_all_faults_of_all_files_come_at_once_with_lines(override: Override) -> None:
    override("limits", ("value = 2_000", "value = -1"), ("value = 100", "value = 1.5"))
    folder = override("holds", ('retains = "no"', 'retains = "never"'))
    holds, limits = folder / "holds.toml", folder / "limits.toml"
    places = [f"{holds}:{line_of(holds, 'never')}:11", f"{limits}:{line_of(limits, '= -1')}:9", f"{limits}:{line_of(limits, '1.5')}:9"]
    assert [fault.partition(": ")[0] for fault in faults(folder)] == places


def test_a_file_cut_short_is_refused(override: Override) -> None:
    folder = override("licenses")
    whole = (folder / "licenses.toml").read_text(encoding="utf-8")
    for end in (0, 100, whole.index("\nsku = ["), whole.index("\n[migration]")):
        (folder / "licenses.toml").write_text(whole[:end], encoding="utf-8")
        assert faults(folder)


@pytest.mark.parametrize("make", [lambda _: None, Path.mkdir, lambda path: path.write_text("x")])
def test_a_folder_without_reference_files_is_refused(tmp_path: Path, make: Callable[[Path], Any]) -> None:
    make(tmp_path / "facts")
    with pytest.raises(UsageError, match="not a folder of reference files"):
        load_reference(tmp_path / "facts")


def test_a_misspelt_name_is_refused_and_other_files_are_left_alone(override: Override) -> None:
    folder = override("limits")
    (folder / "README.md").write_text("why we differ", encoding="utf-8")
    assert load_reference(folder).limits
    shutil.copy(folder / "limits.toml", folder / "limit.toml")
    assert ["no reference file has this name" in fault and "limit.toml" in fault for fault in faults(folder)] == [True]


def test_bytes_that_are_no_text_and_deep_nesting_are_refused(override: Override) -> None:
    folder = override("limits")
    (folder / "limits.toml").write_bytes(b"checked = \xff\xfe\x00")
    assert faults(folder)
    (folder / "limits.toml").write_text("x = " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    assert faults(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the clean example with bundles of both sides."""
    folder = api.copy_example("clean", tmp_path_factory.mktemp("example") / "clean")
    opened, _ = api.open_project(folder)
    for side in SIDES:
        api.import_exports(opened, side, [folder / side])
    return folder


def test_the_run_tells_which_facts_it_was_judged_by(project: Path, override: Override, tmp_path: Path) -> None:
    opened, mapping = api.open_project(project)
    ours = api.audit(opened, mapping, step=Step.SUBMIT, out=tmp_path / "ours").document
    assert {name: file["overridden"] for name, file in ours["reference"].items()} == dict.fromkeys(ours["reference"], False)
    folder = override("licenses", ("checked = 2025-12-30", "checked = 2026-06-30"))
    result = api.audit(opened, mapping, step=Step.SUBMIT, out=tmp_path / "theirs", reference=folder)
    told = result.document["reference"]["licenses"]
    assert told["overridden"]
    assert told["checked"] == "2026-06-30"
    assert told["digest"] != ours["reference"]["licenses"]["digest"]
    assert result.document["run_id"] != ours["run_id"]
    assert "licenses.toml of the reference facts is not the bundled one." in result.notes
    page = result.report.read_text(encoding="utf-8")
    assert "replaced</span> by a file of whoever ran the audit" in page
    assert "2026-06-30" in page


def test_facts_reach_the_rules(project: Path, override: Override, tmp_path: Path) -> None:
    folder = override(
        "clouds", ('exchange_hosts = ["outlook.office.com", "outlook.office365.com"]', 'exchange_hosts = ["elsewhere.example"]')
    )
    opened, mapping = api.open_project(project)
    document = api.audit(opened, mapping, step=Step.SUBMIT, out=tmp_path / "runs", reference=folder).document
    failed = {rule["id"] for rule in document["rules"] if rule["failed"] and rule["weight"] != "info"}
    assert failed == {"TRU-14"}


def test_the_command_line_refuses_a_faulty_file_and_writes_nothing(
    project: Path, override: Override, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = override("limits", ("value = 2_000", "value = -1"))
    out = tmp_path / "runs"
    assert main(["audit", "--project", str(project), "--reference", str(folder), "--out", str(out), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)["error"]
    assert told["summary"] == "The reference files have 1 fault."
    limits = folder / "limits.toml"
    assert told["detail"] == [f"{limits}:{line_of(limits, '= -1')}:9: value: must not be negative"]
    assert not out.exists()
