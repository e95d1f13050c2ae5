"""mapping.lock: the object that each key of the mapping named when it was first seen.

People are renamed and accounts are created anew between two audits. A key that suddenly names another object would
move a stranger's mailbox: rule KEY-01 refuses such a row, KEY-02 names a new key for a known object. A line that the
evidence contradicts stays as it is until a person deletes it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv

from ctm_audit.engine.arrow import show
from ctm_audit.errors import UsageError
from ctm_audit.evidence.tables import SIDES

COLUMNS = ("side", "key", "object_id", "exchange_guid")

SEEN = """
select '{side}' as side, m.{side}_key as key, k.id as object_id, {guid} as exchange_guid
from mapping m join {side}_keys k using (row_no) join pairs p using (row_no)
where k.id is not null and row_no not in (select row_no from {side}_unknown)
"""

# The target's ExchangeGuid changes when it is stamped, so only the source's must stay.
CONTRADICTED = """(s.object_id <> l.object_id
or (s.side = 'source' and l.exchange_guid <> '' and s.exchange_guid <> l.exchange_guid))"""

TO_KEEP = f"""
select coalesce(s.side, l.side) as side, coalesce(s.key, l.key) as key,
  case when s.key is null or {CONTRADICTED} then l.object_id else s.object_id end as object_id,
  case when s.key is null or {CONTRADICTED} then l.exchange_guid else s.exchange_guid end as exchange_guid
from keys_seen s full join locked l on s.side = l.side and s.key = l.key
"""

# Lines that the evidence bears out change no verdict, so the audit that writes the lock and the next one are the same run.
DIGEST = """
select coalesce(sha256(string_agg(concat_ws(',', side, key, l.object_id, l.exchange_guid), chr(10) order by side, key)), '')
from locked l left join keys_seen s using (side, key)
where s.object_id is distinct from l.object_id or (side = 'source' and s.exchange_guid is distinct from l.exchange_guid)
"""


def create_lock(connection: duckdb.DuckDBPyConnection, path: Path) -> pa.Table:
    """Create and return `locked`, the lines of the lock; none when there is no lock yet. Raises UsageError when it cannot be read."""
    lines = _read(path)
    locked = lines.append_column("place", pa.array(range(lines.num_rows), pa.int64()))
    show(connection, "locked", locked)
    doubled = connection.execute("select side, key from locked group by all having count(*) > 1 order by all").fetchall()
    if doubled:
        told = [f"{side} {key} stands there more than once" for side, key in doubled]
        raise UsageError(f"{path} is not as it was written.", detail=told, hint="leave one line a key, or restore it from a copy")
    return locked


def see_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `keys_seen`, the objects that the keys name now. `pairs` and `locked` must have been created."""
    columns = connection.view("pairs").columns
    guids = {side: f'p."{side}.exchange_guid"' if f"{side}.exchange_guid" in columns else "null" for side in SIDES}
    seen = [SEEN.format(side=side, guid=f"coalesce({guid}, '')") for side, guid in guids.items()]
    connection.execute(f"create table keys_seen as {' union all '.join(seen)}")


def lock_digest(connection: duckdb.DuckDBPyConnection) -> str:
    """The digest of every line of the lock that the evidence does not simply bear out; '' when there is none."""
    ((digest,),) = connection.execute(DIGEST).fetchall()
    return str(digest)


def write_keys(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write what was seen beside what was locked before; the old file stays whole until the new one is."""
    table = connection.sql(TO_KEEP).to_arrow_table().sort_by([("side", "ascending"), ("key", "ascending")])
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
