"""Lets Ctrl-C stop a query at once: by itself DuckDB looks for signals only when a query has ended."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

NO_MORE = b"\0"


@contextmanager
def heeding_ctrl_c(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While a query runs on the connection, Ctrl-C is KeyboardInterrupt as everywhere else.

    Python's own handler waits for the query; the pipe hears of the signal at once
    (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd). Only the main thread gets signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hearing, heard = os.pipe()
    if os.name != "nt":  # what Python asks of the pipe there, and Windows cannot do
        os.set_blocking(heard, False)
    before = signal.set_wakeup_fd(heard, warn_on_full_buffer=False)
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(hearing, connection, ended), daemon=True)
    watching.start()
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # so DuckDB tells the KeyboardInterrupt that it found
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.set_wakeup_fd(before)
        ended.set()
        os.write(heard, NO_MORE)
        watching.join()
        os.close(heard)
        os.close(hearing)


def _watch(hearing: int, connection: duckdb.DuckDBPyConnection, ended: threading.Event) -> None:
    """Interrupt again and again: DuckDB forgets what it was told while it still planned the query."""
    while (signs := os.read(hearing, 1)) != NO_MORE:
        if signs == bytes([signal.SIGINT]):
            connection.interrupt()
            while not ended.wait(0.1):
                connection.interrupt()
