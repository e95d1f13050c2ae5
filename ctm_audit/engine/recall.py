"""Shows a written run to DuckDB as the engine had it: the relations as rules read them, and what existed of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from ctm_audit.engine.kept import CATALOGUE, FOLDER, LOCK, OTHER_WAVES
from ctm_audit.engine.runs import NEXT, RunRecord
from ctm_audit.engine.session import lock, open_session
from ctm_audit.errors import Refused, UsageError
from ctm_audit.evidence.relations import PAIRS, RELATIONS
from ctm_audit.reference import Reference
from ctm_audit.rulebook.commands import quoted, text_literal
from ctm_audit.rulebook.holds import hold_macros
from ctm_audit.rulebook.judging import Catalogue, macros

EMPTY = {"VARCHAR": "''", "VARCHAR[]": "[]"}
OWN_COLUMNS = ("target", "verdict", "blocking", "undetermined", "other", "waived", "attested")
"""Columns of mailboxes.parquet that are no field of `pairs`."""


@contextmanager
def recalled(record: RunRecord, reference: Reference) -> Iterator[tuple[duckdb.DuckDBPyConnection, Catalogue]]:
    """A connection that sees the relations of the run and nothing else, and the run's catalogue.

    Raises UsageError for a run of a version that kept no relations, Refused where a file is missing or broken.
    """
    folder = record.folder / FOLDER
    files = _files(record)
    with open_session() as connection:
        allowed = ", ".join(_path(path) for path in (record.findings_file, record.mailboxes_file, *files.values()))
        connection.execute(f"SET allowed_paths=[{allowed}]")
        for macro in hold_macros(reference):
            connection.execute(macro)
        lock(connection)
        catalogue = read_catalogue(folder, connection)
        try:
            _show(connection, record, files)
        except duckdb.Error as error:
            raise Refused(f"{folder} cannot be read: {str(error).splitlines()[0]}", hint=NEXT) from None
        for statement in macros(catalogue):
            connection.execute(statement)
        yield connection, catalogue


def read_catalogue(folder: Path, connection: duckdb.DuckDBPyConnection) -> Catalogue:
    """What existed in the run; `holds_null` asks the relations of the connection."""
    try:
        known = json.loads((folder / CATALOGUE).read_text(encoding="utf-8"))
        fields = {str(name): frozenset(map(str, columns)) for name, columns in known["fields"].items()}
        complete, why = frozenset(map(str, known["complete"])), dict(known["why"])
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise Refused(f"{folder / CATALOGUE} is not what an audit wrote ({type(error).__name__}).", hint=NEXT) from None

    def holds_null(relation: str, column: str) -> bool:
        row = connection.execute(f"select count(*) > count({quoted(column)}) from main.{quoted(relation)}").fetchall()
        return bool(row[0][0])

    return Catalogue(fields, complete, why, holds_null)


def _files(record: RunRecord) -> dict[str, Path]:
    """The Parquet files of the relations, by name."""
    folder = record.folder / FOLDER
    if not folder.is_dir():
        raise UsageError(f"{record.folder} holds no relations: a version that kept none wrote it.", hint=f"{NEXT}, then ask again")
    return {path.stem: path for path in sorted(folder.glob("*.parquet")) if path.stem in (*RELATIONS, LOCK, OTHER_WAVES)}


def _show(connection: duckdb.DuckDBPyConnection, record: RunRecord, files: dict[str, Path]) -> None:
    for name, path in files.items():
        connection.execute(f"create view main.{quoted(name)} as select * from read_parquet({_path(path)})")
    connection.execute(f"create view main.pairs as {_pairs(record, files)}")


def _pairs(record: RunRecord, files: dict[str, Path]) -> str:
    """The mailboxes as rows of `pairs`: under new row numbers, with the lock where it contradicts, and with what is kept of other waves.

    Elsewhere the lock is shown as if the key were not locked yet, which no rule can tell from a lock that agrees.
    """
    there = [name for name in pa.parquet.read_schema(record.mailboxes_file).names if name not in (*OWN_COLUMNS, "id", "wave")]
    locked = pa.parquet.read_schema(files[LOCK]).names[1:] if LOCK in files else []
    columns = [
        *("m.file_row_number + 1 as row_no", "m.id as id", "m.id || ' → ' || m.target as name", "coalesce(m.wave, '') as wave"),
        *(f"m.{quoted(name)} as {quoted(name)}" for name in there),
        *(f"coalesce(l.{quoted(name)}, {EMPTY[PAIRS.by_name[name].type]}) as {quoted(name)}" for name in locked),
    ]
    lock_join = f" left join main.{LOCK} l on l.id = m.id" if locked else ""
    mailboxes = f"select {', '.join(columns)} from read_parquet({_path(record.mailboxes_file)}, file_row_number = true) m{lock_join}"
    others = f" union all by name select * replace (row_no + 1000000000 as row_no) from main.{OTHER_WAVES}" if OTHER_WAVES in files else ""
    return mailboxes + others


def _path(path: Path) -> str:
    return text_literal(str(path.resolve()))
