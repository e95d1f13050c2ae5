"""What Get-Mailbox and Get-MailboxStatistics print."""

from __future__ import annotations

from ctm_audit.sim.people import GB, KB, MB
from ctm_audit.sim.printing import Printed, guid, moment, quota, size
from ctm_audit.sim.recipients import account_properties, move_state, named
from ctm_audit.sim.tenants import Mailbox, Tenant

RESOURCE_TYPES = {"RoomMailbox": "Room", "EquipmentMailbox": "Equipment"}


def get_mailbox(tenant: Tenant) -> list[Printed]:
    """Get-Mailbox -ResultSize Unlimited."""
    return [_mailbox(tenant, box) for box in tenant.mailboxes]


def get_inactive_mailbox(tenant: Tenant) -> list[Printed]:
    """Get-Mailbox -InactiveMailboxOnly -ResultSize Unlimited."""
    return [_mailbox(tenant, box) for box in tenant.inactive_mailboxes]


def get_deleted_mailbox(tenant: Tenant) -> list[Printed]:
    """Get-Mailbox -SoftDeletedMailbox -ResultSize Unlimited."""
    return [_mailbox(tenant, box) for box in tenant.deleted_mailboxes]


def get_mailbox_statistics(tenant: Tenant) -> list[Printed]:
    """Get-MailboxStatistics of every mailbox."""
    return [_statistics(tenant, box, box.exchange_guid, box.items, box.size) for box in tenant.mailboxes]


