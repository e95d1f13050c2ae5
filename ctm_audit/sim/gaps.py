"""What goes wrong between a tenant and its exported files: nothing written, part of it missing, lists flattened."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ctm_audit.evidence.tables import Side, Table
from ctm_audit.sim.export import Files, as_csv, as_json, objects_of, stem_of
from ctm_audit.sim.scenario import Scenario

SERVER_ERROR = "A server side error has occurred because of which the operation could not be completed. Please try again after some time."


def emptied(files: Files, side: Side, table: Table) -> Files:
    """The files after a cmdlet failed: PowerShell has written a file of 0 bytes, and `_export.json` says why."""
    stem = stem_of(table)
    return _noted(files | {f"{side}/{stem}.json": ""}, side, stem, count=0, error=SERVER_ERROR)


def partly_lost(files: Files, side: Side, table: Table, *, is_lost: Callable[[dict[str, Any]], bool]) -> Files:
    """The files after some objects that were counted got lost on the way to the file: `_export.json` still counts them."""
    name = f"{side}/{stem_of(table)}.json"
    return files | {name: as_json([item for item in json.loads(files[name]) if not is_lost(item)])}


def exported_as_csv(files: Files, scenario: Scenario, side: Side, table: Table) -> Files:
    """The files with a table that somebody exported again with Export-Csv, which flattens every list."""
    stem = stem_of(table)
    tenant = scenario.source if side == "source" else scenario.target
    others = {name: content for name, content in files.items() if name != f"{side}/{stem}.json"}
    command = f"{table.command} | Export-Csv -NoTypeInformation -Encoding utf8 {stem}.csv"
    files = others | {f"{side}/{stem}.csv": as_csv(objects_of(tenant, table))}
    return _noted(files, side, stem, file=f"{stem}.csv", command=command)


def _noted(files: Files, side: Side, stem: str, **changes: object) -> Files:
    """The files with the entry of one table in `_export.json` changed."""
    name = f"{side}/_export.json"
    record = json.loads(files[name])
    record["tables"] = [entry | changes if entry["name"] == stem else entry for entry in record["tables"]]
    return files | {name: as_json(record)}
