"""What is many, as small pieces of text inside the page: columns, each different value once, gzipped, in base64.

A browser unpacks them with `DecompressionStream` (https://developer.mozilla.org/docs/Web/API/DecompressionStream).
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

OPERATING_SYSTEM = 9
"""The place in a gzip header that names it: nothing that the run says."""


class Chunk(NamedTuple):
    """So many rows as text."""

    rows: int
    text: str


def packed(columns: Mapping[str, Sequence[object]]) -> Chunk:
    """The columns as a chunk. In the JSON inside, `of` holds a column's different values, and `at` which of them each row has.

    The same values give the same text. They must be hashable and JSON can say them.
    """
    number = len(next(iter(columns.values()), ()))
    return Chunk(number, squeezed({"rows": number, "columns": {name: _coded(values) for name, values in columns.items()}}))


def squeezed(value: object) -> str:
    """Any value that JSON can say, as gzip in base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    data = bytearray(gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0))
    data[OPERATING_SYSTEM] = 255
    return base64.b64encode(data).decode("ascii")


def _coded(values: Sequence[object]) -> dict[str, object]:
    places: dict[object, int] = {}
    at = [places.setdefault(value, len(places)) for value in values]
    return {"of": [*places], "at": at}


def within(most: int, chunks: Iterable[Chunk]) -> tuple[Chunk, ...]:
    """The chunks up to the first with which they would take more than `most` characters."""
    taken: list[Chunk] = []
    left = most
    for chunk in chunks:
        left -= len(chunk.text)
        if left < 0:
            break
        taken.append(chunk)
    return tuple(taken)


def characters(chunks: Iterable[Chunk]) -> int:
    """What chunks take of the page."""
    return sum(len(chunk.text) for chunk in chunks)


def rows(chunks: Iterable[Chunk]) -> int:
    """How many rows chunks hold."""
    return sum(chunk.rows for chunk in chunks)
