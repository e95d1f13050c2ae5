"""exclude.csv: what is read, and every fault with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit.errors import UsageError
from ctm_audit.exclusions import read_exclusions
from ctm_audit.project import load, load_project
from tests.project.files import MAPPING, PROJECT, write


def read(folder: Path, content: str) -> tuple[dict[str, str], list[str]]:
    path = folder / "exclude.csv"
    path.write_text(content, encoding="utf-8", newline="\n")
    found = read_exclusions(path)
    return dict(found.reasons), [f"{fault.line}:{fault.column} {fault.message}" for fault in found.faults]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_each_line_names_a_mailbox_and_a_reason(separator: str, tmp_path: Path) -> None:
    lines = [("Source", "Reason"), ("Scanner@Contoso.com", '"leased, until June"'), (" room@contoso.com ", "sold")]
    content = "\r\n".join(separator.join(line) for line in lines) + "\r\n\r\n"
    assert read(tmp_path, content) == ({"scanner@contoso.com": "leased, until June", "room@contoso.com": "sold"}, [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a@s.com", "2:1 the line has 1 cells, the header has 2"),
        ("a@s.com,", "2:9 reason is empty: say why this mailbox stays behind"),
        (",gone", "2:1 source is empty"),
        ("a@s.com,gone,really", "2:14 the line has 3 cells, the header has 2"),
        ('a@s.com,"gone', "2:9 the quote does not close on this line"),
    ],
)
def test_a_line_that_makes_no_sense(line: str, fault: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"source,reason\n{line}\n")[1] == [fault]


def test_a_mailbox_is_excluded_once(tmp_path: Path) -> None:
    assert read(tmp_path, "source,reason\na@s.com,gone\nA@S.com,sold\n")[1] == ["3:1 source 'a@s.com' stands already in line 2"]


def test_without_its_header_nothing_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "a@s.com,gone\n") == ({}, ["1:1 the header must be source,reason"])


def test_who_moves_cannot_stay(tmp_path: Path) -> None:
    path = write(tmp_path)
    source = MAPPING.splitlines()[1].split(",")[0]
    (tmp_path / "exclude.csv").write_text(f"source,reason\n{source.upper()},leaves\n", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load(path)
    assert "stands in line 2 of the mapping too" in str(refused.value.detail)


def test_a_file_that_the_project_names_must_be_there(tmp_path: Path) -> None:
    path = write(tmp_path, toml=PROJECT.replace("[project]\n", '[project]\nexclude = "stays.csv"\n', 1))
    with pytest.raises(UsageError) as refused:
        load_project(path)
    assert "does not exist" in str(refused.value.detail)


def test_who_stays_is_part_of_what_the_project_says(tmp_path: Path) -> None:
    path = write(tmp_path)
    before = load_project(path)
    (tmp_path / "exclude.csv").write_text("source,reason\nscanner@contoso.com,sold\n", encoding="utf-8")
    after = load_project(path)
    assert after.excluded == {"scanner@contoso.com": "sold"}
    assert after.digest != before.digest
