"""ctm-audit.toml as values, and the variables that override its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ctm_audit.project_keys import FILE, Key, Table
from ctm_audit.text_files import read_text
from ctm_audit.toml_file import TomlFile, read_toml, variable_of


def overrides_from(environment: Mapping[str, str]) -> dict[str, str]:
    """The keys that CTM_AUDIT_… variables override; an empty variable is none.

    A variable that begins like a section but names no key of it is handed on, so that it is refused as unknown.
    """
    known = {variable_of(name): name for name in _names(FILE)}
    sections = {variable_of(f"{name}."): name for name, table in FILE.keys.items() if isinstance(table, Table) and not table.many}
    found = {}
    for variable, value in sorted(environment.items()):
        section = next((name for start, name in sections.items() if variable.startswith(start)), None)
        if section and value:
            rest = variable.removeprefix(variable_of(f"{section}.")).lower()
            found[known.get(variable, f"{section}.{rest}")] = value
    return found


def _names(table: Table, above: str = "") -> Iterator[str]:
    for name, entry in table.keys.items():
        if isinstance(entry, Key):
            yield f"{above}{name}"
        elif not entry.many:
            yield from _names(entry, f"{above}{name}.")


def read_project_file(path: Path, overrides: Mapping[str, str]) -> TomlFile:
    """The file's values with `overrides` (`section.key` to text) laid over them."""
    read = read_text(path, ansi=False)
    found = read_toml(path, read, FILE, overrides)
    if not found.digest:
        found.values = _guess_of_mapping(read.text)
    return found


def _guess_of_mapping(text: str) -> dict[str, Any]:
    """The mapping that a file with a syntax error seems to name, so that its faults are told as well."""
    named = re.search(r"""^\s*mapping\s*=\s*(["'])([^"'\n]+)\1""", text, re.MULTILINE)
    return {"project": {"mapping": named[2]}} if named else {}
