"""Licenses of users and subscriptions of tenants."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import TARGET, Column, Table, exchange_line, graph_cmdlet_line, graph_line

LICENSE_DETAILS = Table(
    name="license_details",
    command="Graph users/{id}/licenseDetails",
    stems=("licenseDetails", "Get-MgUserLicenseDetail"),
    key=("user_id", "sku_id"),
    columns=(
        Column("user_id", "text", "userId", n.guid, "Entra object id of the user", True),
        Column("sku_id", "text", "skuId", n.guid, "id of the SKU", True),
        Column("success_plans", "texts", "servicePlans", n.plans_with("success"), "service plans in state Success", True),
        Column(
            "live_plans",
            "texts",
            "servicePlans",
            n.plans_without("disabled"),
            "service plans in any state but Disabled",
            True,
            sides=TARGET,
        ),
    ),
    export="ConvertTo-Json -InputObject @(Get-MgUser -All -Property Id |"
    " ForEach-Object { $id = $_.Id; Get-MgUserLicenseDetail -UserId $id |"
    " Select-Object @{n='userId';e={$id}}, SkuId, SkuPartNumber, ServicePlans }) -Depth 6 | Set-Content -Encoding utf8 licenseDetails.json",
)

SUBSCRIBED_SKUS = Table(
    name="subscribed_skus",
    command="Graph subscribedSkus",
    stems=("subscribedSkus", "Get-MgSubscribedSku"),
    key=("sku_id",),
    columns=(
        Column("sku_id", "text", "skuId", n.guid, "id of the SKU", True),
        Column("sku_part_number", "text", "skuPartNumber", n.text, "part number of the SKU", True),
        Column("capability_status", "text", "capabilityStatus", n.key, "enabled, warning, suspended, deleted, lockedout", True),
        Column("enabled_units", "integer", "prepaidUnits", n.units("enabled"), "seats bought and usable", True),
        Column("consumed_units", "integer", "consumedUnits", n.integer, "seats assigned", True),
        Column("plans", "texts", "servicePlans", n.plan_names, "service plans of the SKU", True),
    ),
    export=graph_line("subscribedSkus", "subscribedSkus"),
    other_exports=(graph_cmdlet_line("Get-MgSubscribedSku", "-All"),),
)

EXCHANGE_PLANS = Table(
    name="exchange_plans",
    command="Get-MailboxPlan",
    stems=("Get-MailboxPlan",),
    key=("name",),
    columns=(
        Column("name", "text", "Name", n.key, "name of the mailbox plan, folded", True),
        Column("has_quota", "flag", "ProhibitSendReceiveQuota", n.is_limited, "false when the quota is Unlimited"),
        Column("quota", "integer", "ProhibitSendReceiveQuota", n.size, "quota of mailboxes of the plan, bytes"),
    ),
    export=exchange_line("Get-MailboxPlan", unlimited=True),
    sides=TARGET,
)
