"""A table that comes in parts: joined in order, and never complete when a part failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.parts import join_parts
from ctm_audit.evidence.tables import GROUP_MEMBERS, TABLES, Column
from tests.evidence.exported import WHEN, object_id, take_in


def part(name: str, *members: int, expected: int | None = None, **more: object) -> Intake:
    objects = [{"ExternalDirectoryObjectId": object_id(member), **more} for member in members]
    return take_in("group_members", objects, part=name, expected=expected)


def test_parts_are_joined_whatever_their_order() -> None:
    parts = [part("B", 1, 2), part("A", 2), part("C")]
    joined = join_parts(parts, {})
    assert [(row["part"], row["object_id"]) for row in joined.table.to_pylist()] == sorted(
        [("a", object_id(2)), ("b", object_id(1)), ("b", object_id(2))]
    )
    assert (joined.parts, joined.received, joined.dropped, joined.losses) == (("a", "b", "c"), 3, 0, ())
    assert joined.table.equals(join_parts(parts[::-1], {}).table)


def test_a_failed_part_makes_the_table_incomplete_and_is_no_part() -> None:
    joined = join_parts([part("A", 1)], {"b": "the file holds nothing"})
    assert joined.parts == ("a",)
    assert joined.losses == ("part b: the file holds nothing",)


def test_what_was_said_of_a_part_names_it() -> None:
    joined = join_parts([part("A", 1, expected=2), part("B", 1, expected=1)], {})
    assert joined.losses == ("part a: 1 object here, but 2 exported",)
    assert joined.expected == 3
    assert join_parts([part("A", 1, expected=1), part("B", 1)], {}).expected is None


def test_the_oldest_part_dates_the_table() -> None:
    old = replace(part("B", 1), collected_at=WHEN - timedelta(days=1))
    assert join_parts([part("A", 1), old], {}).collected_at == WHEN - timedelta(days=1)


def test_a_column_that_one_part_lacks_is_null_there(monkeypatch: pytest.MonkeyPatch) -> None:
    alias = Column("alias", "text", "Alias", TABLES["distribution_groups"].column("alias").normalise, "alias", True)
    monkeypatch.setitem(TABLES, "group_members", replace(GROUP_MEMBERS, columns=(*GROUP_MEMBERS.columns, alias)))
    joined = join_parts([part("A", 1), part("B", 1, Alias="x")], {})
    assert joined.table["alias"].to_pylist() == [None, "x"]
    assert joined.missing == {}
    assert joined.holes == ("part a: Alias is in none of the objects",)
    assert list(join_parts([part("A", 1), part("B", 1)], {}).missing) == ["alias"]
