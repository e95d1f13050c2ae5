"""Text files that people made with whatever program they had: bytes to text, or the place that cannot be read."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from ctm_audit.errors import Fault

BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Text:
    """The text with "\\n" line ends, or the faults that kept it from being read; `note` tells how it had to be read."""

    text: str
    faults: tuple[Fault, ...] = ()
    note: str = ""


def shown(path: Path) -> str:
    """The path as a person in the working folder would write it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read_text(path: Path, *, ansi: bool) -> Text:
    """The text of a UTF-8 or UTF-16 file; with `ansi`, what is not UTF-8 is read as Windows-1252 and `note` says so."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return _unreadable(path, "the file does not exist")
    except OSError as error:
        return _unreadable(path, f"the file cannot be read ({error.strerror or type(error).__name__})")
    return _decode(path, data, ansi=ansi)


def _unreadable(path: Path, message: str) -> Text:
    return Text("", (Fault(shown(path), 0, 0, message),))


def _decode(path: Path, data: bytes, *, ansi: bool) -> Text:
    encoding, body = next(((name, data[len(mark) :]) for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), ("", data))
    try:
        return Text(_with_plain_line_ends(body.decode(encoding or "utf-8")))
    except UnicodeDecodeError as error:
        if ansi and not encoding:
            return _decode_ansi(path, body)
        return _undecodable(path, body, error, encoding or "utf-8", "save the file as UTF-8")


def _decode_ansi(path: Path, body: bytes) -> Text:
    try:
        text = body.decode("windows-1252")
    except UnicodeDecodeError as error:
        return _undecodable(path, body, error, "windows-1252", "the file is neither UTF-8 nor Windows-1252; save it as UTF-8")
    return Text(_with_plain_line_ends(text), note=f"{shown(path)} is not UTF-8; it was read as Windows-1252. Save it as UTF-8 to be sure.")


def _undecodable(path: Path, body: bytes, error: UnicodeDecodeError, encoding: str, advice: str) -> Text:
    before = _with_plain_line_ends(body[: error.start].decode(encoding, "replace"))
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    what = f"byte 0x{body[error.start]:02X} is no character of {encoding}; {advice}"
    return Text("", (Fault(shown(path), line, column, what),))


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
