"""Texts as PowerShell literals that nothing can break out of.

Data is escaped to plain ASCII, so that neither quotes (PowerShell knows seven of them), nor `$(...)`, nor a line break,
nor the code page with which Windows PowerShell reads a script can change it; the script reads it with [regex]::Unescape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]")
BLOCK = 1_000


def literal(text: str) -> str:
    """A single-quoted literal of words of our own; they are printable ASCII."""
    assert text.isascii()
    assert text.isprintable()
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """An array of such literals."""
    return f"@({', '.join(map(literal, texts))})"


def data(text: str) -> str:
    r"""A literal of somebody else's text: every character but letters, digits and `@._+-` stands as \uXXXX."""
    return literal(UNSAFE.sub(_units, text))


def data_list(variable: str, texts: Iterable[str]) -> str:
    """Statements that fill a list of strings, a line each; in blocks, because one array of 100,000 compiles slowly."""
    lines = [f"${variable} = [System.Collections.Generic.List[string]]::new()"]
    found = list(map(data, texts))
    for start in range(0, len(found), BLOCK):
        members = ",\n    ".join(found[start : start + BLOCK])
        lines.append(f"${variable}.AddRange([string[]] @(\n    {members}\n))")
    return "\n".join(lines)


def _units(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
