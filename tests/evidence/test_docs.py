"""docs/evidence.md names every export line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit.evidence.tables import SIDES, Side, tables_of

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"


@pytest.mark.parametrize("side", SIDES)
def test_the_page_has_the_export_lines_of_each_side(side: Side) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"### {side.capitalize()} tenant\n\n")[1]
    lines = section.partition("```powershell\n")[2].partition("```")[0].splitlines()
    assert lines == [table.export for table in tables_of(side)]
