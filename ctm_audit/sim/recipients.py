"""What Get-MailUser, Get-Recipient and the cmdlets for groups print."""

from __future__ import annotations

from ctm_audit.sim.people import GB
from ctm_audit.sim.printing import Printed, directory_object, guid, moment, people_folder, size
from ctm_audit.sim.skus import CAPABILITIES
from ctm_audit.sim.tenants import DELETED, Account, Contact, Group, Mailbox, MailUser, Recipient, Tenant

USER = ("top", "person", "organizationalPerson", "user")
RECIPIENT_TYPES = {
    "MailUser": "MailUser",
    "GuestMailUser": "MailUser",
    "MailContact": "MailContact",
    "MailUniversalDistributionGroup": "MailUniversalDistributionGroup",
    "MailUniversalSecurityGroup": "MailUniversalSecurityGroup",
}


def get_mail_user(tenant: Tenant) -> list[Printed]:
    """Get-MailUser -ResultSize Unlimited; guests are MailUsers too."""
    return [_mail_user(tenant, user) for user in tenant.mail_users]


def get_user(tenant: Tenant) -> list[Printed]:
    """Get-User -ResultSize Unlimited."""
    return [_user(tenant, account) for account in tenant.accounts]


def get_deleted_mail_user(tenant: Tenant) -> list[Printed]:
    """Get-MailUser -SoftDeletedMailUser -ResultSize Unlimited."""
    deleted = {"IsSoftDeletedByRemove": True, "WhenSoftDeleted": moment(tenant, DELETED)}
    return [{**_mail_user(tenant, user), **deleted} for user in tenant.deleted_mail_users]


def get_recipient(tenant: Tenant) -> list[Printed]:
    """Get-Recipient -ResultSize Unlimited; the discovery mailbox is hidden from it."""
    shown = [box for box in tenant.mailboxes if box.kind != "DiscoveryMailbox"]
    return [_recipient(tenant, one) for one in (*shown, *tenant.mail_users, *tenant.contacts, *tenant.groups)]


def get_distribution_group(tenant: Tenant) -> list[Printed]:
    """Get-DistributionGroup -ResultSize Unlimited."""
    return [_group(tenant, group) for group in tenant.groups]


def get_distribution_group_member(tenant: Tenant, group: str) -> list[Printed]:
    """Get-DistributionGroupMember of one group: its direct members, in the order in which they were added."""
    members = next((one.members for one in tenant.groups if one.name == group), ())
    known = {account.object_id: account for account in tenant.accounts}
    return [_recipient(tenant, known[member]) if member in known else _room_list(member) for member in members]


def _room_list(object_id: str) -> Printed:
    """A member that is a group itself."""
    kind = "RoomList"
    return {
        "Name": object_id,
        "ExternalDirectoryObjectId": object_id,
        "RecipientType": kind,
        "RecipientTypeDetails": kind,
        "DisplayName": "",
    }


def _mail_user(tenant: Tenant, user: MailUser) -> Printed:
    return {
        **account_properties(tenant, user),
        "ArchiveGuid": guid(user.archive_guid),
        "ArchiveName": ["In-Place Archive -" + user.display_name] if user.archive_guid else [],
        "ArchiveStatus": "None",
        "DisabledArchiveGuid": guid(user.disabled_archive_guid),
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
        **move_state(),
        **named(tenant, user),
    }


def _user(tenant: Tenant, account: Account) -> Printed:
    return {
        "AccountDisabled": account.kind not in ("UserMailbox", "MailUser", "GuestMailUser"),
        "Company": "",
        "Department": account.department,
        "DisplayName": account.display_name,
        "ExternalDirectoryObjectId": account.object_id,
        "FirstName": account.first_name,
        "IsDirSynced": account.is_dir_synced,
        "LastName": account.last_name,
        "MicrosoftOnlineServicesID": account.upn,
        "PreviousRecipientTypeDetails": account.previous_kind or "None",
        "RecipientType": _recipient_type(account),
        "RecipientTypeDetails": account.kind,
        "SKUAssigned": bool(account.licenses),
        "Title": "",
        "UserPrincipalName": account.upn,
        "WindowsEmailAddress": account.primary,
        **named(tenant, account),
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
        "SKUAssigned": bool(isinstance(one, Account) and one.held) or None,
        **named(tenant, one),
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
        **named(tenant, group, ("top", "group")),
    }


def account_properties(tenant: Tenant, account: Account) -> Printed:
    """What mailboxes and MailUsers have in common."""
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
        "SKUAssigned": bool(account.held),
        "UsageLocation": account.usage_location or None,
        "UserPrincipalName": account.upn,
        "WindowsEmailAddress": account.primary,
        "WindowsLiveID": account.upn,
    }


def _capabilities(tenant: Tenant, account: Account) -> list[str]:
    plans = {sku.part_number: sku.plans for sku in tenant.skus}
    held = [(one, name) for one in account.held for name, _ in plans[one.part_number]]
    return [CAPABILITIES[name] for one, name in held if name in CAPABILITIES and one.status_of(name) == "Success"]


def _recipient_type(one: Recipient) -> str:
    return RECIPIENT_TYPES.get(one.kind, "UserMailbox")


def move_state(remote_host: str = "") -> Printed:
    """The properties of a move: none is running, but an earlier one may have left its other end behind."""
    return {
        "MailboxMoveBatchName": "",
        "MailboxMoveFlags": "None",
        "MailboxMoveRemoteHostName": remote_host,
        "MailboxMoveSourceMDB": None,
        "MailboxMoveStatus": "None",
        "MailboxMoveTargetMDB": None,
    }


def named(tenant: Tenant, one: Recipient, classes: tuple[str, ...] = USER) -> Printed:
    """The directory part of a recipient."""
    return directory_object(tenant, one.name, one.guid, one.created, people_folder(tenant), classes, one.changed)
