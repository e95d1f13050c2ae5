"""Objects as Exchange and Graph export them, for tests of the border."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.tables import Side

WHEN = datetime(2026, 11, 20, 17)


def object_id(number: int) -> str:
    """The same id for the same number."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, str(number)))


def mailbox(number: int, **changes: Any) -> dict[str, Any]:
    """A mailbox with every property that the source is asked for, and some that nobody reads."""
    guid = object_id(number)
    return {
        "ExternalDirectoryObjectId": guid,
        "UserPrincipalName": f"User{number}@Contoso.com",
        "PrimarySmtpAddress": f"user{number}@contoso.com",
        "ExchangeGuid": guid,
        "ArchiveGuid": "00000000-0000-0000-0000-000000000000",
        "DisabledArchiveGuid": "00000000-0000-0000-0000-000000000000",
        "EmailAddresses": [f"SMTP:User{number}@contoso.com", f"smtp:u{number}@contoso.onmicrosoft.com", "X500:/o=Ex/cn=A B"],
        "PersistedCapabilities": ["BPOS_S_Enterprise"],
        "IsDirSynced": False,
        "RecipientTypeDetails": "UserMailbox",
        "LegacyExchangeDN": f"/o=ExchangeLabs/cn=User{number}",
        "Name": f"User{number}",
        "GrantSendOnBehalfTo": [],
        "AcceptMessagesOnlyFromSendersOrMembers": [],
        "RejectMessagesFromSendersOrMembers": [],
        "ModerationEnabled": False,
        "RoomMailboxAccountEnabled": None,
        "IsInactiveMailbox": False,
        "WhenSoftDeleted": None,
        "LitigationHoldEnabled": False,
        "DelayHoldApplied": False,
        "DelayReleaseHoldApplied": False,
        "ComplianceTagHoldApplied": False,
        "RetentionHoldEnabled": False,
        "ElcProcessingDisabled": False,
        "AutoExpandingArchiveEnabled": False,
        "MailboxMoveStatus": "None",
        "MailboxMoveRemoteHostName": "",
        "DataEncryptionPolicy": None,
        "RetentionPolicy": "Default MRM Policy",
        "ForwardingAddress": None,
        "ForwardingSmtpAddress": None,
        "InPlaceHolds": [],
        "MailboxLocations": [f"1;{guid};Primary;x;{guid}"],
        "ProhibitSendReceiveQuota": "100 GB (107,374,182,400 bytes)",
        "ArchiveQuota": "Unlimited",
        "RunspaceId": guid,
        "PSComputerName": "outlook.office365.com",
        **changes,
    }


def take_in(name: str, objects: Iterable[Any], side: Side = "source", **meta: Any) -> Intake:
    """The intake of objects that came from a file of that table."""
    return intake(name, objects, Meta(side=side, source=f"{name}.json", collected_at=WHEN, **meta))
