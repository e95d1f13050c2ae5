"""What Test-MigrationServerAvailability prints for each MailUser that is stamped for a move."""

from __future__ import annotations

from ctm_audit.sim.printing import Printed
from ctm_audit.sim.tenants import MailUser, Tenant

REFUSED = (
    "MigrationServerConnectionFailedException: The connection to the server 'outlook.office.com' could not be completed. ---> "
    "MailboxNotInCrossTenantMigrationScopeException"
)


def test_migration_server_availability(tenant: Tenant) -> list[Printed]:
    """Test-MigrationServerAvailability -Endpoint -TestMailbox, one MailUser after another, each line with its address."""
    stamped = [user for user in tenant.mail_users if user.exchange_guid and user.kind == "MailUser"]
    return [_tested(tenant, user) for user in stamped if user.primary not in tenant.unprobed]


def _tested(tenant: Tenant, user: MailUser) -> Printed:
    is_refused = user.primary in tenant.failed_probes
    return {
        "TestMailbox": user.primary,
        "Result": "Failed" if is_refused else "Success",
        "Message": "The connection to the server could not be completed." if is_refused else None,
        "ErrorDetail": REFUSED if is_refused else None,
        "SupportsCutover": False,
        "IsValid": True,
    }
