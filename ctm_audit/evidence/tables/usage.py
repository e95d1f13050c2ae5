"""How mailboxes are used: protocols, devices, and how people will sign in.

https://learn.microsoft.com/powershell/module/exchangepowershell/get-casmailbox
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Table, exchange_line, graph_cmdlet_line, graph_line

CAS_MAILBOXES = Table(
    name="cas_mailboxes",
    command="Get-CASMailbox",
    stems=("Get-CASMailbox", "Get-EXOCASMailbox"),
    key=("object_id",),
    keyless=("DiscoveryMailbox",),
    columns=(
        Column("object_id", "text", "ExternalDirectoryObjectId", n.guid, "Entra object id", True),
        Column(
            "smtp_auth", "flag", "SmtpClientAuthenticationDisabled", n.switched_off, "true when SMTP AUTH is allowed for this very mailbox"
        ),
        Column("has_devices", "flag", "HasActiveSyncDevicePartnership", n.flag, "true when a phone or tablet is connected"),
    ),
    export=exchange_line("Get-CASMailbox", unlimited=True),
    sides=SOURCE,
)

# The report needs Microsoft Entra ID P1: https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails
SIGN_IN_METHODS = Table(
    name="sign_in_methods",
    command="Graph reports/authenticationMethods/userRegistrationDetails",
    stems=("userRegistrationDetails", "Get-MgReportAuthenticationMethodUserRegistrationDetail"),
    key=("user_id",),
    columns=(
        Column("user_id", "text", "id", n.guid, "Entra object id", True),
        Column("methods", "texts", "methodsRegistered", n.texts, "sign-in methods that the person has registered"),
    ),
    export=graph_line("reports/authenticationMethods/userRegistrationDetails?$top=999", "userRegistrationDetails"),
    other_exports=(graph_cmdlet_line("Get-MgReportAuthenticationMethodUserRegistrationDetail", "-All"),),
    sides=TARGET,
    optional=True,
)
