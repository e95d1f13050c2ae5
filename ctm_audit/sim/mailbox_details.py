"""What cmdlets print that are asked for one mailbox at a time; the export adds of which mailbox the answer is."""

from __future__ import annotations

import json

from ctm_audit.sim.mailboxes import RESOURCE_TYPES
from ctm_audit.sim.people import KEEP_ALL, MB
from ctm_audit.sim.printing import Printed, configuration, directory_object, size
from ctm_audit.sim.tenants import Mailbox, Tenant

FOLDERS = ("Recoverable Items", "Audits", "Deletions", "DiscoveryHolds", "Purges", "SubstrateHolds", "Versions")
NO_END = "0001-01-01T00:00:00.0000000Z"
EXCLUDED_SINCE = "2026-10-02T06:11:09.5318842Z"


def get_archive_folders(tenant: Tenant) -> list[Printed]:
    """Get-MailboxFolderStatistics -Archive -FolderScope RecoverableItems of every mailbox that has an archive."""
    return [_folder(box, name) for box in tenant.mailboxes if box.archive_guid for name in FOLDERS]


def _folder(box: Mailbox, name: str) -> Printed:
    items = {"SubstrateHolds": box.substrate_items, "Deletions": box.items // 40, "Versions": box.items // 90}.get(name, 0)
    return {
        "mailboxGuid": box.exchange_guid,
        "Name": name,
        "FolderPath": f"/{name}",
        "FolderType": name.replace(" ", ""),
        "ItemsInFolder": items,
        "FolderSize": size(items * MB // 8),
        "ContentMailboxGuid": box.archive_guid,
        "IsValid": True,
        "ObjectState": "Unchanged",
    }


def get_hold_logs(tenant: Tenant) -> list[Printed]:
    """Export-MailboxDiagnosticLogs -ComponentName HoldTracking of every mailbox: a text of JSON."""
    return [
        {
            "mailboxGuid": box.exchange_guid,
            "MailboxLog": json.dumps([_tracked(KEEP_ALL, EXCLUDED_SINCE), *(_tracked(hold, NO_END) for hold in box.logged_holds)]),
            "LogName": "HoldTracking",
            "IsValid": True,
        }
        for box in tenant.mailboxes
        if box.object_id
    ]


def _tracked(hold: str, end: str) -> Printed:
    return {"hid": hold, "ht": 4, "lsd": "2021-05-04T09:12:44.1187113Z", "osd": "2021-05-04T09:12:44.1187113Z", "ed": end}


def get_calendar_processing(tenant: Tenant) -> list[Printed]:
    """Get-CalendarProcessing of every room and piece of equipment."""
    return [
        {
            "mailboxGuid": box.exchange_guid,
            "Identity": box.name,
            "AutomateProcessing": box.automate_processing,
            "AllowConflicts": False,
            "BookingWindowInDays": 180,
            "ResourceDelegates": list(box.resource_delegates),
            "ForwardRequestsToDelegates": True,
            "IsValid": True,
            "ObjectState": "Changed",
        }
        for box in tenant.mailboxes
        if box.kind in RESOURCE_TYPES
    ]


def get_retention_policy(tenant: Tenant) -> list[Printed]:
    """Get-RetentionPolicy: the one that every tenant is born with."""
    tags = ["Default 2 year move to archive", "Recoverable Items 14 days move to archive", "Junk Email", "Never Delete"]
    name, where = "Default MRM Policy", configuration(tenant, "Retention Policies Container")
    known = {"IsDefault": True, "IsDefaultArbitrationMailbox": False, "RetentionPolicyTagLinks": tags, "RetentionId": tenant.guid}
    return [known | directory_object(tenant, name, tenant.guid, tenant.created, where, ("top", "msExchMailboxRecipientTemplate"))]


def get_personal_sites(tenant: Tenant) -> list[Printed]:
    """Get-SPOSite -IncludePersonalSite $true, the OneDrives alone."""
    name = tenant.initial_domain.partition(".")[0]
    return [
        {
            "Url": f"https://{name}-my.sharepoint.com/personal/{upn.replace('@', '_').replace('.', '_')}",
            "Owner": upn,
            "Title": upn.partition("@")[0],
            "Template": "SPSPERS#10",
            "Status": "Active",
            "StorageUsageCurrent": 1,
        }
        for upn in tenant.personal_sites
    ]
