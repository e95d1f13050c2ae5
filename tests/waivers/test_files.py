"""The two files: every fault at once, each with its place, and nothing that a rule or the mapping does not allow."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from pathlib import Path

import pytest

from ctm_audit.engine.statements import open_statements
from ctm_audit.errors import UsageError
from ctm_audit.rulebook.load import RuleBook
from ctm_audit.statements import Statement, Statements
from tests.engine.tenants import GATES, mapping_of, project_of
from tests.engine.test_run import a_rule
from tests.rulebook.make import checked

MAPPING = mapping_of([("Ada@Contoso.com", "ada@t.com", "1"), ("grace@contoso.com", "grace@t.com", "2")])
BOOK = RuleBook(
    (
        a_rule("A-1", "source.upn = ''"),
        a_rule("A-2", "source.upn = ''", waivable=False),
        a_rule("A-3", "id = ''", over="tenants"),
        checked(id="Q-1", attest=True, states="It is so.", passes="", expected="", found="", over="waves"),
    ),
    GATES,
    "book",
    Path(),
)
WAIVER = """\
[[waiver]]
rule    = "A-1"
objects = ["ada@contoso.com"]
owner   = "Megan Bowen"
reason  = "She cleans up."
expires = 2027-01-31
"""
ATTESTATION = """\
[[attestation]]
rule      = "Q-1"
statement = "It is so."
objects   = ["1", "2"]
who       = "Diego"
role      = "legal counsel"
when      = 2026-12-20
expires   = 2027-03-01
"""


def opened(folder: Path, waivers: str | None = None, attestations: str | None = None) -> Statements:
    project = project_of(folder, waves=("1", "2"))
    named = dataclasses.replace(
        project, waivers=_file(folder, "waivers", waivers), attestations=_file(folder, "attestations", attestations)
    )
    return open_statements(named, MAPPING, BOOK)


def _file(folder: Path, name: str, text: str | None) -> Path | None:
    if text is None:
        return None
    (folder / f"{name}.toml").write_text(text, encoding="utf-8", newline="\n")
    return folder / f"{name}.toml"


def faults(folder: Path, waivers: str | None = None, attestations: str | None = None) -> list[str]:
    with pytest.raises(UsageError) as told:
        opened(folder, waivers, attestations)
    assert told.value.exit_code == 2
    return [fault.rpartition("/")[2] for fault in told.value.detail]


def test_both_files_are_read(tmp_path: Path) -> None:
    said = opened(tmp_path, WAIVER, ATTESTATION)
    assert said.records == (
        Statement("waiver", 1, "A-1", ("ada@contoso.com",), "Megan Bowen", "", "She cleans up.", None, date(2027, 1, 31), False),
        Statement("attestation", 1, "Q-1", ("1", "2"), "Diego", "legal counsel", "It is so.", date(2026, 12, 20), date(2027, 3, 1), True),
    )
    assert {kind: file.name for kind, file in said.files.items()} == {"waiver": "waivers.toml", "attestation": "attestations.toml"}
    assert len({file.digest for file in said.files.values()}) == 2


def test_a_project_that_names_none_has_none(tmp_path: Path) -> None:
    assert opened(tmp_path) == Statements()


def test_the_digest_follows_what_is_said_and_not_how(tmp_path: Path) -> None:
    digest = opened(tmp_path, WAIVER).files["waiver"].digest
    assert opened(tmp_path, f"# a comment\r\n{WAIVER}").files["waiver"].digest == digest
    assert opened(tmp_path, WAIVER.replace("cleans", "tidies")).files["waiver"].digest != digest


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('rule    = "A-1"\n', "", "waivers.toml:1:1: [waiver] needs the key 'rule'"),
        ('"A-1"', '"A-7"', "waivers.toml:2:11: there is no rule A-7 in this rule book"),
        ('"A-1"', '"A-2"', "waivers.toml:2:11: A-2 cannot be waived"),
        ('"A-1"', '"Q-1"', "waivers.toml:2:11: Q-1 asks a person"),
        ('["ada@contoso.com"]', "3", "waivers.toml:3:11: objects: objects are named one by one, in an array; this is a number"),
        ('["ada@contoso.com"]', "[]", "this is an empty array"),
        ('["ada@contoso.com"]', '"ada@contoso.com"', "this is text"),
        ('["ada@contoso.com"]', '["ada@contoso.com", "ADA@contoso.com"]', "'ada@contoso.com' stands here twice"),
        ('["ada@contoso.com"]', '["ada@contoso.com", "eve@contoso.com"]', "waivers.toml:3:31: 'eve@contoso.com' is not a source key"),
        ('["ada@contoso.com"]', '["*"]', "'*' is not a source key of the mapping"),
        ('owner   = "Megan Bowen"\n', "", "needs the key 'owner'"),
        ('"Megan Bowen"', '"  "', "owner: must not be empty"),
        ('reason  = "She cleans up."\n', "", "needs the key 'reason'"),
        ("expires = 2027-01-31\n", "", "needs the key 'expires'"),
        ("2027-01-31", '"soon"', "expires: 'soon' is not a date such as 2027-01-31"),
        ("2027-01-31", "2027-01-31T10:00:00Z", "expires: a date such as 2027-01-31 is needed, this is a time"),
        ("2027-01-31", "2027-01-31\naccepts_undetermined = 1", "true or false is needed, this is a number"),
        ("2027-01-31", "2027-01-31\nacepts_undetermined = true", "unknown key 'acepts_undetermined'"),
        ("[[waiver]]", "[waiver]", "write [[waiver]] with two brackets"),
        ("[[waiver]]", "[[waivers]]", "unknown key 'waivers'"),
        ("She cleans up.", "She cleans up.\\u202e", "control characters or invisible ones"),
        ("[[waiver]]", "[[waiver]", "not TOML"),
    ],
)
def test_each_fault_of_a_waiver_has_its_place_and_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    found = faults(tmp_path, WAIVER.replace(old, new, 1))
    assert any(told in fault for fault in found), found


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"Q-1"', '"A-1"', "A-1 is answered by evidence; nobody can state it"),
        ('["1", "2"]', '["1", "3"]', "'3' is not a wave of the project"),
        ("2026-12-20", "2027-03-01", "expires must be later than when"),
        ('role      = "legal counsel"\n', "", "needs the key 'role'"),
        ('statement = "It is so."\n', "", "needs the key 'statement'"),
    ],
)
def test_each_fault_of_an_attestation_has_its_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    found = faults(tmp_path, None, ATTESTATION.replace(old, new, 1))
    assert any(told in fault for fault in found), found


def test_all_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    bad = WAIVER.replace('"A-1"', '"A-2"').replace("ada@", "eve@")
    found = faults(tmp_path, f"{bad}\n{WAIVER.replace('Megan Bowen', '')}", ATTESTATION.replace('"Q-1"', '"A-3"'))
    assert [fault.partition(" ")[0] for fault in found] == [
        "attestations.toml:2:13:",
        "attestations.toml:4:14:",
        "attestations.toml:4:19:",
        "waivers.toml:2:11:",
        "waivers.toml:3:12:",
        "waivers.toml:11:11:",
    ]


def test_a_file_that_the_project_names_must_be_there(tmp_path: Path) -> None:
    project = dataclasses.replace(project_of(tmp_path), waivers=tmp_path / "waivers.toml")
    with pytest.raises(UsageError, match="1 place") as told:
        open_statements(project, MAPPING, BOOK)
    assert "the file does not exist" in told.value.detail[0]


def test_a_tenant_is_named_by_its_side(tmp_path: Path) -> None:
    assert opened(tmp_path, WAIVER.replace('"A-1"', '"A-3"').replace("ada@contoso.com", "Source")).records
    assert "source or target" in faults(tmp_path, WAIVER.replace('"A-1"', '"A-3"').replace("ada@contoso.com", "contoso.com"))[0]


def test_a_waiver_counts_until_the_day_on_which_it_expires() -> None:
    waiver = Statement("waiver", 1, "A-1", ("a",), "Megan", "", "why", None, date(2027, 1, 31), False)
    assert waiver.lapse(datetime(2027, 1, 30, 23, 59, 59)) is None
    assert waiver.lapse(datetime(2027, 1, 31)) == "the waiver of Megan expired on 2027-01-31"


def test_an_attestation_counts_from_its_day_in_the_earliest_zone() -> None:
    said = Statement("attestation", 1, "Q-1", ("a",), "Diego", "lead", "so", date(2027, 1, 10), date(2027, 1, 31), True)
    assert said.lapse(datetime(2027, 1, 9, 10)) is None
    assert said.lapse(datetime(2027, 1, 9, 9, 59)) == "the attestation of Diego is dated 2027-01-10, later than this audit"
