from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.report.difference import Marked, marked
from ctm_audit.report.words import SHOWN, visible


def parts(value: Marked | None) -> tuple[str, str, str]:
    assert value is not None
    return value.before, value.differs, value.after


@pytest.mark.parametrize(
    ("expected", "found", "in_expected", "in_found"),
    [
        ("/o=x/cn=0005-b", "/o=x/cn=0006-b", ("/o=x/cn=000", "5", "-b"), ("/o=x/cn=000", "6", "-b")),
        ("X500:/o=a/cn=b", "X500:/o=a", ("X500:/o=a", "/cn=b", ""), ("X500:/o=a", "", "")),
        ("a, b", "a, b, c", ("a, b", "", ""), ("a, b", ", c", "")),
        ("adele@a.com", "adele@b.com", ("adele@", "a", ".com"), ("adele@", "b", ".com")),
        ("adele@a.com", "adele@a.com\u200b", ("adele@a.com", "", ""), ("adele@a.com", "[U+200B]", "")),
    ],
)
def test_what_differs_is_marked(expected: str, found: str, in_expected: tuple[str, str, str], in_found: tuple[str, str, str]) -> None:
    one, other = marked(expected, found)
    assert parts(one) == in_expected
    assert parts(other) == in_found


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ("enabled", "disabled"),
        ("no litigation hold", "LitigationHoldEnabled"),
        ("one MailUser", ""),
        ("same", "same"),
        ("true", "false"),
        ("MailUser", "MailUserOld"),
    ],
)
def test_values_with_too_little_in_common_are_not_marked(expected: str, found: str) -> None:
    one, other = marked(expected, found)
    assert parts(one) == (expected, "", "")
    assert parts(other) == (found, "", "")


def test_a_value_that_was_not_told_stays_untold() -> None:
    assert marked(None, None) == (None, None)
    assert [value and value.before for value in marked("a", None)] == ["a", None]


def test_an_accent_stays_with_its_letter() -> None:
    one, other = marked("cafe\u0301 1", "cafe\u0300 1")
    assert parts(one) == parts(marked("cafe\u0301 1", None)[0])
    assert "e\u0300" in "".join(parts(other))


def test_a_long_value_keeps_its_difference() -> None:
    one, _ = marked("x1" * 5000 + "A" + "2y" * 5000, "x1" * 5000 + "B" + "2y" * 5000)
    assert one is not None
    assert (one.differs, one.length, one.shortened) == ("A", 20_001, True)
    assert len(one.before + one.after) < SHOWN


def test_a_long_value_alone_is_cut_and_says_so() -> None:
    one, _ = marked("x" * 10_000, None)
    assert one is not None
    assert (len(one.before), one.length, one.shortened) == (SHOWN + 1, 10_000, True)


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_parts_are_the_whole_value(expected: str, found: str) -> None:
    for value, text in zip(marked(expected, found), (expected, found), strict=True):
        assert "".join(parts(value)) == visible(text)
        assert not unicodedata.combining(parts(value)[1][:1] or "x") or visible(text).startswith(parts(value)[1])
