"""The generated documentation: complete, and checked for what differs or belongs to nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.evidence.relations import RELATIONS
from ctm_audit.rulebook import docs
from ctm_audit.rulebook.grammar import AGGREGATES, FUNCTIONS
from ctm_audit.rulebook.load import load_book

BOOK = load_book(data_folder("rules"))


def test_every_relation_field_and_function_is_documented() -> None:
    page = docs.relations_page()
    for relation in RELATIONS.values():
        assert f"### {relation.name}\n" in page
        assert all(f"| `{field.name}` |" in page for field in relation.fields)
    for name in (*FUNCTIONS, *(name for name in AGGREGATES if name != "count_star")):
        assert not name.isidentifier() or f"`{name}`" in page, name


def test_a_field_names_its_cmdlet_and_property() -> None:
    assert (
        "| `source.legacy_exchange_dn` | text | LegacyExchangeDN as written | source Get-Mailbox: LegacyExchangeDN |"
        in docs.relations_page()
    )


def test_every_rule_has_a_page_and_is_in_the_index_by_gate_and_by_step() -> None:
    made = docs.pages(BOOK)
    for rule in BOOK.rules:
        assert rule.title in made[f"rules/{rule.id}.md"]
        assert made["rules/index.md"].count(f"({rule.id}.md)") == 1 + max(1, len(rule.blocks))


def test_differences_are_named(tmp_path: Path) -> None:
    made = docs.pages(BOOK)
    docs.write(tmp_path, made)
    assert docs.differences(tmp_path, made) == []
    (tmp_path / "rules" / "index.md").write_text("old", encoding="utf-8")
    (tmp_path / "rules" / "STP-05.md").unlink()
    (tmp_path / "rules" / "OLD-01.md").write_text("gone", encoding="utf-8")
    assert docs.differences(tmp_path, made) == [
        "docs/rules/index.md is not as generated",
        "docs/rules/STP-05.md is not as generated",
        "docs/rules/OLD-01.md belongs to no rule",
    ]
    docs.write(tmp_path, made)
    assert docs.differences(tmp_path, made) == []


def test_the_check_says_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(docs, "FOLDER", tmp_path)
    assert docs.main(["--check"]) == 1
    assert "docs/relations.md is not as generated" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
