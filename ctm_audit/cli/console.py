"""What a person or a pipeline sees: the answer on stdout, everything else on stderr, on any console.

Texts from evidence are hostile: control characters and characters that change the reading direction are shown as
escapes, so that a display name cannot repaint a terminal. Characters that a console cannot show are escaped too.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TextIO

from ctm_audit.errors import CtmAuditError
from ctm_audit.model import FORMAT_VERSION

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
STYLES = {"bold": "\x1b[1m", "red": "\x1b[31m", "green": "\x1b[32m", "magenta": "\x1b[35m"}  # yellow cannot be read on white
PLAIN = "\x1b[0m"
READER_GONE = (errno.EPIPE, errno.EINVAL)  # Windows says EINVAL for a closed pipe


def prepare() -> None:
    """Make both streams escape what their encoding lacks, instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def printable(text: str) -> str:
    """The text with everything escaped that a terminal would obey instead of showing; line ends and tabs stay."""
    return UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def echo_answer(text: str, style: str = "") -> None:
    """Write one block of the answer to stdout; quiet when the reader has gone, so that the exit code stays the verdict.

    `style` is one of STYLES, seen only on a terminal that shows colours; it never carries meaning of its own.
    """
    shown = printable(text)
    if style in STYLES and _has_colours(sys.stdout):
        shown = f"{STYLES[style]}{shown}{PLAIN}"
    _write(sys.stdout, shown + "\n")


def fitted(line: str, hang: int) -> str:
    """The line, on a terminal broken at blanks where it is too long, its rest `hang` columns to the right; elsewhere as it is."""
    if sys.stdout is None or not sys.stdout.isatty():
        return line
    width = max(shutil.get_terminal_size().columns, 2 * hang)
    return "\n".join(textwrap.wrap(line, width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False))


def echo_json(document: Mapping[str, Any]) -> None:
    """Write the one JSON document of `--json` to stdout, in ASCII, so that every console and pipe carries it whole."""
    _write(sys.stdout, json.dumps(document, ensure_ascii=True, indent=2, allow_nan=False) + "\n")


def echo_parts(parts: Iterable[str]) -> None:
    """Write an answer that is too long to be held at once, piece by piece, as it is; the caller escapes what a terminal would obey."""
    for part in parts:
        if not _write(sys.stdout, part):
            return


def echo_data(parts: Iterable[str]) -> None:
    """Write what another program reads, piece by piece: as UTF-8 where stdout is no terminal; on one, what it would obey is escaped."""
    if sys.stdout.isatty():
        echo_parts(map(printable, parts))
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    echo_parts(parts)


def note(text: str) -> None:
    """Write to stderr what is not the answer: progress, hints, faults."""
    _write(sys.stderr, printable(text) + "\n")


def fail(error: CtmAuditError, *, as_json: bool = False) -> int:
    """The exit code of the error, after telling it on stderr and, for `--json`, as a document on stdout."""
    note("\n".join([f"ctm-audit: {error.summary}", *(f"  {line}" for line in error.detail)]))
    if error.hint:
        note(f"Next: {error.hint}")
    if as_json:
        told = {"exit_code": error.exit_code, "summary": error.summary, "detail": list(error.detail), "hint": error.hint}
        with suppress(OSError):  # a stdout that refuses is no second error: this one is told on stderr
            echo_json({"format_version": FORMAT_VERSION, "error": told})
    return error.exit_code


def flush() -> None:
    """Write out what is still buffered; a reader that has gone is no fault."""
    _write(sys.stdout, "")
    _write(sys.stderr, "")


def settle() -> None:
    """Make sure that nothing is left which could fail when the program ends, after an error has been told."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            _write(stream, "")


def _has_colours(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal that obeys colours; the old Windows console does not. https://no-color.org"""
    is_capable = os.name != "nt" or "WT_SESSION" in os.environ
    return stream is not None and stream.isatty() and is_capable and not os.environ.get("NO_COLOR")


def _write(stream: TextIO | None, text: str) -> bool:
    """Whether somebody may read more."""
    if stream is None:  # a program without a console, as under pythonw
        return False
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _point_at_nothing(stream)
        if error.errno not in READER_GONE:
            raise
        return False
    return True


def _point_at_nothing(stream: TextIO) -> None:
    """Send the rest of the stream nowhere, so that the flush at exit is quiet as well."""
    try:
        number = stream.fileno()
    except OSError:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
