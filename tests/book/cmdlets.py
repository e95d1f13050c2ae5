"""The cmdlets and parameters that commands of rules may use, shell by shell, and how a command is taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ctm_audit.rulebook.rule import Shell

RELATIONSHIP = "Enabled MailboxMoveEnabled MailboxMoveCapability DomainNames OAuthApplicationId MailboxMovePublishedScopes"
ADDRESSES = "Identity EmailAddresses HiddenFromAddressListsEnabled"
EXCHANGE_ONLINE: Mapping[str, frozenset[str]] = {
    name: frozenset(parameters.split())
    for name, parameters in {
        "Add-DistributionGroupMember": "Identity Member BypassSecurityGroupManagerCheck",
        "Add-MailboxFolderPermission": "Identity User AccessRights SharingPermissionFlags",
        "Add-MailboxPermission": "Identity User AccessRights AutoMapping InheritanceType",
        "Add-RecipientPermission": "Identity Trustee AccessRights",
        "Enable-OrganizationCustomization": "",
        "Get-MailUser": "Identity ResultSize",
        "Get-Mailbox": "Identity ResultSize",
        "Get-MigrationUser": "Identity IncludeAssociatedUsers",
        "Get-OrganizationRelationship": "Identity",
        "New-MigrationEndpoint": "Name RemoteServer RemoteTenant Credentials ExchangeRemoteMove ApplicationId",
        "New-OrganizationRelationship": f"Name {RELATIONSHIP}",
        "Remove-DistributionGroupMember": "Identity Member BypassSecurityGroupManagerCheck",
        "Rotate-DkimSigningConfig": "Identity KeySize",
        "Set-AcceptedDomain": "Identity DomainType MatchSubDomains",
        "Set-DkimSigningConfig": "Identity Enabled",
        "Set-MailUser": f"{ADDRESSES} ExchangeGuid ArchiveGuid ExternalEmailAddress MicrosoftOnlineServicesID",
        "Set-Mailbox": f"{ADDRESSES} GrantSendOnBehalfTo ForwardingSmtpAddress",
        "Set-MigrationBatch": "Identity CompleteAfter NotificationEmails",
        "Set-MigrationEndpoint": "Identity Credentials RemoteServer MaxConcurrentMigrations",
        "Set-MigrationUser": "Identity CompleteAfter",
        "Set-OrganizationRelationship": f"Identity {RELATIONSHIP}",
        "Set-User": "Identity PermanentlyClearPreviousMailboxInfo",
        "Test-MigrationServerAvailability": "Endpoint TestMailbox",
    }.items()
}
POWERSHELL: Mapping[str, frozenset[str]] = {
    "ForEach-Object": frozenset(),
    "Get-Date": frozenset(),
    "Where-Object": frozenset(),
}
"""What every shell has."""
GRAPH: Mapping[str, frozenset[str]] = {
    "Get-MgSubscribedSku": frozenset({"All"}),
    "Set-MgUserLicense": frozenset({"UserId", "AddLicenses", "RemoveLicenses"}),
    "Update-MgApplication": frozenset({"ApplicationId", "Web", "SignInAudience"}),
    "Update-MgServicePrincipal": frozenset({"ServicePrincipalId", "AccountEnabled"}),
    "Update-MgUser": frozenset({"UserId", "AccountEnabled", "UsageLocation", "UserPrincipalName"}),
}
KNOWN: Mapping[Shell, Mapping[str, frozenset[str]]] = {
    "exo": {**POWERSHELL, **EXCHANGE_ONLINE},
    "graph": {**POWERSHELL, **GRAPH},
    "compliance": POWERSHELL,
    "on-premises": POWERSHELL,
}
COMMON = frozenset({"Confirm", "WhatIf", "ErrorAction"})
CMDLET = re.compile(r"(?<![\w.'-])[A-Z][a-z]+-[A-Z]\w+")
PARAMETER = re.compile(r"(?<=\s)-([A-Z]\w+)")
QUOTED = re.compile(r"'(?:[^']|'')*'|<[a-z_.0-9]+>")


def used(command: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Each cmdlet of a command with the parameters that follow it, up to the next cmdlet; texts and placeholders are no parameters."""
    plain = QUOTED.sub("''", command)
    found = list(CMDLET.finditer(plain))
    for cmdlet, following in zip(found, [*found[1:], None], strict=True):
        inside = plain[cmdlet.end() : following.start() if following else len(plain)]
        yield cmdlet.group(), frozenset(PARAMETER.findall(inside))


def outer_parameters(command: str) -> frozenset[str]:
    """All parameters of a command that is one cmdlet with expressions inside."""
    return frozenset().union(*(parameters for _, parameters in used(command)))
