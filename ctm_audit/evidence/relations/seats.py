"""`seats`: migration licenses needed and free, a wave."""

from __future__ import annotations

from ctm_audit.evidence.relations.pairs import PAIRS
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation
from ctm_audit.evidence.tables import SIDES

SKU_COLUMNS = ("sku_id", "sku_part_number", "capability_status", "enabled_units", "consumed_units", "plans")
SEATS = Relation(
    name="seats",
    doc="One row a wave (one in all without waves): migration licenses needed up to and with it, and free ones.",
    kind="wave",
    fields=(
        Field("id", "VARCHAR", "the wave, or `all`", sql="w.id"),
        Field("name", "VARCHAR", "the wave in words", sql="w.name"),
        Field("wave", "VARCHAR", "the wave, '' for the whole mapping", sql="w.wave"),
        Field(
            "needed",
            "BIGINT",
            "user mailboxes up to this wave without a migration license on either side",
            (
                *PAIRS.by_name["stage"].reads,
                "source.mailboxes.recipient_type_details",
                "source.mailboxes.capabilities",
                "target.mail_users.capabilities",
                *PAIRS.by_name["source.success_plans"].reads,
                *PAIRS.by_name["target.success_plans"].reads,
            ),
            "w.needed",
        ),
        Field(
            "available",
            "BIGINT",
            "migration seats bought and not assigned, both tenants together",
            tuple(f"{side}.subscribed_skus.{name}" for side in SIDES for name in SKU_COLUMNS),
            "w.available",
        ),
        *PROJECT,
    ),
)
