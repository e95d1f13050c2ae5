"""Writes CSV that a spreadsheet may open: with a byte order mark, and no cell that it would take for a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FORMULA = "^[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]"
"""What a spreadsheet takes for a formula, the wide forms of East Asia among it. https://owasp.org/www-community/attacks/CSV_Injection"""


@contextmanager
def csv_file(path: Path, schema: pa.Schema) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """A CSV file with a header, and the function that writes rows of this schema to it."""
    with path.open("wb") as file:
        file.write(BYTE_ORDER_MARK)
        with pa.csv.CSVWriter(file, schema) as writer:
            yield lambda rows: writer.write_batch(without_formulas(rows))


def without_formulas(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows, with an apostrophe before each text that begins like a formula."""
    return pa.RecordBatch.from_arrays([_plain(column) for column in rows.columns], schema=rows.schema)


def _plain(column: Any) -> Any:
    if not pa.types.is_string(column.type):
        return column
    return pc.if_else(pc.match_substring_regex(column, FORMULA), pc.binary_join_element_wise("'", column, ""), column)
