"""Which hold ids keep content: those of the catalogue, and every one that nobody has described."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from ctm_audit.reference import load_reference
from ctm_audit.rulebook.holds import hold_macros

ID = "0c7a8e3f51d24b6f9e02a4d8c3b1f675"
GUID = "7d895d48-7e23-4a8d-8346-533c3beac15d"
HARMLESS = [f"mbx{ID}:1", f"skp{ID}:1", f"grp{ID}:1", f"-mbx{ID}:2", f"-mbx{ID}:3", f"-mbx{ID}"]
RETAINING = [
    *(f"{prefix}{ID}:{suffix}" for prefix in ("mbx", "skp", "grp") for suffix in ("2", "3", "4", "", "11", "1:1")),
    *(
        f"unih{GUID}",
        f"cld{ID}",
        ID,
        f"mbx{ID}",
        f"xyz{ID}:1",
        f"-skp{ID}:2",
        f"-grp{ID}:2",
        "-",
        "",
        "mbx:1",
        f"mbx{ID[:31]}:1",
        f"mbx{ID}:1\n",
    ),
]
BUNDLED = load_reference()


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        for macro in hold_macros(BUNDLED):
            found.execute(macro)
        yield found


def answer(connection: duckdb.DuckDBPyConnection, sql: str, *lists: list[str] | None) -> object:
    row = connection.execute(f"select {sql}", list(lists)).fetchone()
    assert row
    return row[0]


@pytest.mark.parametrize("hold", HARMLESS)
def test_what_only_deletes_or_excludes_keeps_nothing(connection: duckdb.DuckDBPyConnection, hold: str) -> None:
    assert answer(connection, "retaining(?::varchar[])", [hold]) == []


@pytest.mark.parametrize("hold", RETAINING)
def test_everything_else_retains(connection: duckdb.DuckDBPyConnection, hold: str) -> None:
    assert answer(connection, "retaining(?::varchar[])", [hold]) == [hold]


@pytest.mark.parametrize(
    ("organization", "own", "reaches"),
    [
        ([f"mbx{ID}:2"], [], True),
        ([f"mbx{ID}:1"], [], False),
        ([f"skp{ID}:3"], [], True),
        ([f"grp{ID}:3"], [], False),
        ([f"mbx{ID}:2"], [f"-mbx{ID}:2"], False),
        ([f"mbx{ID}:2"], [f"-mbx{ID}"], False),
        ([f"mbx{ID}:3"], [f"-mbx{ID}:2"], False),
        ([f"mbx{ID}:2"], [f"-mbx{ID[::-1]}:2"], True),
        ([f"mbx{ID}:2"], [f"mbx{ID}:1"], True),
    ],
)
def test_an_organization_s_policy_reaches_every_mailbox_that_is_not_excluded(
    connection: duckdb.DuckDBPyConnection, organization: list[str], own: list[str], reaches: bool
) -> None:
    assert answer(connection, "reaching(?::varchar[], ?::varchar[])", organization, own) == (organization if reaches else [])


def test_nothing_is_known_where_one_of_the_lists_is_not(connection: duckdb.DuckDBPyConnection) -> None:
    assert answer(connection, "retaining(?::varchar[])", None) is None
    assert answer(connection, "reaching(?::varchar[], ?::varchar[])", [f"mbx{ID}:1"], None) is None
    assert answer(connection, "reaching(?::varchar[], ?::varchar[])", None, []) is None


@pytest.mark.parametrize(
    ("hold", "owner"),
    [(f"unih{GUID}", "eDiscovery"), (f"mbx{ID}:2", "compliance"), (f"cld{ID}", "In-Place"), (ID, "In-Place"), ("xyz", "unknown kind")],
)
def test_each_hold_is_told_with_its_owner(connection: duckdb.DuckDBPyConnection, hold: str, owner: str) -> None:
    told = answer(connection, "told_holds(?::varchar[])[1]", [hold])
    assert isinstance(told, str)
    assert told.startswith(f"{hold} (")
    assert owner in told


def test_a_form_that_is_not_understood_makes_nothing_harmless(connection: duckdb.DuckDBPyConnection) -> None:
    strange = tuple(replace(form, form=form.form.replace("32", "16")) for form in BUNDLED.holds)
    for macro in hold_macros(replace(BUNDLED, holds=strange)):
        connection.execute(macro)
    assert answer(connection, "retaining(?::varchar[])", HARMLESS) == HARMLESS


def test_a_suffix_that_the_reference_data_calls_retaining_retains(connection: duckdb.DuckDBPyConnection) -> None:
    suffixes = tuple(replace(suffix, retains="yes") for suffix in BUNDLED.hold_suffixes)
    for macro in hold_macros(replace(BUNDLED, hold_suffixes=suffixes)):
        connection.execute(macro)
    assert answer(connection, "retaining(?::varchar[])", [f"mbx{ID}:1"]) == [f"mbx{ID}:1"]
