"""What Get-Mailbox, Get-MailUser, Get-Recipient and Get-MailboxStatistics print."""

from __future__ import annotations

from ctm_audit.sim.people import GB, KB, MB
from ctm_audit.sim.printing import Printed, directory_object, guid, moment, people_folder, quota, size
from ctm_audit.sim.skus import CAPABILITIES
from ctm_audit.sim.tenants import Account, Contact, Group, Mailbox, MailUser, Recipient, Tenant

USER = ("top", "person", "organizationalPerson", "user")
RECIPIENT_TYPES = {
    "MailUser": "MailUser",
    "GuestMailUser": "MailUser",
    "MailContact": "MailContact",
    "MailUniversalDistributionGroup": "MailUniversalDistributionGroup",
    "MailUniversalSecurityGroup": "MailUniversalSecurityGroup",
}
RESOURCE_TYPES = {"RoomMailbox": "Room", "EquipmentMailbox": "Equipment"}


def get_mailbox(tenant: Tenant) -> list[Printed]:
    """Get-Mailbox -ResultSize Unlimited."""
    return [_mailbox(tenant, box) for box in tenant.mailboxes]


def get_mail_user(tenant: Tenant) -> list[Printed]:
    """Get-MailUser -ResultSize Unlimited; guests are MailUsers too."""
    return [_mail_user(tenant, user) for user in tenant.mail_users]


def get_recipient(tenant: Tenant) -> list[Printed]:
    """Get-Recipient -ResultSize Unlimited; the discovery mailbox is hidden from it."""
    shown = [box for box in tenant.mailboxes if box.kind != "DiscoveryMailbox"]
    return [_recipient(tenant, one) for one in (*shown, *tenant.mail_users, *tenant.contacts, *tenant.groups)]


def get_distribution_group(tenant: Tenant) -> list[Printed]:
    """Get-DistributionGroup -ResultSize Unlimited."""
    return [_group(tenant, group) for group in tenant.groups]


def get_distribution_group_member(tenant: Tenant, group: str) -> list[Printed]:
    """Get-DistributionGroupMember of one group: its direct members, in the order in which they were added."""
    members = next(one.members for one in tenant.groups if one.name == group)
    known = {account.object_id: account for account in tenant.accounts}
    return [_recipient(tenant, known[member]) for member in members if member in known]


def get_mailbox_statistics(tenant: Tenant) -> list[Printed]:
    """Get-MailboxStatistics of every mailbox."""
    return [_statistics(tenant, box, box.exchange_guid, box.items, box.size) for box in tenant.mailboxes]


