"""What is many, as small pieces of text inside the page: columns, each different value once, gzipped, in base64.

A browser unpacks them with `DecompressionStream` (https://developer.mozilla.org/docs/Web/API/DecompressionStream).
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc

OPERATING_SYSTEM = 9
"""The place in a gzip header that names it: nothing that the run says."""


class Chunk(NamedTuple):
    """So many rows as text."""

    rows: int
    text: str


class Coded(NamedTuple):
    """A column: its values, hardly any of them twice, and of each row the place of its value among them."""

    of: list[object]
    at: list[int]


def coded(values: Iterable[Hashable], told: Callable[[Any], object] = lambda value: value) -> Coded:
    """The values, each different one put into words once."""
    places: dict[Hashable, int] = {}
    at = [places.setdefault(value, len(places)) for value in values]
    return Coded([told(value) for value in places], at)


def coded_array(column: pa.Array[Any], told: Callable[[Any], object] = lambda value: value) -> Coded:
    """The same for an Arrow array of texts, numbers or times."""
    encoded = column.dictionary_encode(null_encoding="encode")
    return Coded([told(value) for value in encoded.dictionary.to_pylist()], encoded.indices.to_numpy().tolist())


def are_plain(texts: Any, longest: int) -> bool:
    """Whether all texts of an Arrow array are shown as they are: printable ASCII of at most so many characters."""
    plain = pc.and_(pc.ascii_is_printable(texts), pc.less_equal(pc.utf8_length(texts), pa.scalar(longest)))
    return bool(pc.all(plain, min_count=0).as_py())


def joined(lists: pa.Array[Any], separator: str) -> pa.Array[Any]:
    """Each list as one text; null for null."""
    return cast("pa.Array[Any]", pc.binary_join(lists.cast(pa.list_(pa.string())), separator))


def packed(columns: Mapping[str, Coded]) -> Chunk:
    """The columns as a chunk. In the JSON inside, `of` holds a column's different values, and `at` which of them each row has.

    The same values give the same text. JSON must be able to say them.
    """
    number = len(next(iter(columns.values())).at)
    return Chunk(number, squeezed({"rows": number, "columns": {name: column._asdict() for name, column in columns.items()}}))


def squeezed(value: object) -> str:
    """Any value that JSON can say, as gzip in base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    data = bytearray(gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0))
    data[OPERATING_SYSTEM] = 255
    return base64.b64encode(data).decode("ascii")


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
