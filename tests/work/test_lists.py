"""The work lists of a real run: everything that waits for somebody stands in the table of its owner, and on the page."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from ctm_audit.engine.folder import read_findings
from ctm_audit.engine.runs import RunRecord
from ctm_audit.model import Owner
from ctm_audit.report.work.lists import write_work
from ctm_audit.report.work.rows import WORK
from ctm_audit.report.work.shares import SHOWN
from tests.collect_script.powershell import faults
from tests.work.made import HOSTILE, finding, record

MARKDOWN = MarkdownIt("commonmark").enable("table")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_finding_that_waits_for_somebody_is_in_the_table_of_its_owner(demo: RunRecord) -> None:
    work = Counter((told["owner"], told["rule"]) for told in read_findings(demo.folder) if told["verdict"] in WORK)
    tables = {path.stem: rows(path) for path in (demo.folder / "work").glob("*.csv")}
    assert set(tables) == {str(owner) for owner in Owner}
    assert Counter((owner, row["rule"]) for owner, table in tables.items() for row in table) == work
    assert {row["verdict"] for table in tables.values() for row in table} <= set(WORK)


def test_every_owner_has_a_page_with_all_their_rules_and_scripts_that_parse(demo: RunRecord) -> None:
    folder = demo.folder / "work"
    for told in demo.document["owners"]:
        page = (folder / f"{told['owner']}.md").read_text(encoding="utf-8")
        assert [rule for rule in told["rules"] if f"### {rule} " not in page] == []
    assert sorted(path.name for path in folder.glob("*.ps1")) == ["target-admin-exo.ps1", "target-admin-graph.ps1"]
    assert [faults(path.read_text(encoding="ascii")) for path in folder.glob("*.ps1")] == [[], []]


def test_a_page_says_what_the_how_to_does_which_script_helps_and_what_to_export_again(demo: RunRecord) -> None:
    page = (demo.folder / "work" / "target-admin.md").read_text(encoding="utf-8")
    assert "The usual how-to never sets the ArchiveGuid." in page
    assert "The commands stand in `target-admin-exo.ps1`." in page
    gaps = [gap for gap in demo.document["gaps"] if gap["side"] == "target"]
    assert gaps
    assert [gap for gap in gaps if gap["export"] not in page] == []
    assert "export your tenant again" in page
    assert "export your tenant" not in (demo.folder / "work" / "legal.md").read_text(encoding="utf-8")


def test_the_same_run_has_the_same_work_lists(demo: RunRecord, tmp_path: Path) -> None:
    (tmp_path / "findings.parquet").write_bytes(demo.findings_file.read_bytes())
    write_work(RunRecord(tmp_path, demo.document))
    first, second = ({path.name: path.read_bytes() for path in (folder / "work").iterdir()} for folder in (demo.folder, tmp_path))
    assert first == second


def test_no_cell_is_a_formula_and_no_value_is_markup(tmp_path: Path) -> None:
    formulas = ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\uff1d1"]
    names = [*HOSTILE, *formulas]
    made = (finding(object_name=name, object_id=name, expected=name, found=name, reason=name, wave=name, command=name) for name in names)
    write_work(record(tmp_path, (told | {"fix_kind": "manual"} for told in made)))
    cells = [value for row in rows(tmp_path / "work" / "target-admin.csv") for value in row.values()]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n\uff1d"))]
    assert "'=1" in cells
    page = (tmp_path / "work" / "target-admin.md").read_text(encoding="utf-8")
    assert "\u202e" not in page
    tokens = MARKDOWN.parse(page)
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
    table = [token for token in tokens if token.type == "tr_open"]
    assert len(table) == 1 + len(names)
    assert sum(token.type == "td_open" for token in tokens) == 4 * len(names)
    loud = [child.content for token in tokens for child in token.children or () if child.type == "text"]
    assert not [text for text in loud if "@everyone" in text or "alert" in text or "https://example" in text]


@pytest.mark.parametrize("count", [SHOWN, SHOWN + 7])
def test_a_page_shows_some_of_many_objects_and_says_how_many_are_left_out(tmp_path: Path, count: int) -> None:
    write_work(record(tmp_path, (finding(fix_kind="manual") for _ in range(count))))
    page = (tmp_path / "work" / "target-admin.md").read_text(encoding="utf-8")
    assert page.count("| `a@contoso.com` |") == SHOWN
    assert ("7 more in the table." in page) == (count > SHOWN)
    assert len(rows(tmp_path / "work" / "target-admin.csv")) == count


def test_an_owner_without_work_has_no_list(tmp_path: Path) -> None:
    write_work(record(tmp_path, [finding(verdict="waived", owner="legal"), finding()]))
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["target-admin.csv", "target-admin.md"]
