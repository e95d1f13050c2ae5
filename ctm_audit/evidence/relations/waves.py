"""`waves`: what the project plans for each wave."""

from __future__ import annotations

from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation

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
        *PROJECT,
    ),
)
