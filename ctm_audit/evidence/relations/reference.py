"""Reference data that rules look up: what Microsoft sells and limits, with dates and sources in `ctm_audit/reference`."""

from __future__ import annotations

from ctm_audit.evidence.relations.schema import Field, Relation

MAILBOX_PLANS = Relation(
    name="mailbox_plans",
    doc="Reference data: the service plans that give a user a mailbox (reference/licenses.toml).",
    fields=(Field("name", "VARCHAR", "service plan name"),),
)
LIMITS = Relation(
    name="limits",
    doc="Reference data: numbers of the service (reference/limits.toml).",
    fields=(Field("name", "VARCHAR", "name of the limit"), Field("value", "BIGINT", "the limit in its unit")),
)
LICENSE_TRAPS = Relation(
    name="license_traps",
    doc="Reference data: products whose name hides that they create a mailbox, or that lack the right to one (reference/licenses.toml).",
    fields=(Field("sku", "VARCHAR", "id of the SKU"), Field("kind", "VARCHAR", "teams or entitlement")),
)
SCRUBBING_PLANS = Relation(
    name="scrubbing_plans",
    doc="Reference data: the service plans that make Entra remove unverified addresses from a MailUser (reference/licenses.toml).",
    fields=(Field("name", "VARCHAR", "service plan name"),),
)
REFERENCE = (MAILBOX_PLANS, SCRUBBING_PLANS, LIMITS, LICENSE_TRAPS)
