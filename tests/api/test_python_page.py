"""docs/python.md: its blocks run in their order, and its tables name every column. A few rules judge here: this is about the page."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.rulebook.load import load_book

FEW = {"STP-01", "STP-14", "MBX-12W", "MBX-09"}
PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")


def documented(frame: str) -> list[str]:
    """The columns that the table of a data frame names, in order."""
    section = re.search(rf"### `run\.{frame}`.*?\n\n(.*?)\n\n", PAGE, re.DOTALL)
    assert section
    first_cells = [line.split("|")[1] for line in section[1].splitlines()[2:]]
    return [name for cell in first_cells for name in re.findall(r"`([a-z_]+)`", cell)]


def test_the_page_runs_from_exports_to_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    book = load_book(data_folder("rules"))
    few = dataclasses.replace(book, checked=tuple(one for one in book.checked if one.rule.attest or one.rule.id in FEW))
    monkeypatch.setattr(api, "load_book", lambda *_: few)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for number, block in enumerate(re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)):
        exec(compile(block, f"docs/python.md, block {number}", "exec"), names)  # noqa: S102 - our own page, as its reader runs it
    run, shown = names["run"], capsys.readouterr().out
    assert run.ready is False
    assert "[{'relation': 'pairs'" in shown
    assert "Writing the findings 0/" in shown
    assert "2 There is no run no-such-run" in shown
    assert names["shared"]
    assert (tmp_path / "readiness.xlsx").read_bytes().startswith(b"PK")
    assert documented("findings") == [*run.findings.columns]
    assert documented("rules") == [*run.rules.columns]
    own = documented("mailboxes")
    assert own == [*run.mailboxes.columns][: len(own)]
    assert all("." in name for name in run.mailboxes.columns[len(own) :])


def test_an_answer_without_rows_has_its_columns_and_types(broken_project: Path) -> None:
    frame = api.load_run(project=broken_project).query("select id, count(*) as n from mailboxes where false group by id")
    assert [*frame.columns] == ["id", "n"]
    assert str(frame["n"].dtype) == "int64"
