"""What is planned for the license of a mailbox: fields of `pairs`, and `license_seats`, the seats for each wave and license."""

from __future__ import annotations

from ctm_audit.evidence.relations.keys import STAGE
from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation

SKUS = tuple(
    f"target.subscribed_skus.{name}"
    for name in ("sku_id", "sku_part_number", "capability_status", "enabled_units", "consumed_units", "plans")
)
SIZES = tuple(f"target.exchange_plans.{name}" for name in ("name", "has_quota", "quota"))
TYPE = ("source.mailboxes.object_id", "source.mailboxes.recipient_type_details")

# A user gets the project's license unless the mapping says another; shared mailboxes, rooms and equipment get what the mapping says.
LICENSE = (
    "case when m.license <> '' then m.license when s.recipient_type_details = 'UserMailbox' then (select license from project)"
    " when s.recipient_type_details is not null then '' end"
)


PLANNED_LICENSE = (
    Field(
        "plan.license", "VARCHAR", "license in the target: the mapping's, else for user mailboxes the project's; '' for none", TYPE, LICENSE
    ),
    Field("plan.product", "VARCHAR", "part number of that license", (*TYPE, *SKUS), "pl.product"),
    Field("plan.quota", "BIGINT", "mailbox that the license gives, bytes; 0 for none", (*TYPE, *SKUS, *SIZES), "pl.quota"),
    Field("plan.archive_quota", "BIGINT", "archive that the license gives, bytes; 0 for none", (*TYPE, *SKUS), "pl.archive_quota"),
    Field("plan.archive_expands", "BOOLEAN", "true when that archive expands by itself", (*TYPE, *SKUS), "pl.archive_expands"),
)

LICENSE_SEATS = Relation(
    name="license_seats",
    doc="One row for each wave and planned license: seats of the target needed up to and with the wave, and free ones.",
    kind="wave",
    fields=(
        Field("id", "VARCHAR", "the wave, or `all`, and the license", sql="w.id"),
        Field("name", "VARCHAR", "the wave and the license in words", sql="w.name"),
        Field("wave", "VARCHAR", "the wave, '' for the whole mapping", sql="w.wave"),
        Field("license", "VARCHAR", "the license as the mapping or the project writes it", sql="w.license"),
        Field("product", "VARCHAR", "its part number", SKUS, "w.product"),
        Field(
            "needed",
            "BIGINT",
            "mailboxes up to this wave that are to have the license, and have no mailbox plan in the target yet",
            (*TYPE, *STAGE, *(f"target.license_details.{name}" for name in ("user_id", "sku_id", "live_plans"))),
            "w.needed",
        ),
        Field("available", "BIGINT", "seats of it that the target has bought and not assigned", SKUS, "w.available"),
        *PROJECT,
    ),
)
