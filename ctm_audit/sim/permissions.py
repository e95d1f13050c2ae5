"""What the cmdlets for permissions print of one mailbox at a time; the export adds of which mailbox the answer is."""

from __future__ import annotations

from collections.abc import Callable

from ctm_audit.sim.printing import Printed
from ctm_audit.sim.tenants import Mailbox, Tenant

SELF = "NT AUTHORITY\\SELF"


def get_mailbox_permission(tenant: Tenant) -> list[Printed]:
    """Get-MailboxPermission of every mailbox, with the entries that each one has."""
    return _of_each(tenant, _mailbox_permissions)


def get_recipient_permission(tenant: Tenant) -> list[Printed]:
    """Get-RecipientPermission of every mailbox."""
    return _of_each(tenant, _recipient_permissions)


def get_calendar_permission(tenant: Tenant) -> list[Printed]:
    """Get-MailboxFolderPermission of the calendar of every mailbox, with the address of whoever may open it."""
    return _of_each(tenant, _calendar_permissions)


def _of_each(tenant: Tenant, answer: Callable[[Mailbox], list[Printed]]) -> list[Printed]:
    return [{"mailboxGuid": box.exchange_guid} | entry for box in tenant.mailboxes if box.object_id for entry in answer(box)]


def _mailbox_permissions(box: Mailbox) -> list[Printed]:
    entries = [(SELF, ["FullAccess", "ReadPermission"], False), ("EURPR04A002\\Organization Management", ["FullAccess"], True)]
    entries += [(name, ["FullAccess"], False) for name in box.full_access]
    return [
        {
            "Identity": box.name,
            "User": user,
            "AccessRights": rights,
            "IsInherited": is_inherited,
            "Deny": False,
            "InheritanceType": "All",
            "IsValid": True,
        }
        for user, rights, is_inherited in entries
    ]


def _recipient_permissions(box: Mailbox) -> list[Printed]:
    return [
        {
            "Identity": box.name,
            "Trustee": trustee,
            "AccessControlType": "Allow",
            "AccessRights": ["SendAs"],
            "IsInherited": False,
            "InheritanceType": "None",
            "IsValid": True,
        }
        for trustee in (SELF, *box.send_as)
    ]


def _calendar_permissions(box: Mailbox) -> list[Printed]:
    if box.calendar_is_broken:
        return []
    entries = [("Default", "AvailabilityOnly"), ("Anonymous", "None"), *((address, "Editor") for address in box.calendar)]
    return [
        {"FolderName": "Kalender" if box.country == "Germany" else "Calendar", "Trustee": trustee, "AccessRights": [right], "IsValid": True}
        for trustee, right in entries
    ]
