"""The facts of each mailbox, source and target side by side: chunks of 500 mailboxes in the order of the page's list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.evidence.relations import PAIRS
from ctm_audit.report.chunks import Chunk, Coded, are_plain, coded_array, joined, packed, rows, squeezed, within
from ctm_audit.report.run_tables import READ
from ctm_audit.report.words import day_and_time, size, visible

CHUNK_ROWS = 500
MOST_MAILBOXES = 10_000
LONGEST = 2_000
SIDES = ("source.", "target.", "plan.")
NOT_FACTS = {*READ["mailboxes"], "other", "row_no"}
BOOKKEEPING = ("found", "hits", "rows", "named_id")
"""How a key was resolved; less asked for than what the objects are, so it stands last."""
FOR_AUTHORS = re.compile(r"^true (?:when|while|once) |(?:, (?:''|\[\]|folded|bytes)|; ).*$")
"""What a field's text says only to authors of rules."""
IN_BYTES = ("quota", "size")


@dataclass(frozen=True, slots=True)
class FactsOfMailboxes:
    """The facts of the first `mailboxes` of the list, in chunks; `labels` says in words what each fact is."""

    chunks: tuple[Chunk, ...]
    mailboxes: int
    labels: str


def facts_of_mailboxes(connection: duckdb.DuckDBPyConnection, most: int) -> FactsOfMailboxes:
    """As many facts as fit into `most` characters; `mailboxes_view` must have chosen the mailboxes."""
    columns = [str(row[0]) for row in connection.execute("describe mailboxes").fetchall()]
    names = [name for name in columns if name.startswith(SIDES) and name not in NOT_FACTS]
    names.sort(key=lambda name: name.rpartition(".")[2] in BOOKKEEPING)
    labels = squeezed({name: _label(PAIRS.by_name[name].doc) if name in PAIRS.by_name else "" for name in names})
    if not names:
        return FactsOfMailboxes((), 0, labels)
    select = ", ".join('m."' + name.replace('"', '""') + '"' for name in names)
    query = f"select {select} from mailboxes m join listed l on m.row_no = l.row_no where l.place < {MOST_MAILBOXES:d} order by l.place"
    chunks = within(most - len(labels), _chunks(connection.sql(query), names))
    return FactsOfMailboxes(chunks, rows(chunks), labels)


def _chunks(facts: duckdb.DuckDBPyRelation, names: Sequence[str]) -> Iterator[Chunk]:
    for block in facts.to_arrow_reader(CHUNK_ROWS):
        yield packed({name: _told(name, block.column(place)) for place, name in enumerate(names)})


def _label(doc: str) -> str:
    return FOR_AUTHORS.sub("", doc)


def _told(name: str, facts: pa.Array[Any]) -> Coded:
    """The facts of a column in words."""
    if pa.types.is_string(facts.type) and are_plain(facts, LONGEST):
        return coded_array(facts)
    if pa.types.is_list(facts.type):
        facts = joined(facts, "\n")
    in_bytes = name.endswith(IN_BYTES) and pa.types.is_integer(facts.type)
    return coded_array(facts, (lambda value: value if value is None else size(value)) if in_bytes else _text)


def _text(value: Any) -> str | None:
    """A fact in words: None when it was not collected, '' for none of it; of a list one value a line."""
    if value is None or isinstance(value, str):
        return value and _cut(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return day_and_time(value.isoformat()) if isinstance(value, datetime) else f"{value:,}"


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
