"""What the README counts is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from ctm_audit.bundled import data_folder
from ctm_audit.rulebook.load import load_book

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_counts_the_rules_of_the_book() -> None:
    told = re.search(r"^(\d+) rules today", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert told
    assert int(told[1]) == len(load_book(data_folder("rules")).rules)
