"""The settings of the project, the same in every judged row."""

from __future__ import annotations

from ctm_audit.evidence.relations.schema import Field

PROJECT = (
    Field("project.now", "TIMESTAMP", "the time of the audit, UTC (`--as-of` fixes it)", sql="p.now"),
    Field(
        "project.movable_from",
        "TIMESTAMP",
        "when a mailbox can move at the earliest whose holds are all lifted now, UTC",
        sql="p.movable_from",
    ),
    Field("project.source_tenant_id", "VARCHAR", "tenant id of the source", sql="p.source_tenant_id"),
    Field("project.target_tenant_id", "VARCHAR", "tenant id of the target", sql="p.target_tenant_id"),
    Field("project.source_initial_domain", "VARCHAR", "initial domain of the source, folded", sql="p.source_initial_domain"),
    Field("project.target_initial_domain", "VARCHAR", "initial domain of the target, folded", sql="p.target_initial_domain"),
    Field("project.app_id", "VARCHAR", "application id of the migration app", sql="p.app_id"),
    Field("project.endpoint", "VARCHAR", "name of the migration endpoint, folded", sql="p.endpoint"),
    Field("project.endpoint_name", "VARCHAR", "name of the migration endpoint, as written", sql="p.endpoint_name"),
    Field("project.delivery_domain", "VARCHAR", "TargetDeliveryDomain, folded", sql="p.delivery_domain"),
    Field("project.route", "VARCHAR", "how mailboxes move, mrs or orchestrator, where their row does not say it", sql="p.route"),
    Field("project.exchange_host", "VARCHAR", "the documented host of mailbox moves in this cloud", sql="p.exchange_host"),
    Field(
        "project.exchange_hosts", "VARCHAR[]", "every host that has been seen to serve mailbox moves in this cloud", sql="p.exchange_hosts"
    ),
    Field("project.cloud", "VARCHAR", "the Microsoft cloud of both tenants: worldwide, gcc, gcc-high, dod or china", sql="p.cloud"),
    Field("project.mail_suffixes", "VARCHAR[]", "how the mail hosts of this cloud end, such as .mx.microsoft", sql="p.mail_suffixes"),
    Field("project.microsoft_suffixes", "VARCHAR[]", "the same of every cloud of Microsoft", sql="p.microsoft_suffixes"),
    Field("project.session_hosts", "VARCHAR[]", "hosts of Exchange PowerShell sessions in this cloud", sql="p.session_hosts"),
    Field(
        "project.secret_needed_until",
        "VARCHAR",
        "until when the migration app's secret must be good: 30 days after the last planned completion, such as 2027-01-31T20:00:00Z",
        sql="p.secret_needed_until",
    ),
    Field("project.moving_domains", "VARCHAR[]", "domains that move from source to target, folded", sql="p.moving_domains"),
)
