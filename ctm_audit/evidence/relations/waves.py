"""`waves`: what the project plans for each wave, and what was made of the plan."""

from __future__ import annotations

from ctm_audit.evidence.relations.batches import MEMBERS, STAGE
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation

OF_BATCHES = (*MEMBERS, "target.migration_batches.name", "target.migration_batches.created")
COUNTED = "case when n.wave is null then 0 when n.known then n.{} end"
WAVES = Relation(
    name="waves",
    doc="One row a wave of the project, in its order (one, `all`, without waves; `unassigned` where mailboxes have none).",
    kind="wave",
    fields=(
        Field("id", "VARCHAR", "the wave, `all` or `unassigned`", sql="w.id"),
        Field("name", "VARCHAR", "the wave in words", sql="w.name"),
        Field("wave", "VARCHAR", "the wave, '' for `all` and `unassigned`", sql="w.wave"),
        Field("pilot", "BOOLEAN", "true for a pilot wave", sql="w.pilot"),
        Field("with_domain_cutover", "BOOLEAN", "true when a domain moves together with the wave", sql="w.with_domain_cutover"),
        Field("has_submit_by", "BOOLEAN", "true when the project says until when the batch is submitted", sql="w.submit_by is not null"),
        Field("submit_by", "TIMESTAMP", "until when the batch is submitted, UTC", sql="w.submit_by"),
        Field("has_complete_at", "BOOLEAN", "true when the project says when the wave completes", sql="w.complete_at is not null"),
        Field("complete_at", "TIMESTAMP", "when the wave completes, UTC", sql="w.complete_at"),
        Field("mailboxes", "BIGINT", "rows of the mapping in the wave", sql="w.mailboxes"),
        Field("total", "BIGINT", "rows of the whole mapping", sql="(select count(*) from mapping)"),
        Field("batch_mailboxes", "BIGINT", "mailboxes for migration batches that have not moved", STAGE, COUNTED.format("batch_mailboxes")),
        Field("job_users", "BIGINT", "mailboxes for the orchestrator that have not moved", STAGE, COUNTED.format("job_users")),
        Field(
            "has_copies_since", "BOOLEAN", "true when there is a batch of the wave, or submit_by", OF_BATCHES, "w.copies_since is not null"
        ),
        Field("copies_since", "TIMESTAMP", "when the wave's first batch was made, or else submit_by, UTC", OF_BATCHES, "w.copies_since"),
        Field("name_is_taken", "BOOLEAN", "true when a batch with nobody of the wave has its name", OF_BATCHES, "w.name_is_taken"),
        *PROJECT,
    ),
)
