"""Arrow tables beside DuckDB's own: shown to it without a copy, and in the order of the mapping."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

BLOCK_ROWS = 50_000
"""DuckDB reads a table in parallel by its blocks."""


def show(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Let queries read the table by its name, in place."""
    connection.register(name, in_blocks(table))


def in_blocks(table: pa.Table) -> pa.Table:
    """The same rows in blocks of at most BLOCK_ROWS."""
    return pa.Table.from_batches(table.to_batches(BLOCK_ROWS), table.schema)


def in_order(table: pa.Table) -> pa.Table:
    """The rows by `row_no`; they nearly always are already."""
    numbers = table["row_no"].combine_chunks()
    if pc.any(pc.less(pc.pairwise_diff(numbers), pa.scalar(0))).as_py():
        return table.take(pc.sort_indices(numbers))
    return table


def one_chunk(column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    """The column in one piece where it is small enough for that; taking from many pieces is slow."""
    return column if column.num_chunks == 1 else pa.chunked_array([column.combine_chunks()], column.type)
