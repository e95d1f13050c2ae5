"""Work beside each other: each thread on its own connection, each piece after those it waits for, and an end when one breaks off."""

from __future__ import annotations

import threading
import time
from graphlib import TopologicalSorter

import duckdb
import pyarrow as pa
import pytest

from ctm_audit.engine.beside import THREADS, beside, each_in_turn

ENDLESS = "select count(*) from range(10000000000) a, range(100000) b where a.range + b.range = 7"


def test_each_thread_has_a_connection_of_its_own_to_the_same_tables() -> None:
    both, used = threading.Barrier(THREADS, timeout=30), list[duckdb.DuckDBPyConnection]()
    with duckdb.connect() as connection:
        connection.execute("create table seen (name varchar)")
        with beside(connection, {"mine": pa.table({"one": [1]})}) as (pool, own):

            def work(name: str) -> int:
                both.wait()  # so that no thread does both
                used.append(own())
                own().execute("insert into seen select $name from mine", {"name": name})
                return id(own())

            assert len({*pool.map(work, ["a", "b"])}) == THREADS
        for closed in used:
            with pytest.raises(duckdb.ConnectionException):
                closed.execute("select 1")
        assert connection.sql("select name from seen order by name").fetchall() == [("a",), ("b",)]


def test_each_begins_when_those_that_it_waits_for_have_ended() -> None:
    waits = {"last": ["left", "right"], "left": ["first"], "right": ["first"], "first": []}
    ended: list[str] = []

    def work(name: str) -> str:
        assert {*waits[name]} <= {*ended}
        time.sleep(0.01)
        ended.append(name)
        return name.upper()

    with duckdb.connect() as connection, beside(connection, {}) as (pool, _):
        assert dict(each_in_turn(pool, TopologicalSorter(waits), work)) == {name: name.upper() for name in waits}


def test_what_breaks_off_interrupts_the_others_and_begins_nothing_more() -> None:
    begun: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _break_off(begun)
    assert begun
    assert {*begun} <= {"one", "two"}


def _break_off(begun: list[str]) -> None:
    """Ctrl-C while two of four endless queries run."""
    running = threading.Event()
    with duckdb.connect() as connection, beside(connection, {}) as (pool, own):

        def work(name: str) -> None:
            begun.append(name)
            running.set()
            own().execute(ENDLESS)

        for name in ("one", "two", "three", "four"):
            pool.submit(work, name)
        assert running.wait(30)
        time.sleep(0.5)
        raise KeyboardInterrupt
