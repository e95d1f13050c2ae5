"""The values of a JSON text one after another, each decoded by the standard library, in bounded memory.

A value is decoded from a window of text that grows only until the value fits: an export of 400 MB is never held whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, TextIO

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.readers.text import NOTHING

STEP = 1 << 20
LONGEST_VALUE = 1 << 28
LONGEST_WORD = 16  # "-Infinity" and "\\uXXXX": an error this far from the end of the window is not made by the window
BLANK = re.compile("[ \t\r\n\ufeff]*")  # files put one after another keep their byte order marks


class Unreadable(Exception):
    """From here on the text cannot be read; it carries the fault that says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Scanner:
    """Reads a stream of JSON: `values` yields what stands one after another on top level, lists opened."""

    def __init__(self, stream: TextIO, file: str) -> None:
        self._stream = stream
        self._file = file
        self._window = ""
        self._place = 0
        self._lines = 1
        self._columns = 1
        self._flaws: list[str] = []
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=self._constant)

    def values(self) -> Iterator[Any | Fault]:
        """The values of all documents; a value with a flaw of its own is replaced by a Fault, and reading goes on.

        Raises Unreadable where nothing after can be read, NotCollected when there is no document at all.
        """
        if not self._next():
            raise NotCollected(NOTHING.format(self._file))
        while mark := self._next():
            if mark == "[":
                yield from self._members()
            else:
                yield self._value()

    def _members(self) -> Iterator[Any | Fault]:
        self._place += 1
        mark = self._next()
        while mark != "]":
            yield self._value()
            mark = self._next()
            if mark == ",":
                self._place += 1
            elif mark != "]":
                self._refuse("Expecting ',' or ']'" if mark else "", self._place)
        self._place += 1

    def _next(self) -> str:
        """The next character that is not blank, '' at the end."""
        while True:
            self._place = _end_of_blanks(self._window, self._place)
            if self._place < len(self._window):
                return self._window[self._place]
            if not self._grow():
                return ""

    def _value(self) -> Any | Fault:
        self._next()
        while True:
            self._flaws.clear()
            try:
                value, end = self._decoder.raw_decode(self._window, self._place)
            except json.JSONDecodeError as error:
                if self._is_final(error) or not self._grow():
                    self._refuse("" if self._is_cut(error) else error.msg, error.pos)
            except RecursionError:
                self._refuse("the value is nested too deeply", self._place)
            except ValueError:
                self._refuse("a number has thousands of digits", self._place)
            else:
                if end < len(self._window) or not self._grow():
                    return self._take(value, end)

    def _take(self, value: Any, end: int) -> Any | Fault:
        start, self._place = self._place, end
        if self._flaws:
            return self._fault(f"{self._flaws[0]}; the object that begins here was left out", start)
        return value

    def _grow(self) -> bool:
        """Read on and drop what is done with; False, and nothing changed, at the end of the stream."""
        read, kept = self._window[: self._place], self._window[self._place :]
        if len(kept) > LONGEST_VALUE:
            self._refuse(f"one value is longer than {LONGEST_VALUE:,} characters", self._place)
        more = self._stream.read(max(STEP, len(kept)))
        if more:
            self._columns = len(read) - read.rfind("\n") if "\n" in read else self._columns + len(read)
            self._lines += read.count("\n")
            self._window, self._place = kept + more, 0
        return bool(more)

    def _is_final(self, error: json.JSONDecodeError) -> bool:
        return not error.msg.startswith("Unterminated") and error.pos < len(self._window) - LONGEST_WORD

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated") or error.pos >= len(self._window.rstrip())

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            self._flaws.append("a member name stands twice in one object")
        return found

    def _constant(self, name: str) -> None:
        self._flaws.append(f"{name} is not JSON")

    def _fault(self, message: str, place: int) -> Fault:
        before = self._window[:place]
        line = self._lines + before.count("\n")
        column = place - before.rfind("\n") if "\n" in before else self._columns + place
        return Fault(self._file, line, column, message)

    def _refuse(self, message: str, place: int) -> NoReturn:
        """Say where reading stops; an empty message means that the file ends too early."""
        if "\0" in self._window[place : place + LONGEST_WORD]:
            message = "a NUL byte (UTF-16 without a byte order mark, or a damaged file)"
        what = f"this is not JSON: {message}" if message else "the file ends in the middle: it was cut off"
        raise Unreadable(self._fault(f"{what}; nothing from here on was read", place))


def _end_of_blanks(window: str, start: int) -> int:
    found = BLANK.match(window, start)
    assert found
    return found.end()
