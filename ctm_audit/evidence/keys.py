"""Rows are told apart by their key: rows that cannot be are taken out, and named."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pyarrow as pa

from ctm_audit.evidence.cells import Named


def has_key(table: pa.Table, key: Sequence[str]) -> list[bool]:
    """For each row, whether every part of its key is there and not ''."""
    return [all(parts) for parts in zip(*(table[name].to_pylist() for name in key), strict=True)]


def without_doubles(table: pa.Table, key: Sequence[str]) -> tuple[pa.Table, Named, int]:
    """The table with unique keys, the keys of the rows that contradict each other, and how many mere repetitions went.

    Rows that are equal in every column say one thing twice, so one of them stays. Of rows that differ none stays.
    """
    keys = list(zip(*(table[name].to_pylist() for name in key), strict=True))
    counts = Counter(keys)
    if len(counts) == len(keys):
        return table, Named(), 0
    rows: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, found in enumerate(keys):
        if counts[found] > 1:
            rows[found].append(row)
    return _resolve(table, rows)


def _resolve(table: pa.Table, rows: dict[tuple[str, ...], list[int]]) -> tuple[pa.Table, Named, int]:
    kept = [True] * table.num_rows
    doubled, repeated = Named(), 0
    for key, places in rows.items():
        agree = table.take(places[1:]).to_pylist() == table.take(places[:1] * (len(places) - 1)).to_pylist()
        for place in places[1:] if agree else places:
            kept[place] = False
        repeated += len(places) - 1 if agree else 0
        for _ in () if agree else places:
            doubled.add(" ".join(map(str, key)))
    return table.filter(pa.array(kept)), doubled, repeated
