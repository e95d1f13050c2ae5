"""Work beside each other: two threads, each with a connection of its own to the same tables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from graphlib import TopologicalSorter
from typing import TypeAlias, TypeVar

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import show

THREADS = 2
"""DuckDB plans a query and Arrow takes rows in one thread each; more threads would only need more memory."""

Result = TypeVar("Result")
Own: TypeAlias = Callable[[], duckdb.DuckDBPyConnection]


@contextmanager
def beside(connection: duckdb.DuckDBPyConnection, shown: Mapping[str, pa.Table]) -> Iterator[tuple[ThreadPoolExecutor, Own]]:
    """A pool of threads, and what gives in each of them its connection, which shows the Arrow tables by their names as well.

    What breaks off in between, as Ctrl-C does, interrupts what they run, and nothing more begins.
    """
    thread = threading.local()
    opened: dict[threading.Thread, duckdb.DuckDBPyConnection] = {}

    def begin() -> None:
        thread.connection = opened[threading.current_thread()] = connection.cursor()
        for name, table in shown.items():
            show(thread.connection, name, table)

    try:
        with ThreadPoolExecutor(THREADS, initializer=begin) as pool:
            try:
                yield pool, lambda: thread.connection
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                _end(opened)
                raise
    finally:
        for own in opened.values():
            own.close()


def _end(running: Mapping[threading.Thread, duckdb.DuckDBPyConnection]) -> None:
    """Interrupt again and again, for DuckDB forgets what it was told while it still planned the query."""
    for thread, own in [*running.items()]:
        while thread.is_alive():
            own.interrupt()
            thread.join(0.1)


def each_in_turn(pool: ThreadPoolExecutor, order: TopologicalSorter[str], work: Callable[[str], Result]) -> Iterator[tuple[str, Result]]:
    """The names with their results, as they end; each begins when those that it waits for have ended. Raises what the work raises."""
    order.prepare()
    running: dict[Future[Result], str] = {}
    while order.is_active():
        running |= {pool.submit(work, name): name for name in order.get_ready()}
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            name = running.pop(future)
            yield name, future.result()
            order.done(name)
