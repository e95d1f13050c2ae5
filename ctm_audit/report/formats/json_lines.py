"""Writes JSON documents with a list that is too long to be held: ASCII, indented, the same bytes as json.dumps would give."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from textwrap import indent
from typing import Any

ROWS = "the rows"


def write_json(document: Any, rows: Iterable[Any], path: Path) -> None:
    """Write the document with `rows` in the place of its last text, which is ROWS and stands alone in a list."""
    before, _, after = json.dumps(document, indent=2, allow_nan=False).rpartition(json.dumps(ROWS))
    margin = before[before.rindex("\n") + 1 :]
    with path.open("w", encoding="ascii", newline="\n") as file:
        separator, written = before, False
        for row in rows:
            file.write(separator + indent(json.dumps(row, indent=2, allow_nan=False), margin).removeprefix(margin))
            separator, written = f",\n{margin}", True
        file.write(after if written else before.rstrip() + after.lstrip())
        file.write("\n")
