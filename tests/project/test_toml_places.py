"""The place of every key and value in a TOML text, compared with what tomllib reads there."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.toml_places import TomlPath, find_places, line_and_column

AWKWARD = '''# [not] = "a table"
title = "a # b"  # x = 1
"quoted.key".'l' = [1, [2, 3], { a = 1, b.c = """x
"y""""" },  # in the middle
 4 ]
'' = ""
empty = []
none = {}
[project] # here
name    = 'C:\\new'
at = 1979-05-27 07:32:00Z
text = \'\'\'
a'b''\'\'\'
[[wave]]
name="1"
 [wave.sub]
 k=1
[[wave]]
name="\\"2\\\\"
[a.b]
c.d = 1
c.e = -0.5e3
[a]
x = true
'''


def leaves(value: Any, path: TomlPath = ()) -> dict[TomlPath, Any]:
    """Every value that is no table, and every array, by its path."""
    found: dict[TomlPath, Any] = {}
    if isinstance(value, dict):
        for name, inner in value.items():
            found |= leaves(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found |= leaves(inner, (*path, number))
    else:
        found[path] = value
    return found


def read_at(text: str, span: tuple[int, int]) -> Any:
    return tomllib.loads(f"value = {text[slice(*span)]}")["value"]


def test_every_value_stands_where_it_is_said_to_stand() -> None:
    places = find_places(AWKWARD)
    for path, value in leaves(tomllib.loads(AWKWARD)).items():
        assert read_at(AWKWARD, places.values[path]) == value
        assert path in places.keys or isinstance(path[-1], int)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("title",), (2, 1)),
        (("quoted.key", "l"), (3, 1)),
        (("quoted.key", "l", 2, "b", "c"), (3, 41)),
        (("project",), (9, 1)),
        (("wave", 0, "sub", "k"), (17, 2)),
        (("wave", 1), (18, 1)),
        (("wave", 1, "name"), (19, 1)),
        (("a", "b", "c", "e"), (22, 1)),
    ],
)
def test_keys_and_headers_have_their_places(path: TomlPath, place: tuple[int, int]) -> None:
    assert find_places(AWKWARD).of_key(path) == place


def test_what_is_not_there_is_told_at_the_table_that_lacks_it() -> None:
    places = find_places("a = 1\n[b]\n[[c]]\n[[c]]\n")
    assert places.of_key(("b", "x")) == (2, 1)
    assert places.of_value(("c", 1, "x", "y")) == (4, 1)
    assert places.of_key(("z",)) == (5, 1)


def test_lines_and_columns_count_from_one() -> None:
    assert [line_and_column("ab\nc", offset) for offset in range(5)] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=5)
SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), NAMES)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)), max_leaves=6
)


def basic(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(value: Any) -> str:
    """A value as TOML, with comments and line ends in arrays, where a careless scan would trip."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return basic(value) if "'" in value or len(value) % 2 else f"'{value}'"
    if isinstance(value, list):
        return "[ # ]\n" + "".join(f" {written(inner)} ,# ,\n" for inner in value) + "]"
    return "{ " + ", ".join(f"{basic(name)} = {written(inner)}" for name, inner in value.items()) + " }"


@given(
    top=st.dictionaries(NAMES, VALUES, max_size=3),
    tables=st.dictionaries(NAMES.filter(lambda name: name != ""), st.dictionaries(NAMES, VALUES, max_size=3), max_size=2),
    rows=st.lists(st.dictionaries(NAMES, VALUES, max_size=2), max_size=3),
)
def test_any_file_is_followed(top: dict[str, Any], tables: dict[str, dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    def lines(values: dict[str, Any]) -> str:
        return "".join(f"{basic(name)} = {written(value)}  # {name}\n" for name, value in values.items())

    text = lines({f"top{name}": value for name, value in top.items()})
    text += "".join(f"[t . {basic(name)} ]\n{lines(values)}" for name, values in tables.items())
    text += "".join(f" [[rows]]\n{lines(values)}" for values in rows)
    places = find_places(text)
    for path, value in leaves(tomllib.loads(text)).items():
        assert read_at(text, places.values[path]) == value
