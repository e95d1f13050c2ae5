"""Answers a question in SQL about the documented relations, and lets it do nothing else.

The connection is shut off from files, network and settings before the question is read (engine/shown.py). It may be one SELECT,
in a transaction that only reads; time and memory are limited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.judge import SECONDS_A_RULE, interrupted_after
from ctm_audit.engine.session import MEMORY_LIMIT, lock, open_session
from ctm_audit.engine.shown import OF_RUNS
from ctm_audit.errors import UsageError
from ctm_audit.evidence.relations import RELATIONS
from ctm_audit.rulebook.judging import Catalogue

BATCH_ROWS = 2_000
NEAR = 5
NAMED = re.compile(r'(?:column|key|Table with name|named|Table) "?([A-Za-z_]\w*)"?')
HINT = "docs/relations.md and docs/run-format.md name every relation and its columns"
UNREAD = "no rule of this run looks it up; without --run, and without findings and mailboxes, the bundles are asked"
EXAMPLE = 'ctm-audit query "select id, verdict from mailboxes"'
STOPPED = ("INTERRUPT", "Interrupted")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question of `source`: `columns` are names, each once, with DuckDB types; rows come block by block.

    `notes` say which of the relations that were asked may lack rows, and why.
    """

    source: str
    notes: tuple[str, ...]
    columns: Mapping[str, str]
    schema: pa.Schema
    blocks: Iterator[pa.RecordBatch]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows as Python values, one at a time; UsageError when computing one fails or takes too long, or Python has no such value."""
        for block in self.blocks:
            try:
                columns = [column.to_pylist() for column in block.columns]
            except (ValueError, OverflowError) as error:
                raise UsageError(f"A value of the answer cannot be told: {error}", hint="cast it to varchar") from None
            yield from zip(*columns, strict=True)

    def table(self) -> pa.Table:
        """All rows at once."""
        return pa.Table.from_batches(self.blocks, self.schema).rename_columns(list(self.columns))


def tables_named(question: str) -> frozenset[str]:
    """The tables that a question names. Raises UsageError for everything but one SELECT."""
    with open_session() as connection:
        lock(connection)
        try:
            statements = connection.extract_statements(question)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise UsageError("A question is one SELECT, and nothing else.", hint=EXAMPLE)
            return frozenset(name.casefold() for name in connection.get_table_names(question))
        except duckdb.Error as error:
            raise _told(error) from None


@contextmanager
def answered(connection: duckdb.DuckDBPyConnection, question: str, source: str, catalogue: Catalogue) -> Iterator[Answer]:
    """The answer to one SELECT on a locked connection that shows relations (engine/shown.py).

    The catalogue explains what does not exist. Raises UsageError for everything but one SELECT, for names that do not exist, with the
    near ones, and for a question that takes too long or too much memory.
    """
    notes = _notes(tables_named(question), catalogue)
    connection.execute("begin transaction read only")
    try:
        [statement] = connection.extract_statements(question)
        relation = connection.sql(statement)
        columns = dict(zip(_each_once(relation.columns), map(str, relation.types), strict=True))
        with interrupted_after(connection):
            reader = relation.to_arrow_reader(BATCH_ROWS)
        yield Answer(source, notes, columns, reader.schema, _blocks(connection, reader))
    except duckdb.Error as error:
        raise _told(error, catalogue) from None


def _notes(names: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """What must be known of the relations that are asked: rows that are not here are not seen in an answer."""
    partly = [name for name in sorted(names) if name in catalogue.fields and name not in catalogue.complete]
    return tuple(f"{name} may lack rows: {_why(catalogue.why, RELATIONS[name].over)}" for name in partly)


def _each_once(names: Sequence[str]) -> Iterator[str]:
    """The names, with a number behind those that stand there twice."""
    taken: set[str] = set()
    for name in names:
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free)
        yield free


def _blocks(connection: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The blocks of the answer; only computing one is limited, not what the reader does with it."""
    while True:
        try:
            with interrupted_after(connection):
                block = reader.read_next_batch()
        except StopIteration:
            return
        except (duckdb.Error, pa.ArrowException, OSError) as error:  # Arrow tells the faults of a stream as OSError
            raise _told(error) from None
        yield block


def _told(error: Exception, catalogue: Catalogue | None = None) -> UsageError:
    """The error in one sentence, with what the name that does not exist may have meant."""
    message = " ".join(str(error).split())
    if message.startswith(STOPPED):
        return UsageError(f"The question took longer than {SECONDS_A_RULE:.0f} seconds.", hint="ask for less: where, limit")
    if isinstance(error, duckdb.OutOfMemoryException) or message.startswith("Out of Memory"):
        return UsageError(f"The question needs more memory than {MEMORY_LIMIT}.", hint="ask for less: where, limit, fewer columns")
    sentence = re.split(r" LINE \d+:| Did you mean | Candidate ", message)[0]
    found = NAMED.search(message) if isinstance(error, (duckdb.BinderException, duckdb.CatalogException)) else None
    sentence = f"The question cannot be answered: {sentence.partition('Error: ')[2] or sentence}"
    return UsageError(sentence[:400], detail=_meant(found.group(1).casefold(), catalogue) if found and catalogue else [], hint=HINT)


def _meant(name: str, catalogue: Catalogue) -> list[str]:
    """What is known of a name: why it is not there, and which names are like it."""
    if name in OF_RUNS:
        return [f"only a run has {name}: name one with --run"]
    if name in RELATIONS:
        return [f"{name}: {UNREAD if name in catalogue.fields else _why(catalogue.why, RELATIONS[name].over)}"]
    fields = [(relation.name, field) for relation in RELATIONS.values() for field in relation.fields]
    same = [(place, field) for place, field in fields if field.name == name or field.name.endswith(f".{name}")]
    if same:
        return [
            f"{place}.{field.name} is documented{': ' if (reason := _why(catalogue.why, field.reads)) else ''}{reason}"
            for place, field in same[:NEAR]
        ]
    near = get_close_matches(name, sorted({*RELATIONS, *OF_RUNS, *(field.name.rpartition(".")[2] for _, field in fields)}), NEAR)
    return [f"do you mean {', '.join(near)}?"] if near else []


def _why(why: Mapping[str, str], reads: Sequence[str]) -> str:
    """Why something that is made of `SIDE.TABLE.COLUMN` does not exist; '' when nothing is known of that."""
    places = [place for read in reads for place in (read, ".".join(read.split(".")[:2]))]
    return next((why[place] for place in places if place in why), "")
