"""Shows questions in SQL the documented relations: of the newest bundles, or of a written run with its findings and mailboxes.

The connection is locked and its transaction reads only; of files it sees those that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from ctm_audit.engine.arrow import show
from ctm_audit.engine.catalogue import make_catalogue
from ctm_audit.engine.loading import load_evidence
from ctm_audit.engine.question import Question
from ctm_audit.engine.raw import Bundles
from ctm_audit.engine.recall import recalled
from ctm_audit.engine.runs import RunRecord
from ctm_audit.engine.session import AUDIT_MEMORY, lock, open_session
from ctm_audit.evidence.relations import JUDGED, PAIRS, RELATIONS, Relation
from ctm_audit.progress import tell
from ctm_audit.reference import Reference
from ctm_audit.rulebook.commands import quoted, text_literal
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, macros
from ctm_audit.rulebook.packed import packed

OF_RUNS = ("findings", "mailboxes")
"""What only a run has."""


@contextmanager
def bundles_shown(
    question: Question, rules: Sequence[CheckedRule], names: Set[str]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Catalogue]]:
    """A connection that shows everything that was collected as relations, and what exists of them.

    What is made of several tables takes time, and is there unless `names` are all tables of bundles as they are. The connection holds
    nothing else: the session that loads the evidence also works with keys of hashes.
    """
    catalogue, made = _made(question, rules, only_stored=bool(names) and all(map(_is_stored, names)))
    stored = {name: _stored(question.bundles, RELATIONS[name]) for name in filter(_is_stored, catalogue.fields)}
    with open_session() as connection:
        connection.execute(f"SET allowed_paths=[{', '.join(text_literal(str(path)) for path in stored.values())}]")
        lock(connection)
        for name, table in made.items():
            show(connection, f"rows_of_{name}", table)
            _show(connection, name, table.column_names, f"rows_of_{name}")
        for name, path in stored.items():
            columns = (field.name for field in RELATIONS[name].fields if field.name in catalogue.fields[name])
            query = f"select {', '.join(map(quoted, columns))} from read_parquet({text_literal(str(path))})"
            connection.execute(f"create view main.{quoted(name)} as {query}")
        for statement in macros(catalogue):
            connection.execute(statement)
        yield connection, catalogue


def _is_stored(name: str) -> bool:
    """Whether a relation is a table of a bundle as it is."""
    return name in RELATIONS and name not in JUDGED and bool(RELATIONS[name].over)


def _made(question: Question, rules: Sequence[CheckedRule], *, only_stored: bool) -> tuple[Catalogue, dict[str, pa.Table]]:
    """What was collected, and the relations that are made of it."""
    with open_session(AUDIT_MEMORY) as connection:
        catalogue = make_catalogue(connection, question.bundles)
        if only_stored:
            return catalogue, {}
        tell("Joining the evidence")
        pairs = load_evidence(connection, question, rules)[PAIRS.name]
        others = [name for name in catalogue.fields if name != PAIRS.name and not _is_stored(name)]
        return catalogue, {PAIRS.name: pairs} | {name: connection.sql(f"from {quoted(name)}").to_arrow_table() for name in others}


def _stored(bundles: Bundles, relation: Relation) -> Path:
    """The file of a relation that is a table of a bundle."""
    side, table = relation.over[0].split(".")
    return next(bundle for name, bundle in bundles.items() if name == side).parquet(table)


@contextmanager
def run_shown(record: RunRecord, reference: Reference) -> Iterator[tuple[duckdb.DuckDBPyConnection, Catalogue]]:
    """A connection that shows the relations of a run as its rules read them, its findings and its mailboxes; raises as `recalled` does."""
    with recalled(record, reference) as (connection, catalogue):
        for name in JUDGED.keys() - catalogue.fields.keys():
            connection.execute(f"drop view if exists main.{quoted(name)}")  # nobody collected it, which no rows would not say
        for name in JUDGED.keys() & catalogue.fields.keys():
            columns = [column[0] for column in connection.execute(f"describe main.{quoted(name)}").fetchall()]
            _show(connection, name, columns, f"memory.main.{quoted(name)}")
        for name, path in zip(OF_RUNS, (record.findings_file, record.mailboxes_file), strict=True):
            connection.execute(f"create view {name} as from read_parquet({text_literal(str(path.resolve()))})")
        yield connection, catalogue


def _show(connection: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: str) -> None:
    """Show a relation that was made, as rules read it: dotted fields in structs."""
    fields = [column for column in columns if column != "row_no"]
    query = f"select * exclude (row_no) from {packed(JUDGED[name], fields, stored_as=rows)}" if name in JUDGED else f"from {rows}"
    connection.execute(f"create temp view {quoted(name)} as {query}")