def get_archive_statistics(tenant: Tenant) -> list[Printed]:
    """Get-MailboxStatistics -Archive of every mailbox that has an archive."""
    archives = [box for box in tenant.mailboxes if box.archive_guid]
    return [_statistics(tenant, box, box.archive_guid, box.archive_size // 90_000, box.archive_size) for box in archives]


def _mailbox(tenant: Tenant, box: Mailbox) -> Printed:
    return {
        **_account(tenant, box),
        **_holds(tenant, box),
        **_archive(tenant, box),
        **_quotas(box),
        **_store(tenant, box),
        **_move_state(),
        **_named(tenant, box),
    }


def _mail_user(tenant: Tenant, user: MailUser) -> Printed:
    return {
        **_account(tenant, user),
        "ArchiveGuid": guid(user.archive_guid),
        "ArchiveName": ["In-Place Archive -" + user.display_name] if user.archive_guid else [],
        "ArchiveStatus": "None",
        "DisabledArchiveGuid": guid(""),
        "ExternalEmailAddress": f"SMTP:{user.external_address}",
        "IsSoftDeletedByDisable": False,
        "IsSoftDeletedByRemove": False,
        "LitigationHoldEnabled": False,
        "MailboxProvisioningConstraint": None,
        "MailboxRegion": None,
        "RecoverableItemsQuota": size(30 * GB),
        "RecoverableItemsWarningQuota": size(20 * GB),
        "UsePreferMessageFormat": False,
        "WhenSoftDeleted": None,
        **_move_state(),
        **_named(tenant, user),
    }


def _recipient(tenant: Tenant, one: Recipient) -> Printed:
    """Get-Recipient prints the same short list of properties for every kind."""
    external = f"SMTP:{one.external_address}" if isinstance(one, MailUser | Contact) else None
    archive = one.archive_guid if isinstance(one, Account) else ""
    return {
        "Alias": one.alias,
        "ArchiveGuid": guid(archive),
        "City": "",
        "Company": tenant.name if isinstance(one, Mailbox) else "",
        "CountryOrRegion": one.country,
        "Department": one.department,
        "DisplayName": one.display_name,
        "EmailAddresses": list(one.proxies),
        "EmailAddressPolicyEnabled": False,
        "ExchangeGuid": guid(one.exchange_guid if isinstance(one, Account) else ""),
        "ExternalDirectoryObjectId": one.object_id,
        "ExternalEmailAddress": external,
        "FirstName": one.first_name,
        "HiddenFromAddressListsEnabled": False,
        "IsDirSynced": one.is_dir_synced,
        "LastName": one.last_name,
        "PrimarySmtpAddress": one.primary,
        "RecipientType": _recipient_type(one),
        "RecipientTypeDetails": one.kind,
        "SKUAssigned": bool(isinstance(one, Account) and one.licenses) or None,
        **_named(tenant, one),
    }


def _group(tenant: Tenant, group: Group) -> Printed:
    is_security = group.kind == "MailUniversalSecurityGroup"
    return {
        "GroupType": "Universal, SecurityEnabled" if is_security else "Universal",
        "SamAccountName": f"{group.alias}{group.guid[:6]}",
        "IsDirSynced": group.is_dir_synced,
        "ManagedBy": [tenant.admin],
        "MemberJoinRestriction": "Closed",
        "MemberDepartRestriction": "Closed",
        "Alias": group.alias,
        "DisplayName": group.display_name,
        "EmailAddresses": list(group.proxies),
        "ExternalDirectoryObjectId": group.object_id,
        "GrantSendOnBehalfTo": [],
        "HiddenFromAddressListsEnabled": is_security,
        "LegacyExchangeDN": group.legacy_dn,
        "PrimarySmtpAddress": group.primary,
        "RecipientType": _recipient_type(group),
        "RecipientTypeDetails": group.kind,
        "RequireSenderAuthenticationEnabled": True,
        "WindowsEmailAddress": group.primary,
        **_named(tenant, group, ("top", "group")),
    }


def _account(tenant: Tenant, account: Account) -> Printed:
    return {
        "Alias": account.alias,
        "DisplayName": account.display_name,
        "EmailAddresses": list(account.proxies),
        "EmailAddressPolicyEnabled": False,
        "ExchangeGuid": guid(account.exchange_guid),
        "ExternalDirectoryObjectId": account.object_id,
        "HiddenFromAddressListsEnabled": account.kind in ("DiscoveryMailbox", "GuestMailUser"),
        "IsDirSynced": account.is_dir_synced,
        "LegacyExchangeDN": account.legacy_dn,
        "MicrosoftOnlineServicesID": account.upn,
        "PersistedCapabilities": _capabilities(tenant, account),
        "PrimarySmtpAddress": account.primary,
        "RecipientType": _recipient_type(account),
        "RecipientTypeDetails": account.kind,
        "SamAccountName": f"{account.alias[:12]}{account.guid[:6]}",
        "SKUAssigned": bool(account.licenses),
        "UsageLocation": account.country or None,
        "UserPrincipalName": account.upn,
        "WindowsEmailAddress": account.primary,
        "WindowsLiveID": account.upn,
    }


def _capabilities(tenant: Tenant, account: Account) -> list[str]:
    plans = {sku.part_number: sku.plans for sku in tenant.skus}
    held = [(one, name) for one in account.licenses for name, _ in plans[one.part_number]]
    return [CAPABILITIES[name] for one, name in held if name in CAPABILITIES and one.status_of(name) == "Success"]


def _recipient_type(one: Recipient) -> str:
    return RECIPIENT_TYPES.get(one.kind, "UserMailbox")


def _holds(tenant: Tenant, box: Mailbox) -> Printed:
    return {
        "ComplianceTagHoldApplied": False,
        "DelayHoldApplied": box.delay_hold,
        "DelayReleaseHoldApplied": False,
        "ElcProcessingDisabled": False,
        "InPlaceHolds": list(box.in_place_holds),
        "IsInactiveMailbox": box.is_inactive,
        "LitigationHoldDate": moment(tenant, box.created) if box.litigation_hold else None,
        "LitigationHoldDuration": "Unlimited",
        "LitigationHoldEnabled": box.litigation_hold,
        "LitigationHoldOwner": tenant.admin if box.litigation_hold else "",
        "RetentionHoldEnabled": False,
        "RetentionPolicy": "Default MRM Policy",
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
        "AutoExpandingArchiveEnabled": bool(box.aux_archives),
        "DisabledArchiveGuid": guid(""),
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
        "DataEncryptionPolicy": None,
        "Database": f"{tenant.forest}-db{box.guid[:3]}",
        "DeliverToMailboxAndForward": False,
        "ForwardingAddress": None,
        "ForwardingSmtpAddress": None,
        "GrantSendOnBehalfTo": [],
        "IsMailboxEnabled": True,
        "IsResource": box.kind in RESOURCE_TYPES,
        "IsShared": box.kind == "SharedMailbox",
        "Languages": ["en-US"],
        "MailboxRegion": tenant.forest[:3],
        "Office": "",
        "ResourceType": RESOURCE_TYPES.get(box.kind),
        "RetainDeletedItemsFor": "14.00:00:00",
        "RoleAssignmentPolicy": "Default Role Assignment Policy",
        "ServerName": f"{tenant.forest.lower()}mb{box.guid[:4]}",
        "SharingPolicy": "Default Sharing Policy",
    }


def _move_state() -> Printed:
    return {
        "MailboxMoveBatchName": "",
        "MailboxMoveFlags": "None",
        "MailboxMoveRemoteHostName": "",
        "MailboxMoveSourceMDB": None,
        "MailboxMoveStatus": "None",
        "MailboxMoveTargetMDB": None,
    }


def _named(tenant: Tenant, one: Recipient, classes: tuple[str, ...] = USER) -> Printed:
    return directory_object(tenant, one.name, one.guid, one.created, people_folder(tenant), classes)


def _statistics(tenant: Tenant, box: Mailbox, place: str, items: int, total: int) -> Printed:
    deleted = total // 37
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
        "IsQuarantined": False,
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
