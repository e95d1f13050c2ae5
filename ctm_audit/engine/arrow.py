"""Arrow tables beside DuckDB's own: shown to it without a copy, and in the order of the mapping."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

BLOCK_ROWS = 50_000
"""DuckDB reads a table in parallel by its blocks."""
FEW = 1_000
"""So many different values are worth storing once; DuckDB reads all of them with every block."""


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


def compact(column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    """The same texts or lists of texts, each different one stored once where there are few."""
    if not (pa.types.is_string(column.type) or pa.types.is_list(column.type)) or len(_keys(column.slice(0, FEW)).unique()) > FEW // 10:
        return column
    keys = _keys(column)
    encoded: Any = keys.combine_chunks().dictionary_encode()
    if len(encoded.dictionary) > FEW:
        return column
    different: Any = column.take(pc.index_in(encoded.dictionary, value_set=keys)).combine_chunks()
    return pa.chunked_array([pa.DictionaryArray.from_arrays(encoded.indices, different)])


def _keys(column: Any) -> Any:
    """A text for each value, different ones for different values."""
    if pa.types.is_string(column.type):
        return column
    return pc.binary_join_element_wise(pc.list_value_length(column).cast(pa.string()), pc.binary_join(column, "\0"), "\0")


def plain(column: Any) -> Any:
    """The same values, as a reader of a file expects them."""
    if not pa.types.is_dictionary(column.type):
        return column
    return pa.chunked_array([chunk.dictionary.take(chunk.indices) for chunk in column.chunks], column.type.value_type)
