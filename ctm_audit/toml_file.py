"""A TOML file whose keys are declared, as values: every key read by its own reader, every fault with its line and column."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.project_keys import REQUIRED, SECRET, Key, Table, kind_of
from ctm_audit.text_files import Text, shown
from ctm_audit.toml_places import Places, TomlPath, find_places, line_and_column

PREFIX = "CTM_AUDIT_"
SYNTAX_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
BACKSLASH = re.compile(r"Unescaped|Invalid (escape|hex)|backslash", re.IGNORECASE)
NO_OVERRIDES: Mapping[str, str] = {}


@dataclass(slots=True)
class TomlFile:
    """What was read: `values` has only what was right, `faults` all that was not, `given` what was laid over the file.

    `digest` is that of what the file says; it stays '' for a text that is not TOML.
    """

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    places: Places = field(default_factory=lambda: Places(""))
    given: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    def fault(self, path: TomlPath, message: str, *, at_key: bool = False) -> None:
        """Note one fault at a key, or at its value."""
        name = ".".join(str(part) for part in path)
        if name in self.given:
            self.faults.append(Fault(f"{name} (given by option or {variable_of(name)})", 0, 0, message))
            return
        line, column = self.places.of_key(path) if at_key else self.places.of_value(path)
        self.faults.append(Fault(shown(self.path), line, column, message))


def variable_of(name: str) -> str:
    """The environment variable that overrides a key: `source.tenant_id` is CTM_AUDIT_SOURCE_TENANT_ID."""
    return PREFIX + name.replace(".", "_").upper()


def read_toml(path: Path, read: Text, table: Table, overrides: Mapping[str, str] = NO_OVERRIDES) -> TomlFile:
    """The values of a file's text with `overrides` (`section.key` to text) laid over them."""
    found = TomlFile(path, faults=list(read.faults), given=dict(overrides))
    if read.faults:
        return found
    try:
        data = tomllib.loads(read.text)
        found.places = find_places(read.text)
    except tomllib.TOMLDecodeError as error:
        found.faults.append(_syntax_fault(path, read.text, str(error)))
    except RecursionError:
        found.faults.append(Fault(shown(path), 0, 0, "arrays or tables are nested too deeply"))
    else:
        _overlay(found, data)
        found.digest = _digest(data)
        found.values = _table(found, data, table, ())
    return found


def _syntax_fault(path: Path, text: str, message: str) -> Fault:
    place = SYNTAX_PLACE.search(message)
    what = message[: place.start()] if place else message
    if BACKSLASH.search(what):
        what += "; write paths with / or in 'single quotes'"
    line, column = (int(place[1]), int(place[2])) if place and place[1] else line_and_column(text, len(text))
    return Fault(shown(path), line, column, f"not TOML: {what}")


def _overlay(file: TomlFile, data: dict[str, Any]) -> None:
    for name, value in file.given.items():
        *tables, last = name.split(".")
        inner: Any = data
        for table in tables:
            inner = inner.setdefault(table, {}) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[last] = value
        else:
            file.fault((*tables, last), "this key can only be set in the project file")


def _digest(data: dict[str, Any]) -> str:
    """The digest of what the file says; blanks, comments, line ends and the order of keys do not matter."""
    plain = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode("ascii")).hexdigest()


def _table(file: TomlFile, data: Any, table: Table, path: TomlPath) -> dict[str, Any]:
    if not isinstance(data, dict):
        file.fault(path, f"[{_dotted(path)}] is a table, this is {kind_of(data)}")
        return {}
    for name in data:
        _refuse_unknown(file, table, (*path, name))
    values = {name: _entry(file, data, entry, (*path, name)) for name, entry in table.keys.items()}
    if table.others:
        values |= {name: _value(file, data[name], table.others, (*path, name)) for name in data}
    return {name: value for name, value in values.items() if value is not REQUIRED}


def _refuse_unknown(file: TomlFile, table: Table, path: TomlPath) -> None:
    name, where = str(path[-1]), f" in [{_dotted(path[:-1])}]" if path[:-1] else ""
    if name not in table.keys and SECRET.search(name):
        file.fault(path, f"{name!r} looks like a secret; no secret may stand in the project file or its overrides", at_key=True)
    elif name not in table.keys and not table.others:
        close = difflib.get_close_matches(name.lower(), table.keys, n=1)
        advice = f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(table.keys)}"
        file.fault(path, f"unknown key {name!r}{where}{advice}", at_key=True)


def _entry(file: TomlFile, data: dict[str, Any], entry: Key | Table, path: TomlPath) -> Any:
    name = str(path[-1])
    if isinstance(entry, Table):
        return _rows(file, data.get(name, []), entry, path) if entry.many else _table(file, data.get(name, {}), entry, path)
    if name in data:
        return _value(file, data[name], entry, path)
    if entry.default is REQUIRED:
        file.fault(path, f"{f'[{_dotted(path[:-1])}]' if path[:-1] else 'the file'} needs the key {name!r}", at_key=True)
    return entry.default


def _rows(file: TomlFile, data: Any, table: Table, path: TomlPath) -> Any:
    if not isinstance(data, list):
        file.fault(path, f"write [[{_dotted(path)}]] with two brackets: there may be several", at_key=True)
        return []
    return [_table(file, row, table, (*path, number)) for number, row in enumerate(data)]


def _value(file: TomlFile, value: Any, key: Key, path: TomlPath) -> Any:
    try:
        return key.read(value)
    except ValueError as error:
        file.fault(path, f"{path[-1]}: {error}")
        return REQUIRED


def _dotted(path: TomlPath) -> str:
    return ".".join(str(part) for part in path if isinstance(part, str))
