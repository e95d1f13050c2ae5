"""Bytes to text: UTF-8 with and without a byte order mark, UTF-16 with one."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TextIO

NOTHING = "{}: the file holds nothing; PowerShell writes such a file for 'no objects' and for 'failed' alike"
UNREADABLE = "\udcff"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _mark(error: UnicodeError) -> tuple[str, int]:
    """A lone surrogate for bytes that are no text: intake names the cell that holds one, and no other cell is lost."""
    assert isinstance(error, UnicodeDecodeError)
    return UNREADABLE, error.end


codecs.register_error("ctm-audit-mark", _mark)


def open_text(path: Path) -> TextIO:
    """The file as text with its line ends untouched; bytes that are no text become `UNREADABLE`."""
    with path.open("rb") as file:
        start = file.read(2)
    encoding = "utf-16" if start in UTF_16_MARKS else "utf-8-sig"
    return path.open(encoding=encoding, errors="ctm-audit-mark", newline="")
