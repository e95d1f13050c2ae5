"""What Get-MailboxPlan prints: the kinds of mailboxes of a tenant, and how large they are."""

from __future__ import annotations

import uuid

from ctm_audit.sim.people import GB, MB
from ctm_audit.sim.printing import Printed, directory_object, people_folder, quota, size
from ctm_audit.sim.tenants import Tenant


def get_mailbox_plan(tenant: Tenant) -> list[Printed]:
    """Get-MailboxPlan -ResultSize Unlimited: each plan is named with an id behind its kind."""
    return [_mailbox_plan(tenant, name, gigabytes) for name, gigabytes in tenant.mailbox_plans]


def _mailbox_plan(tenant: Tenant, name: str, gigabytes: int) -> Printed:
    made = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name} {tenant.tenant_id}"))
    archive = (1 if name == "ExchangeOnlineDeskless" else 100) * GB
    return {
        "DisplayName": name,
        "Alias": f"{name}-{made[:8]}",
        "ArchiveQuota": quota(archive),
        "IsDefault": name == "ExchangeOnlineEnterprise",
        "IssueWarningQuota": quota(gigabytes * GB * 98 // 100),
        "MailboxPlanRelease": "AllReleases",
        "MaxSendSize": size(35 * MB),
        "ProhibitSendQuota": quota(gigabytes * GB * 99 // 100),
        "ProhibitSendReceiveQuota": quota(gigabytes * GB),
        "RecoverableItemsQuota": size(30 * GB),
        "RetentionPolicy": "Default MRM Policy",
        **directory_object(tenant, f"{name}-{made}", made, tenant.created, people_folder(tenant), ("top", "person", "user")),
    }
