"""Where each key and each value of a TOML text stands; tomllib reads the values but keeps no places.

The text must be TOML that tomllib has read without complaint, so the scan here only has to follow it.
https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field

TomlPath = tuple[str | int, ...]
BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
STRING = re.compile(r'"""(?:\\.|[^\\])*?"""[\"]{0,2}|\'\'\'.*?\'\'\'[\']{0,2}|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BARE_VALUE = re.compile(r"[^,\]}#\n]+")


@dataclass(frozen=True, slots=True)
class Places:
    """Offsets into the text: `keys` of each key and table header, `values` of each value as (start, end).

    Elements of arrays are numbered from 0, so the second `[[wave]]` is ("wave", 1).
    """

    text: str
    keys: dict[TomlPath, int] = field(default_factory=dict)
    values: dict[TomlPath, tuple[int, int]] = field(default_factory=dict)

    def of_key(self, path: TomlPath) -> tuple[int, int]:
        """Line and column, from 1, of a key or a table header; else of the nearest table above it, else of the end of the text."""
        while path and path not in self.keys:
            path = path[:-1]
        return line_and_column(self.text, self.keys[path] if path else len(self.text))

    def of_value(self, path: TomlPath) -> tuple[int, int]:
        """Line and column, from 1, of a value; of its key when it has none."""
        return line_and_column(self.text, self.values[path][0]) if path in self.values else self.of_key(path)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def find_places(text: str) -> Places:
    """The places of all keys and values of a valid TOML text."""
    scan = _Scan(text, Places(text))
    scan.document()
    return scan.found


@dataclass(slots=True)
class _Scan:
    """A walk over the text; every method leaves `at` behind what it names."""

    text: str
    found: Places
    at: int = 0
    rows: dict[TomlPath, int] = field(default_factory=dict)

    def document(self) -> None:
        table: TomlPath = ()
        while self.blank() < len(self.text):
            table = self.header() if self.text[self.at] == "[" else self.pair(table)

    def blank(self) -> int:
        self.at = self._end(BLANK)
        return self.at

    def header(self) -> TomlPath:
        start, is_row = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if is_row else 1
        *outer, last = self.key()
        path = (*self.rows_of(outer), last)
        self.at += 2 if is_row else 1
        if is_row:
            self.found.keys.setdefault(path, start)
            self.rows[path] = self.rows.get(path, -1) + 1
            path = (*path, self.rows[path])
        self.found.keys[path] = start
        return path

    def rows_of(self, names: list[str]) -> TomlPath:
        """The path of names, where each array of tables on the way means its last row."""
        path: TomlPath = ()
        for name in names:
            path = (*path, name)
            path = (*path, self.rows[path]) if path in self.rows else path
        return path

    def pair(self, table: TomlPath) -> TomlPath:
        start, path = self.at, table
        for name in self.key():
            path = (*path, name)
            self.found.keys.setdefault(path, start)
        self.at += 1  # the equals sign
        self.value(path)
        return table

    def key(self) -> list[str]:
        """The parts of a dotted key; ends at the sign behind it."""
        names: list[str] = []
        while not names or self.text[self.at] == ".":
            self.at += bool(names)
            self.blank()
            names.append(self.key_part())
            self.blank()
        return names

    def key_part(self) -> str:
        start = self.at
        self.at = self._end(STRING if self.text[start] in "\"'" else BARE_KEY)
        part = self.text[start : self.at]
        return str(tomllib.loads(f"part = {part}")["part"]) if part[0] in "\"'" else part

    def value(self, path: TomlPath) -> None:
        start, sign = self.blank(), self.text[self.at]
        match sign:
            case "[":
                self.array(path)
            case "{":
                self.inline_table(path)
            case _:
                self.at = self._end(STRING if sign in "\"'" else BARE_VALUE)
        self.found.values[path] = (start, self.at)

    def array(self, path: TomlPath) -> None:
        self.at, number = self.at + 1, 0
        while self.text[self.blank()] != "]":
            self.value((*path, number))
            number += 1
            self.comma()
        self.at += 1

    def inline_table(self, path: TomlPath) -> None:
        self.at += 1
        while self.text[self.blank()] != "}":
            self.pair(path)
            self.comma()
        self.at += 1

    def comma(self) -> None:
        if self.text[self.blank()] == ",":
            self.at += 1

    def _end(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        return found.end() if found else self.at
