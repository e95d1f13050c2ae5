"""The connection in which rules are checked reaches nothing, even if a hostile expression got past the walker."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ctm_audit.rulebook.sandbox import open_sandbox, tables_of
from tests.rulebook.make import checked

OUTSIDE = [
    "select * from read_text('{file}')",
    "select * from '{file}'",
    "select * from read_csv('{file}')",
    "select * from glob('{folder}/*')",
    "copy (select 1) to '{folder}/out.csv'",
    "attach '{folder}/x.db'",
    "export database '{folder}/dump'",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '100GB'",
    "set enable_external_access = true",
    "reset lock_configuration",
    "select * from outside",
]


@pytest.mark.parametrize("sql", OUTSIDE)
def test_nothing_outside_can_be_reached(tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n", encoding="utf-8")
    outside = [1]
    with open_sandbox() as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(file=file.as_posix(), folder=tmp_path.as_posix())).fetchall()
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert outside == [1]


def test_nothing_stays_after_a_rule() -> None:
    with open_sandbox() as connection:
        rule = checked(passes="accepts('target', source.upn)")
        with tables_of(connection, rule, {"pairs": ({"source.upn": "a"},)}):
            assert connection.execute("select count(*) from main.pairs").fetchall() == [(1,)]
        with pytest.raises(duckdb.Error):
            connection.execute("select count(*) from main.pairs")
        with pytest.raises(duckdb.Error):
            connection.execute("select accepts('target', 'a')")
