"""How mailboxes are used and how people sign in, as Get-CASMailbox and Microsoft Graph tell it."""

from __future__ import annotations

from ctm_audit.sim.printing import Printed
from ctm_audit.sim.recipients import named
from ctm_audit.sim.tenants import Account, Mailbox, Tenant


def get_cas_mailbox(tenant: Tenant) -> list[Printed]:
    """Get-CASMailbox -ResultSize Unlimited; a blank switch for SMTP AUTH means what the organization says."""
    return [_cas_mailbox(tenant, box) for box in tenant.mailboxes]


def user_registration_details(tenant: Tenant) -> list[Printed]:
    """GET reports/authenticationMethods/userRegistrationDetails: everybody who can sign in."""
    return [_registration(account) for account in tenant.accounts if account.kind in ("UserMailbox", "MailUser")]


def _cas_mailbox(tenant: Tenant, box: Mailbox) -> Printed:
    return {
        "EmailAddresses": list(box.proxies),
        "LegacyExchangeDN": box.legacy_dn,
        "LinkedMasterAccount": "",
        "PrimarySmtpAddress": box.primary,
        "ActiveSyncEnabled": True,
        "HasActiveSyncDevicePartnership": box.has_devices,
        "OWAEnabled": True,
        "PopEnabled": True,
        "ImapEnabled": True,
        "MAPIEnabled": True,
        "EwsEnabled": None,
        "SmtpClientAuthenticationDisabled": False if box.smtp_auth else None,
        "DisplayName": box.display_name,
        "ExternalDirectoryObjectId": box.object_id,
        "RecipientTypeDetails": box.kind,
        **named(tenant, box),
    }


def _registration(account: Account) -> Printed:
    return {
        "id": account.object_id,
        "userPrincipalName": account.upn,
        "userDisplayName": account.display_name,
        "userType": "member",
        "isAdmin": False,
        "isMfaCapable": bool(account.sign_in_methods),
        "isMfaRegistered": bool(account.sign_in_methods),
        "isPasswordlessCapable": False,
        "isSsprEnabled": False,
        "methodsRegistered": list(account.sign_in_methods),
        "defaultMfaMethod": "microsoftAuthenticatorPush" if account.sign_in_methods else "none",
        "lastUpdatedDateTime": "2026-11-20T03:12:44Z",
    }
