"""Who has a right to a mailbox is named only where the mapping names them too: all others get a number.

Rules ask of somebody who is not mapped no more than that. The administrator of the source can look up who it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = "pa.ChunkedArray[Any]"
PERMISSIONS = ("mailbox_permissions", "recipient_permissions", "calendar_permissions")
TRUSTEE, ON_BEHALF = "trustee", "send_on_behalf"
NAMES: Mapping[str, tuple[str, ...]] = {
    "mailboxes": ("object_id", "upn", "primary_smtp", "exchange_guid", "name"),
    "mail_users": ("object_id", "upn", "primary_smtp"),
    "distribution_groups": ("guid", "object_id", "name", "alias", "primary_smtp"),
}
NO_PERSON = re.compile(r"nt authority\\|s-1-|(default|anonymous|everyone|external|internal|unknown)$")


def with_numbers(tables: Mapping[str, pa.Table], keys: Collection[str]) -> dict[str, pa.Table]:
    """The tables in which somebody has a right, with a number for whoever answers neither to a key nor to a name of a kept object."""
    told = [(name, TRUSTEE) for name in PERMISSIONS if name in tables] + [("mailboxes", ON_BEHALF)] * ("mailboxes" in tables)
    there = [(name, column) for name, column in told if column in tables[name].column_names]
    everybody = set().union(*(_texts(tables[name][column]) for name, column in there))
    named = {*keys}.union(*(_names(tables, name) for name in NAMES))
    strangers = sorted(name for name in everybody - named if not NO_PERSON.match(name))
    numbers = {name: f"unmapped {number}" for number, name in enumerate(strangers, 1)}
    return {name: _renamed(tables[name], column, numbers) for name, column in there} if numbers else {}


def _names(tables: Mapping[str, pa.Table], name: str) -> set[str]:
    columns = tables[name].column_names if name in tables else []
    return set().union(*(_texts(tables[name][column]) for column in NAMES[name] if column in columns))


def _texts(column: Column) -> set[str]:
    """Every text of a column of texts or of lists of them."""
    flat: Any = pc.list_flatten(column) if pa.types.is_list(column.type) else column
    return {text for text in pc.unique(flat).to_pylist() if text}


def _renamed(table: pa.Table, column: str, numbers: Mapping[str, str]) -> pa.Table:
    values: list[Any] = table[column].to_pylist()
    if pa.types.is_list(table[column].type):
        values = [one and [numbers.get(name, name) for name in one] for one in values]
    else:
        values = [numbers.get(name, name) for name in values]
    return table.set_column(table.schema.get_field_index(column), column, pa.array(values, table[column].type))
