"""Run records of earlier versions, completed with what later versions say besides.

What an earlier version could not say is said as it was then: nothing was waived, nobody signed, no guide was recognised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NO_WORK_LISTS = "unknown"
"""The shell of a rule in a record that is older than work lists, which came with that key."""
RUN: Mapping[str, Any] = {"statements": [], "statement_files": {}}
PARTS: Mapping[str, Mapping[str, Any]] = {
    "evidence": {"signer": None, "signer_known": False},
    "gates": {"attested": 0},
    "rules": {"attested": 0, "how_to": None, "shell": NO_WORK_LISTS},
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "findings": {"original": "null::varchar"},
    "mailboxes": {"waived": "[]::varchar[]", "attested": "[]::varchar[]"},
}
"""Columns that later versions added to the tables, with the SQL of what they say where they lack."""


def completed(run: Mapping[str, Any]) -> dict[str, Any]:
    """The record with every key that this version reads and an earlier one did not write; nothing that it says is changed."""
    made = {**RUN, **run}
    for name, added in PARTS.items():
        made[name] = [{**added, **part} for part in run[name]]
    made["rulebook"] = {"extra": None, **run["rulebook"]}
    made["reference"] = {name: _facts_file(file) for name, file in run["reference"].items()}
    return made


def _facts_file(file: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """The first versions wrote only the day on which a file was checked."""
    return {"checked": file, "digest": "", "overridden": False} if isinstance(file, str) else file
