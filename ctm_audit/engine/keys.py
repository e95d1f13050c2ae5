"""mapping.lock: the object that each key of the mapping named when it was first seen.

People are renamed and accounts are created anew between two audits. A key that suddenly names another object would
move a stranger's mailbox, so such an audit is refused; a new key for a known object is only named.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv

from ctm_audit.errors import Refused, UsageError

COLUMNS = ("side", "key", "object_id", "exchange_guid")
MOST_TOLD = 50

SEEN = """
create temp table keys_seen as
select 'source' as side, m.source_key as key, s.object_id, coalesce(s.exchange_guid, '') as exchange_guid
from mapping m join source_keys k using (row_no) join raw.source_mailboxes s on s.object_id = k.id
union all
select 'target', m.target_key, k.id, coalesce(t.exchange_guid, '')
from mapping m join target_keys k using (row_no) left join raw.target_mail_users t on t.object_id = k.id where k.id is not null
"""

# The target's ExchangeGuid changes when it is stamped, so only the source's must stay.
CHANGED = """
select s.side, s.key, l.object_id, s.object_id, l.exchange_guid, s.exchange_guid from keys_seen s join locked l using (side, key)
where s.object_id <> l.object_id or (s.side = 'source' and l.exchange_guid <> '' and s.exchange_guid <> l.exchange_guid)
order by s.side, s.key
"""

RENAMED = """
select s.side, l.key, s.key from keys_seen s join locked l using (side, object_id)
where l.key <> s.key and (s.side, s.key) not in (select (side, key) from locked)
order by s.side, s.key
"""

TO_KEEP = """
select side, key, object_id, exchange_guid from locked where (side, key) not in (select (side, key) from keys_seen)
union all select side, key, object_id, exchange_guid from keys_seen order by side, key
"""


def check_keys(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """One sentence for each object that got a new key since the lock was written; [] without a lock.

    `pairs` must have been created on the connection. Raises Refused when a key names another object than before, and
    UsageError when the lock cannot be read.
    """
    connection.execute(SEEN)
    connection.register("locked_rows", _read(path))
    connection.execute("create temp table locked as select * from locked_rows")
    connection.unregister("locked_rows")
    changed = connection.execute(CHANGED).fetchall()
    if changed:
        told = [_changed(*row) for row in changed[:MOST_TOLD]]
        more = [f"… and {len(changed) - MOST_TOLD} more"] if len(changed) > MOST_TOLD else []
        hint = f"find out who was renamed or created anew; when the new object is right, delete its line from {path.name}"
        raise Refused(
            f"{len(changed)} keys of the mapping name another object than when {path.name} was written.", detail=told + more, hint=hint
        )
    return [f"{side} {old} is now called {new}" for side, old, new in connection.execute(RENAMED).fetchall()]


def write_keys(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write what `check_keys` saw beside what was locked before; the old file stays whole until the new one is."""
    table = connection.sql(TO_KEEP).to_arrow_table()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            pa.csv.write_csv(table, file)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path) -> pa.Table:
    types = {name: pa.string() for name in COLUMNS}
    if not path.exists():
        return pa.table({name: pa.array([], pa.string()) for name in COLUMNS})
    try:
        table = pa.csv.read_csv(path, convert_options=pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False))
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(
            f"{path} cannot be read.", detail=[error], hint="restore it from a copy; without it, keys are locked anew"
        ) from None
    if tuple(table.column_names) != COLUMNS:
        raise UsageError(f"{path} does not have the columns {', '.join(COLUMNS)}.", hint="restore it from a copy")
    return table


def _changed(side: str, key: str, old: str, new: str, old_guid: str, new_guid: str) -> str:
    if old != new:
        return f"{side} {key}: object {old} then, {new} now"
    return f"{side} {key}: ExchangeGuid {old_guid} then, {new_guid or 'none'} now"
