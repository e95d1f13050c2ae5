"""The two tables of a run as relations of a DuckDB session, read from their files and never held as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow.parquet as pq

from ctm_audit.engine.runs import RunRecord
from ctm_audit.engine.session import open_session
from ctm_audit.errors import Refused
from ctm_audit.report.older import COLUMNS

MEMORY_LIMIT = "1GB"
READ = {
    "findings": (
        *("rule", "verdict", "object_kind", "object_id", "object_name", "wave", "expected", "found", "owner", "fix", "command"),
        *("reason", "until", "count", "original"),
    ),
    "mailboxes": ("id", "target", "wave", "stage", "verdict", "blocking", "undetermined", "waived", "attested"),
}


@contextmanager
def open_tables(record: RunRecord) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session with the views `findings` and `mailboxes`, each with `row_no`, its place in the file.

    Raises Refused when a file lacks a column that every version has written.
    """
    with open_session(MEMORY_LIMIT) as connection:
        for name, path in (("findings", record.findings_file), ("mailboxes", record.mailboxes_file)):
            columns = set(pq.read_schema(path).names)
            lacking = [column for column in READ[name] if column not in columns]
            added = [f"{COLUMNS[name][column]} as {column}" for column in lacking if column in COLUMNS[name]]
            if len(added) < len(lacking):
                told = ", ".join(column for column in lacking if column not in COLUMNS[name])
                raise Refused(f"{path} lacks the columns {told}.", hint="ctm-audit audit")
            select = ", ".join(["* exclude (file_row_number)", "file_row_number as row_no", *added])
            connection.execute(f"create view {name} as select {select} from read_parquet({_literal(str(path))}, file_row_number = true)")
        yield connection


def _literal(path: str) -> str:
    """The path as SQL, in which no character stands for others."""
    plain = re.sub(r"[*?\[]", lambda found: f"[{found.group()}]", path)
    return "'" + plain.replace("'", "''") + "'"
