"""The mailboxes of a run: each wave as a bar, the first mailboxes as text, and all that have room as chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.report.chunks import Chunk, Coded, coded_array, joined, packed, rows, within
from ctm_audit.report.words import day_and_time, shortened, size, visible

SHOWN = 100
MOST_LISTED = 100_000
CHUNK_ROWS = 10_000
CHARACTERS = 2_800_000
"""What the list of mailboxes may take of the page."""
ORDER = ("blocked", "undetermined", "ready", "moved")
SIZES = ("source.total_item_size", "source.archive_total_item_size")
SUBMIT_BY = "plan.submit_by"

CHOSEN = """
create temp table listed as select row_no, row_number() over (order by rank, row_no) - 1 as place
from (select row_no, list_position($order, verdict) as rank from mailboxes) order by rank, row_no limit $most
"""
LISTED = """
select m.id, m.target, m.wave, m.stage, m.verdict, m.blocking, m.undetermined, list_concat(m.waived, m.attested) as accepted,
  {mailbox} as mailbox_size, {archive} as archive_size
from mailboxes m join listed l on m.row_no = l.row_no order by l.place
"""
WAVES = """
select wave, count(*) filter (verdict = 'ready'), count(*) filter (verdict = 'blocked'), count(*) filter (verdict = 'undetermined'),
  count(*) filter (verdict = 'moved'), sum({mailbox} + {archive})::bigint, count(*) filter ({mailbox} is null), {submit_by}
from mailboxes group by wave order by min(row_no)
"""


@dataclass(frozen=True, slots=True)
class MailboxView:
    """One mailbox with its verdict and the rules that stand in its way; `size` and `archive` are empty when nobody measured them."""

    id: str
    target: str
    wave: str | None
    stage: str | None
    verdict: str
    size: str
    archive: str
    blocking: tuple[str, ...]
    undetermined: tuple[str, ...]
    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaveView:
    """One wave: how many of its mailboxes are in which state, how much it weighs, and until when its batch is to be submitted."""

    name: str | None
    counts: Mapping[str, int]
    total: int
    size: str
    unmeasured: int
    submit_by: str


@dataclass(frozen=True, slots=True)
class MailboxesView:
    """The mailboxes of the page: the first of them, and in `chunks` all `listed` ones."""

    first: tuple[MailboxView, ...]
    chunks: tuple[Chunk, ...]
    listed: int
    waves: tuple[WaveView, ...]
    has_waves: bool
    has_sizes: bool


def mailboxes_view(connection: duckdb.DuckDBPyConnection) -> MailboxesView:
    """The run's `mailboxes`, those that are blocked first; afterwards `listed` has the places of those on the page."""
    have = {str(row[0]) for row in connection.execute("describe mailboxes").fetchall()}
    sizes = {name: f'"{column}"' if column in have else "null::bigint" for name, column in zip(("mailbox", "archive"), SIZES, strict=True)}
    submit_by = f"strftime(min(\"{SUBMIT_BY}\"), '%Y-%m-%dT%H:%M:%SZ')" if SUBMIT_BY in have else "null"
    waves = tuple(_wave(row) for row in connection.execute(WAVES.format(submit_by=submit_by, **sizes)).fetchall())
    connection.execute(CHOSEN, {"order": [*ORDER], "most": MOST_LISTED})
    blocks = connection.sql(LISTED.format(**sizes)).to_arrow_reader(CHUNK_ROWS)
    first: list[MailboxView] = []
    chunks = within(CHARACTERS, _chunks(blocks, first))
    return MailboxesView(tuple(first), chunks, max(rows(chunks), len(first)), waves, any(wave.name for wave in waves), SIZES[0] in have)


def _chunks(blocks: Iterable[pa.RecordBatch], first: list[MailboxView]) -> Iterator[Chunk]:
    """Each block as a chunk; `first` gets the first mailboxes of all."""
    for block in blocks:
        first.extend(_mailbox(row) for row in block.slice(0, SHOWN - len(first)).to_pylist())
        yield packed(_columns(block))


def _columns(block: pa.RecordBatch) -> dict[str, Coded]:
    """The fields of `MailboxView`, each a column; the rules of a mailbox are one text."""
    texts = {name: coded_array(block[name], shortened) for name in ("id", "target")}
    plain = {name: coded_array(block[name], lambda value: value and shortened(value)) for name in ("wave", "stage", "verdict")}
    sizes = {"size": coded_array(block["mailbox_size"], _size), "archive": coded_array(block["archive_size"], _archive)}
    rules = {name: coded_array(joined(block[name], " "), visible) for name in ("blocking", "undetermined", "accepted")}
    return {**texts, **plain, **sizes, **rules}


def _size(number: int | None) -> str:
    return "" if number is None else size(number)


def _archive(number: int | None) -> str:
    return size(number) if number else ""


def _mailbox(row: Mapping[str, Any]) -> MailboxView:
    return MailboxView(
        id=shortened(row["id"]),
        target=shortened(row["target"]),
        wave=row["wave"] and shortened(row["wave"]),
        stage=row["stage"],
        verdict=row["verdict"],
        size=_size(row["mailbox_size"]),
        archive=_archive(row["archive_size"]),
        blocking=tuple(row["blocking"]),
        undetermined=tuple(row["undetermined"]),
        accepted=tuple(row["accepted"]),
    )


def _wave(row: tuple[Any, ...]) -> WaveView:
    name, *numbers, weight, unmeasured, submit_by = row
    counts = dict(zip(("ready", "blocked", "undetermined", "moved"), numbers, strict=True))
    return WaveView(
        name=name and shortened(name),
        counts=counts,
        total=sum(counts.values()),
        size=_size(weight),
        unmeasured=unmeasured,
        submit_by=day_and_time(submit_by) if submit_by else "",
    )
