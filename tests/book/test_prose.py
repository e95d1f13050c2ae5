"""What the rules say to people: titles that name a problem, whole sentences, the field's words, and sources that can be followed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.model import FixKind, Owner
from ctm_audit.rulebook.load import load_book
from ctm_audit.rulebook.rule import Rule

BOOK = load_book(data_folder("rules"))
RULES = [pytest.param(rule, id=rule.id) for rule in BOOK.rules]
NOT_OUR_WORDS = re.compile(r"\b(validat\w*|scor(?:e|es|ed|ing)|compliant|propagat\w*|licences?|organisations?|todo|tbd)\b", re.IGNORECASE)
THEIR_WORDS = re.compile(r"DataConsistencyScore|data consistency score", re.IGNORECASE)
"""Names that Microsoft gives to things; they are called by their names."""
NO_PROBLEM = re.compile(r"^(Check|Ensure|Verify|Make sure|Test|Confirm)\b")
HOSTS = ("microsoft.com", "github.com", "microsoft.github.io", "rfc-editor.org", "ietf.org", "openarc.org", "m3aawg.org", "techzine.eu")
SHORTEST_WHY, LONGEST_WHY = 60, 900


def texts(rule: Rule) -> dict[str, str]:
    """Everything that a person reads, by key."""
    return {
        "title": rule.title,
        "why": rule.why,
        "fix": rule.fix,
        "states": rule.states or "",
        "how_to": rule.how_to or "",
        **{case.name: case.name for case in rule.cases},
    }


@pytest.mark.parametrize("rule", RULES)
def test_the_words_are_the_fields_words(rule: Rule) -> None:
    for key, text in texts(rule).items():
        assert not NOT_OUR_WORDS.findall(THEIR_WORDS.sub("", text)), key


@pytest.mark.parametrize("rule", RULES)
def test_the_title_names_the_problem_in_a_line(rule: Rule) -> None:
    assert 12 <= len(rule.title) <= 100
    assert rule.title[0].isupper() or rule.title[0].isdigit()
    assert not NO_PROBLEM.match(rule.title)
    assert "error" not in rule.title.lower()
    assert rule.title[-1] not in ".!?:;,"


@pytest.mark.parametrize("rule", RULES)
def test_why_and_fix_are_sentences(rule: Rule) -> None:
    for key, text in (("why", rule.why), ("fix", rule.fix), ("states", rule.states or "So.")):
        flat = " ".join(text.split())
        assert flat[0].isupper() or not flat[0].isalpha(), key
        assert flat[-1] in ".)", key
        assert "!" not in flat.replace("!=", ""), key
    assert SHORTEST_WHY <= len(rule.why) <= LONGEST_WHY
    assert rule.why != rule.fix


@pytest.mark.parametrize("rule", RULES)
def test_sources_can_be_followed(rule: Rule) -> None:
    for source in rule.sources:
        host = urlsplit(source).hostname or ""
        assert any(host == known or host.endswith(f".{known}") for known in HOSTS), source
    assert len(set(rule.sources)) == len(rule.sources)


@pytest.mark.parametrize("rule", RULES)
def test_a_legal_act_has_a_legal_owner_and_is_never_a_series(rule: Rule) -> None:
    if rule.fix_kind is FixKind.LEGAL:
        assert rule.owner is Owner.LEGAL
    if rule.fix_kind is not FixKind.SCRIPT and rule.command:
        assert "ForEach-Object {" not in rule.command
        assert "foreach (" not in rule.command.lower()


def test_titles_and_reasons_are_each_their_own() -> None:
    assert len({rule.title for rule in BOOK.rules}) == len(BOOK.rules)
    assert len({rule.why for rule in BOOK.rules}) == len(BOOK.rules)


@pytest.mark.parametrize("rule", RULES)
def test_case_names_tell_the_cases_apart(rule: Rule) -> None:
    names = [case.name.casefold() for case in rule.cases]
    assert len(set(names)) == len(names)
