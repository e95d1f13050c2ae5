"""Which mailboxes the exports of permissions have an answer for."""

from __future__ import annotations

import duckdb

TABLES = ("mailbox_permissions", "recipient_permissions", "calendar_permissions")
CREATE = """
create table snapshots as
select mailbox_guid, {flags} from (
  {answers}
) where mailbox_guid <> '' group by mailbox_guid
"""


def create_snapshots(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `snapshots`, a row a mailbox with a flag a table: true when the table has entries of the mailbox."""
    flags = ", ".join(f"bool_or(name = '{name}') as {name}" for name in TABLES)
    answers = " union all ".join(f"select distinct mailbox_guid, '{name}' as name from raw.source_{name}" for name in TABLES)
    connection.execute(CREATE.format(flags=flags, answers=answers))
