"""A private DuckDB connection: bounded memory, own temporary folder, and no way out once it is locked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ctm_audit.engine.ctrl_c import heeding_ctrl_c

MEMORY_LIMIT = "2GB"
AUDIT_MEMORY = "1500MB"
"""What DuckDB may take of the memory of an audit; Arrow needs the rest of 6 GB for the columns of a million mailboxes."""
TEMPORARY_LIMIT = "64GB"
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY_LIMIT,
    "max_temp_directory_size": TEMPORARY_LIMIT,
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
    "preserve_insertion_order": "true",
}


@contextmanager
def open_session(memory: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory (at most `memory`, else what SETTINGS say) that spills into a folder of its own, deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="ctm-audit-", ignore_cleanup_errors=True) as folder:
        config = {**SETTINGS, "threads": str(max(1, os.cpu_count() or 1)), "temp_directory": str(Path(folder, "spill"))}
        config["memory_limit"] = memory or config["memory_limit"]
        connection = duckdb.connect(":memory:", config=config)
        try:
            connection.execute("SET GLOBAL TimeZone='UTC'")
            with heeding_ctrl_c(connection):
                yield connection
        finally:
            connection.close()


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Shut the connection off from files, network and settings. The order matters: nothing can be set afterwards."""
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
