from __future__ import annotations

import sys
import unicodedata

import pytest

from ctm_audit.model import GateState, Owner, Step, Weight
from ctm_audit.report import words


def test_every_closed_word_of_the_model_is_told() -> None:
    assert set(words.QUESTIONS) == set(Step)
    assert set(words.GATE_STATES) == set(GateState)
    assert set(words.OWNERS) == set(Owner)
    assert set(words.WEIGHTS) == set(Weight)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("O'Brien\tÞóra\n", "O'Brien\tÞóra\n"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\x00b\r", "a[U+0000]b[U+000D]"),
        ("a\u200b@b", "a[U+200B]@b"),
        ("\ud800", "[U+D800]"),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    assert words.visible(text) == shown


def test_nothing_that_controls_or_turns_the_text_stays() -> None:
    shown = words.visible("".join(map(chr, range(sys.maxunicode + 1))))
    assert {c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} == {"\t", "\n"}
    assert not {c for c in shown if unicodedata.bidirectional(c) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}}


@pytest.mark.parametrize(
    ("earlier", "later", "told"),
    [
        ("2027-01-02T17:01:00Z", "2027-01-02T18:00:00Z", "under an hour old"),
        ("2027-01-02T17:00:00Z", "2027-01-02T18:00:00Z", "1 hour old"),
        ("2026-12-30T18:00:01Z", "2027-01-02T18:00:00Z", "71 hours old"),
        ("2026-12-30T18:00:00Z", "2027-01-02T18:00:00Z", "3 days old"),
        ("2027-01-02T18:00:01Z", "2027-01-02T18:00:00Z", "later than the audit"),
        ("2027-01-02T19:00:00+01:00", "2027-01-02T18:00:00Z", "under an hour old"),
    ],
)
def test_ages(earlier: str, later: str, told: str) -> None:
    assert words.age(earlier, later) == told


def test_times_are_the_same_in_every_country() -> None:
    assert words.day_and_time("2027-01-02T21:05:00+01:00") == "2 January 2027, 20:05 UTC"


@pytest.mark.parametrize(("parts", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_enumerations(parts: list[str], text: str) -> None:
    assert words.listed(parts) == text


def test_numbers_have_their_noun() -> None:
    assert [words.counted(1, "gate"), words.counted(1240, "gate"), words.mailboxes(2)] == ["1 gate", "1,240 gates", "2 mailboxes"]


@pytest.mark.parametrize(
    ("ready", "told"), [(True, "Ready for submit"), (False, "Not ready for submit"), (None, "Undetermined for submit")]
)
def test_headlines(ready: bool | None, told: str) -> None:
    assert words.headline(ready, "submit") == told


def test_unknown_words_of_others_are_shown_as_written() -> None:
    assert words.owner("payroll") == "payroll"
    assert words.question("domain-park") == "May the step domain-park begin?"
    assert [words.gate("stamping"), words.gate("dns-cutover")] == ["Stamping", "DNS cutover"]
