"""docs/evidence.md names every export line, and every command of the catalogue that gives no table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ctm_audit.evidence.tables import SIDES, TABLES, Side, tables_of

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
CATALOGUE = Path(__file__).parents[3] / "shared" / "facts" / "rules.md"
NAMED = re.compile(r"\b(?:Get|Export|Search)-[A-Z][A-Za-z]+")


def named_in_the_catalogue() -> set[str]:
    """Reads ../shared: the commands that sections 5.1 to 5.9 and 6.4 name; without it, those of the tables."""
    if not CATALOGUE.exists():
        return {name for table in TABLES.values() for name in NAMED.findall(table.export)}
    text = CATALOGUE.read_text(encoding="utf-8")
    sections = text.split("### 5.1 ")[1].split("### 5.10 ")[0], text.split("### 6.4 ")[1].split("### 6.5 ")[0]
    return {name for section in sections for name in NAMED.findall(section)}


@pytest.mark.parametrize("side", SIDES)
def test_the_page_has_the_export_lines_of_each_side(side: Side) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"### {side.capitalize()} tenant\n\n")[1]
    lines = section.partition("```powershell\n")[2].partition("```")[0].splitlines()
    assert lines == [table.export for table in tables_of(side)]


def test_every_command_of_the_catalogue_gives_a_table_or_has_a_reason_why_not() -> None:
    lines = [line for table in TABLES.values() for line in (table.command, *table.stems, table.export, *table.other_exports)]
    given = {name for line in lines for name in NAMED.findall(line)}
    without = PAGE.read_text(encoding="utf-8").split("## What is not asked for\n")[1].split("\n## ")[0]
    assert len(named_in_the_catalogue()) > 20
    assert named_in_the_catalogue() - given <= set(NAMED.findall(without))
    assert not given & set(re.findall(r"^\| (`.*?) \|", without, re.MULTILINE))
