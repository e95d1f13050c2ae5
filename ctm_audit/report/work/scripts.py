"""PowerShell scripts of the changes that may be made in a series: plain ASCII, one object a line, a rehearsal unless told otherwise.

Commands come rendered from the rule book (`rulebook.commands`), and names are rendered by the same SQL; no text of anybody is put into a
script in another way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ctm_audit.collect_script.literals import data
from ctm_audit.engine.runs import RunRecord
from ctm_audit.engine.session import open_session
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import FixKind, Owner, Verdict
from ctm_audit.report.words import counted, day_and_time, owner, visible
from ctm_audit.report.work.rows import SIDE_OF, among, work
from ctm_audit.rulebook.commands import powershell_text

CHANGES_A_SCRIPT = 5_000
"""PowerShell reads a script whole before its first line; more changes make another script."""
SHELLS = {"exo": "Exchange Online PowerShell", "compliance": "Security & Compliance PowerShell", "graph": "Microsoft Graph PowerShell"}
"""The shells in which a session tells its tenant. One on-premises does not, so no script is made for it."""
LINE = f"'    Invoke-Change ' || {powershell_text('rule')} || ' ' || {powershell_text('object_id')} || ' {{ ' || command || ' }}'"
READ = ("rule", "verdict", "object_kind", "object_id", "fix_kind", "shell", "command", "owner")


class Place(NamedTuple):
    """Who makes changes, in which shell and in which tenant."""

    owner: str
    shell: str
    side: str

    def file(self, number: int) -> str:
        """The name of a script with these changes, counted from 1; it names the tenant where the owner does not."""
        parts = [self.owner, self.shell, *([] if self.owner in SIDE_OF else [self.side]), *([str(number)] if number > 1 else [])]
        return f"{'-'.join(parts)}.ps1"


Counts = dict[Place, Counter[str]]


def write_scripts(record: RunRecord, folder: Path) -> Counts:
    """Write every script of a run to the folder; how many changes there are of each rule, place by place, comes back."""
    counts = _counts(record)
    for place, rules in counts.items():
        for number, lines in enumerate(_portions(_lines(record, place)), 1):
            text = _script(record.document, place, rules, number, lines)
            (folder / place.file(number)).write_text(text, encoding="ascii", newline="\r\n")
    return counts


def script_names(place: Place, rules: Counter[str]) -> tuple[str, ...]:
    """The names of the scripts with these changes, in order."""
    return tuple(place.file(number + 1) for number in range(-(-rules.total() // CHANGES_A_SCRIPT)))


def _counts(record: RunRecord) -> Counts:
    found: Counts = {}
    for rows in _changes(record):
        for place, rule in zip(_places(rows), rows["rule"].to_pylist(), strict=True):
            found.setdefault(place, Counter())[str(rule)] += 1
    return dict(sorted(found.items()))


def _changes(record: RunRecord) -> Iterator[pa.RecordBatch]:
    """What fails and may be repaired in a series, with its command."""
    for rows in work(record, READ):
        failing = among(rows, "verdict", (Verdict.FAIL, Verdict.DUE))
        found = among(among(failing, "fix_kind", (FixKind.SCRIPT,)), "shell", SHELLS)
        found = found.filter(pc.is_valid(found["command"]))
        told = found.filter(pa.array([place.side in SIDES for place in _places(found)], pa.bool_()))
        if told.num_rows:
            yield told


def _places(rows: pa.RecordBatch) -> list[Place]:
    """Where each change is made. A change of somebody who has no tenant of their own says it by its object, or nobody knows."""
    columns = (rows[name].to_pylist() for name in ("owner", "shell", "object_kind", "object_id"))
    return [
        Place(who, shell, SIDE_OF.get(Owner(who), key if kind == "tenant" else "")) for who, shell, kind, key in zip(*columns, strict=True)
    ]


def _lines(record: RunRecord, place: Place) -> Iterator[str]:
    with open_session() as connection:
        for rows in _changes(record):
            here = rows.filter(pa.array([found == place for found in _places(rows)], pa.bool_()))
            connection.register("changes", pa.Table.from_batches([here]))
            yield from (line for (line,) in connection.sql(f"select {LINE} from changes").fetchall())


def _portions(lines: Iterator[str]) -> Iterator[list[str]]:
    while portion := list(islice(lines, CHANGES_A_SCRIPT)):
        yield portion


def _script(run: Mapping[str, Any], place: Place, rules: Counter[str], number: int, lines: list[str]) -> str:
    body = "\n".join(["try {", *lines, "}", "finally {", "    Complete-Run", "}", ""])
    return "\n".join((_head(run, place, rules, number, len(lines)), _part(f"sessions-{place.shell}"), _part("changes") + body))


def _head(run: Mapping[str, Any], place: Place, rules: Counter[str], number: int, changes: int) -> str:
    project, whole = run["project"], len(script_names(place, rules))
    tenant = project[f"{place.side}_initial_domain"]
    titles = {rule["id"]: rule["title"] for rule in run["rules"]}
    part = f" Script {number} of {whole}: {changes:,} of them." if whole > 1 else ""
    told = [
        f"{counted(rules.total(), 'change')} for the {owner(place.owner).lower()} in the {place.side} tenant {tenant}.{part}",
        f"Made of run {run['run_id']} of {project['name']}, judged for {run['step']} as of {day_and_time(run['now'])}.",
        "",
        *(f"  {count:>6,}  {rule} {titles[rule]}" for rule, count in rules.items()),
        "",
        "1. Read it. Every line at the end is one change to one object.",
        f"2. Open {SHELLS[place.shell]} in a new window, and connect as an administrator of {tenant}.",
        "3. Run the script as it is: it shows every change and makes none.",
        "4. Set $WhatIf to $false below and run it again. The screen and the log beside the script say what was done, and what failed.",
        "5. Export the tenant again: the next audit sees what has changed.",
    ]
    return f"""\
{"".join(map(_comment, told))}#Requires -Version 5.1
$WhatIf = $true
$ErrorActionPreference = 'Stop'

# In the next lines \\uXXXX stands for a character that is no plain letter or digit.
$TenantId = [regex]::Unescape({data(project[f"{place.side}_tenant_id"])})
$Tenant = [regex]::Unescape({data(tenant)})
$LogName = {data(place.file(number).removesuffix(".ps1") + ".log")}
$Total = {changes}
"""


def _comment(line: str) -> str:
    """A line of comment that ends where it should, in ASCII."""
    shown = visible(line.replace("\n", " ").replace("\t", " ")).encode("ascii", "backslashreplace").decode("ascii")
    return f"# {shown}".rstrip() + "\n"


def _part(name: str) -> str:
    return files(__package__).joinpath("parts", f"{name}.ps1").read_text(encoding="utf-8")
