"""The placeholders of a rule's command, and the SQL that fills them with PowerShell literals; quoting for SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ctm_audit.evidence.relations import SqlType

PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
TEXTS = ("expected", "found")
QUOTES = "['\u2018\u2019\u201a\u201b]"
"""PowerShell ends a single-quoted string at the typographic quotes too, so they are doubled like the plain one.
https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules"""


def placeholders(command: str | None) -> tuple[str, ...]:
    """The names between angle brackets, each once, in order."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(command or "")))


def command_sql(command: str | None, types: Mapping[str, SqlType]) -> str:
    """SQL for the command with a PowerShell literal for every placeholder; NULL when one of them is.

    It reads the columns `expected`, `found` and `"<field>"`. Values are data: nothing in them is taken for a placeholder.
    """
    if command is None:
        return "cast(null as varchar)"
    parts = PLACEHOLDER.split(command)
    return " || ".join(_filled(part, types) if number % 2 else text_literal(part) for number, part in enumerate(parts))


def _filled(name: str, types: Mapping[str, SqlType]) -> str:
    column = name if name in TEXTS else quoted(f"<{name}>")
    match types.get(name):
        case "BOOLEAN":
            return f"case when {column} then '$true' when not {column} then '$false' end"
        case "BIGINT":
            return f"cast({column} as varchar)"
        case "VARCHAR[]":
            return f"'@(' || array_to_string(list_transform({column}, lambda element: {_powershell_text('element')}), ', ') || ')'"
        case _:
            return _powershell_text(f"cast({column} as varchar)")


def _powershell_text(sql: str) -> str:
    doubled = f"regexp_replace({sql}, {text_literal(QUOTES)}, '\\0\\0', 'g')"
    return f"('''' || {doubled} || '''')"


def text_literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def path(name: str) -> str:
    """A dotted field as an SQL path."""
    return ".".join(map(quoted, name.split(".")))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