def get_archive_statistics(tenant: Tenant) -> list[Printed]:
    """Get-MailboxStatistics -Archive of every mailbox that has an archive."""
    archives = [box for box in tenant.mailboxes if box.archive_guid]
    return [_statistics(tenant, box, box.archive_guid, box.archive_size // 90_000, box.archive_size) for box in archives]


def get_move_request(tenant: Tenant) -> list[Printed]:
    """Get-MoveRequest -ResultSize Unlimited: moves between Microsoft's own servers that nobody has tidied up."""
    return [_move_request(tenant, box) for box in tenant.mailboxes if box.exchange_guid in tenant.move_requests]


def _move_request(tenant: Tenant, box: Mailbox) -> Printed:
    return {
        "ExchangeGuid": box.exchange_guid,
        "DisplayName": box.display_name,
        "Alias": box.alias,
        "Status": "Completed",
        "Flags": "IntraOrg, Pull",
        "Direction": "Pull",
        "RemoteHostName": None,
        "BatchName": "",
        "SourceDatabase": None,
        "TargetDatabase": f"{tenant.forest}-db{box.guid[:3]}",
        "RecipientTypeDetails": box.kind,
        "SuspendWhenReadyToComplete": False,
        "Suspend": False,
        "Protect": True,
        **named(tenant, box),
    }


def _mailbox(tenant: Tenant, box: Mailbox) -> Printed:
    return {
        **account_properties(tenant, box),
        **_holds(tenant, box),
        **_archive(tenant, box),
        **_quotas(box),
        **_store(tenant, box),
        **move_state(box.move_remote_host),
        **named(tenant, box),
    }


def _holds(tenant: Tenant, box: Mailbox) -> Printed:
    return {
        "ComplianceTagHoldApplied": box.label_hold,
        "DelayHoldApplied": box.delay_hold,
        "DelayReleaseHoldApplied": box.delay_release_hold,
        "ElcProcessingDisabled": False,
        "InPlaceHolds": list(box.in_place_holds),
        "IsInactiveMailbox": box.is_inactive,
        "LitigationHoldDate": moment(tenant, box.created) if box.litigation_hold else None,
        "LitigationHoldDuration": "Unlimited",
        "LitigationHoldEnabled": box.litigation_hold,
        "LitigationHoldOwner": tenant.admin if box.litigation_hold else "",
        "RetentionHoldEnabled": box.retention_hold,
        "RetentionPolicy": box.retention_policy,
        "SingleItemRecoveryEnabled": True,
        "WasInactiveMailbox": False,
        "WhenSoftDeleted": moment(tenant, box.soft_deleted),
    }


def _archive(tenant: Tenant, box: Mailbox) -> Printed:
    locations = [("Primary", box.exchange_guid), *[("MainArchive", box.archive_guid)][: bool(box.archive_guid)]]
    locations += [("AuxArchive", aux) for aux in box.aux_archives]
    forest = f"{tenant.forest.lower()}.prod.outlook.com"
    return {
        "ArchiveDatabase": f"{tenant.forest}-db{box.guid[:3]}" if box.archive_guid else None,
        "ArchiveGuid": guid(box.archive_guid),
        "ArchiveName": ["In-Place Archive -" + box.display_name] if box.archive_guid else [],
        "ArchiveQuota": quota(box.archive_quota if box.archive_guid else 100 * GB),
        "ArchiveState": "Local" if box.archive_guid else "None",
        "ArchiveStatus": "Active" if box.archive_guid else "None",
        "ArchiveWarningQuota": size(90 * GB),
        "AutoExpandingArchiveEnabled": box.expands or bool(box.aux_archives),
        "DisabledArchiveGuid": guid(box.disabled_archive_guid),
        "MailboxLocations": [f"1;{place};{kind};{forest};{box.guid}" for kind, place in locations],
    }


def _quotas(box: Mailbox) -> Printed:
    return {
        "IssueWarningQuota": quota(box.quota and box.quota * 98 // 100),
        "ProhibitSendQuota": quota(box.quota and box.quota * 99 // 100),
        "ProhibitSendReceiveQuota": quota(box.quota),
        "RecoverableItemsQuota": size(30 * GB),
        "RecoverableItemsWarningQuota": size(20 * GB),
        "MaxReceiveSize": size(36 * MB),
        "MaxSendSize": size(35 * MB),
        "RecipientLimits": "500",
        "RulesQuota": size(256 * KB),
        "UseDatabaseQuotaDefaults": False,
    }


def _store(tenant: Tenant, box: Mailbox) -> Printed:
    return {
        "AccountDisabled": box.kind != "UserMailbox",
        "AuditEnabled": True,
        "AuditLogAgeLimit": "90.00:00:00",
        "DataEncryptionPolicy": box.encryption_policy or None,
        "Database": f"{tenant.forest}-db{box.guid[:3]}",
        "DeliverToMailboxAndForward": False,
        "ForwardingAddress": None,
        "ForwardingSmtpAddress": f"smtp:{box.forwarding_smtp}" if box.forwarding_smtp else None,
        "AcceptMessagesOnlyFromSendersOrMembers": list(box.accepts_only),
        "RejectMessagesFromSendersOrMembers": [],
        "ModerationEnabled": False,
        "GrantSendOnBehalfTo": list(box.on_behalf),
        "IsMailboxEnabled": True,
        "IsResource": box.kind in RESOURCE_TYPES,
        "IsShared": box.kind == "SharedMailbox",
        "Languages": ["en-US"],
        "MailboxRegion": tenant.forest[:3],
        "Office": "",
        "ResourceType": RESOURCE_TYPES.get(box.kind),
        "RetainDeletedItemsFor": "14.00:00:00",
        "RoomMailboxAccountEnabled": box.room_account if box.kind == "RoomMailbox" else None,
        "RoleAssignmentPolicy": "Default Role Assignment Policy",
        "ServerName": f"{tenant.forest.lower()}mb{box.guid[:4]}",
        "SharingPolicy": "Default Sharing Policy",
    }


def _statistics(tenant: Tenant, box: Mailbox, place: str, items: int, total: int) -> Printed:
    deleted = box.deleted_size or total // 37
    return {
        "DisplayName": box.display_name,
        "MailboxGuid": place,
        "MailboxTypeDetail": box.kind,
        "AssociatedItemCount": items // 9,
        "DeletedItemCount": items // 21,
        "DisconnectDate": None,
        "DisconnectReason": None,
        "IsArchiveMailbox": place == box.archive_guid,
        "IsMoveDestination": False,
        "IsQuarantined": box.is_quarantined,
        "ItemCount": items,
        "LastLogonTime": None,
        "LegacyDN": box.legacy_dn,
        "OwnerADGuid": box.guid,
        "StorageLimitStatus": None,
        "TotalDeletedItemSize": size(deleted),
        "TotalItemSize": size(total),
        "SystemMessageSizeShutoffQuota": "Unlimited",
        "DatabaseName": f"{tenant.forest}-db{box.guid[:3]}",
        "Identity": place,
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
