"""Bytes to text: UTF-8 with and without a byte order mark, UTF-16 with one, and for CSV the Windows-1252 of old shells."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TextIO

NOTHING = "{}: the file holds nothing; PowerShell writes such a file for 'no objects' and for 'failed' alike"
UNREADABLE = "\udcff"
STEP = 1 << 20
BEYOND_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _mark(error: UnicodeError) -> tuple[str, int]:
    """A lone surrogate for bytes that are no text: intake names the cell that holds one, and no other cell is lost."""
    assert isinstance(error, UnicodeDecodeError)
    return UNREADABLE, error.end


codecs.register_error("ctm-audit-mark", _mark)


def open_text(path: Path, encoding: str = "") -> TextIO:
    """The file as text with its line ends untouched; bytes that are no text become `UNREADABLE`."""
    return path.open(encoding=encoding or _marked(path), errors="ctm-audit-mark", newline="")


def _marked(path: Path) -> str:
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in UTF_16_MARKS else "utf-8-sig"


def is_ansi(path: Path) -> bool:
    """True when the file is Windows-1252 for certain enough: not UTF-8, no byte order mark, and not one character of UTF-8 in it.

    A file of UTF-8 with a few damaged bytes is none: read as Windows-1252, its other characters would become wrong ones.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    is_damaged = False
    with path.open("rb") as file:
        while block := file.read(STEP):
            text = decoder.decode(block)
            if not text.isascii() and (text[0] == "\ufeff" or BEYOND_ASCII.search(text)):
                return False
            is_damaged = is_damaged or not text.isascii()
    return is_damaged and _marked(path) != "utf-16"
