"""Runs for tests of what is made of a run: the sample run with findings of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet

from ctm_audit.engine.runs import RunRecord
from ctm_audit.evidence.relations import SqlType
from ctm_audit.rulebook.commands import command_sql
from tests.report import sample

FLAT = ("rule", "gate", "weight", "verdict", "object_kind", "object_id", "object_name", "wave", "expected", "found")
SCHEMA = pa.schema(
    [(name, pa.string()) for name in (*FLAT, "owner", "fix_kind", "fix", "command", "reason", "until")]
    + [("count", pa.int64()), ("original", pa.string())]
)
HOSTILE = (
    "o'brien",
    "\u2019; Remove-Mailbox x; \u2018",
    "'; Remove-Mailbox x; '",
    "$(Remove-Mailbox x)",
    "`nRemove-Mailbox x",
    "a\r\nRemove-Mailbox x\n",
    "nul\0byte",
    "\u202eright to left\u2066",
    "J\u00fcrgen \U0001f600 \u00d2; Remove-Mailbox x",
    "#> } Remove-Mailbox x {",
    '"@\n"; Remove-Mailbox x',
    "@everyone <script>alert(1)</script> [a](https://example.com) https://example.com | `` ` ``",
    "=cmd|' /C calc'!A0",
    "\\| | \\",
    "",
)
"""Names that try to be something else: another literal, a second line, another direction, markup, a mention, a formula."""


def finding(**changes: Any) -> dict[str, Any]:
    """A finding of STP-05 of the sample run."""
    return {
        **dict.fromkeys(SCHEMA.names),
        "rule": "STP-05",
        "gate": "stamping",
        "weight": "blocker",
        "verdict": "fail",
        "object_kind": "mailbox",
        "object_id": "a@contoso.com",
        "object_name": "a@contoso.com",
        "expected": "X500:/o=a",
        "found": "",
        "owner": "target-admin",
        "fix_kind": "script",
        "fix": "Add the address.",
        "count": 1,
        **changes,
    }


def stamp(name: str) -> str:
    """The command of STP-05 for this name, as the rule book renders it."""
    types: Mapping[str, SqlType] = {"target.upn": "VARCHAR"}
    sql = command_sql("Set-MailUser -Identity <target.upn> -EmailAddresses @{ Add = <expected> }", types)
    row = duckdb.execute(f'select {sql} from (select $name as "<target.upn>", $name as expected)', {"name": name}).fetchone()
    assert row is not None
    return str(row[0])


def record(folder: Path, findings: Iterable[Mapping[str, Any]]) -> RunRecord:
    """The sample run with these findings, in a folder; run.json and mailboxes stay away."""
    pa.parquet.write_table(pa.Table.from_pylist([dict(row) for row in findings], SCHEMA), folder / "findings.parquet")
    return RunRecord(folder, sample.run())
