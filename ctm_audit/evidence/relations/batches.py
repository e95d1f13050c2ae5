"""`batches`: the migration batches in which mailboxes of the mapping stand."""

from __future__ import annotations

from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.pairs import PAIRS
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import SQL_TYPES, Field, Relation
from ctm_audit.evidence.tables import TABLES, Column

USERS = tuple(f"target.migration_users.{name}" for name in ("identity", "mailbox_guid", "batch_key"))
MEMBERS = tuple(sorted({*RESOLUTION["source"], *RESOLUTION["target"], *USERS}))
STAGE = PAIRS.by_name["stage"].reads


def _of_batch(column: Column) -> Field:
    reads = ("target.migration_batches.name", f"target.migration_batches.{column.name}")
    return Field(column.name, SQL_TYPES[column.type], column.doc, reads, f"b.{column.name}")


BATCHES = Relation(
    name="batches",
    doc="One row a migration batch of the target and wave of which it holds mailboxes.",
    kind="batch",
    fields=(
        Field("id", "VARCHAR", "name of the batch, folded", sql="h.batch"),
        Field("name", "VARCHAR", "the batch in words", sql="'batch ' || h.batch"),
        Field("wave", "VARCHAR", "the wave, '' for mailboxes without one", sql="h.wave"),
        *(_of_batch(column) for column in TABLES["migration_batches"].columns if column.name != "name"),
        Field("strangers", "VARCHAR[]", "users of the batch that are not of the wave", MEMBERS, "h.strangers"),
        Field("left_out", "VARCHAR[]", "mailboxes of the wave that have not moved and are in no batch", (*MEMBERS, *STAGE), "h.left_out"),
        *PROJECT,
    ),
    over=("target.migration_users", "target.migration_batches"),
)
