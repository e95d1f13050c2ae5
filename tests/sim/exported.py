"""What a rendered scenario says, read with nothing but json and the column descriptions."""

from __future__ import annotations

import json
from typing import Any

from ctm_audit.evidence.tables import Column, Side, Table, tables_of
from ctm_audit.sim.export import Files, stem_of

Row = dict[str, Any]


def objects(files: Files, side: Side, table: Table) -> list[dict[str, Any]]:
    found = json.loads(files[f"{side}/{stem_of(table)}.json"])
    return list(found["value"] if isinstance(found, dict) else found)


def rows(files: Files, side: Side, name: str) -> list[Row]:
    """The table as intake must see it: one normalised row an object."""
    table = next(one for one in tables_of(side) if one.name == name)
    return [row(item, table.columns_of(side)) for item in objects(files, side, table)]


def row(item: dict[str, Any], columns: tuple[Column, ...]) -> Row:
    return {column.name: column.normalise(item[column.property]) for column in columns}


def by(key: str, table: list[Row]) -> dict[str, Row]:
    return {one[key]: one for one in table}
