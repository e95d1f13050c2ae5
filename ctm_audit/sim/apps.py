"""Apps as the two tenants know them, and what they were granted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ctm_audit.evidence.tables.trust import EXCHANGE_ONLINE
from ctm_audit.sim.invent import Dice

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
GRAPH = "00000003-0000-0000-c000-000000000000"
ROLES = (
    ("full_access_as_app", "dc890d15-9560-4a4c-9b7f-a736ec74ec40"),
    ("Mailbox.Migration", "f7264778-fba9-422d-8e9e-2675a2c4b513"),
    ("Exchange.ManageAsApp", "dc50a0fb-09a3-484d-be87-e023b12c6440"),
)
MAILBOX_MIGRATION = dict(ROLES)["Mailbox.Migration"]
FULL_ACCESS = dict(ROLES)["full_access_as_app"]
USER_READ = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
SECRET_MADE = datetime(2026, 10, 12, 7, 20, 0)
SECRET_ENDS = datetime(2027, 10, 12, 7, 20, 0)


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that an app asks for: `kind` is Role for application permissions, Scope for delegated ones."""

    resource: str
    role_id: str
    kind: str = "Role"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app registration; of its secrets only the ends are known."""

    app_id: str
    guid: str
    name: str
    audience: str = "AzureADMultipleOrgs"
    redirect_uris: tuple[str, ...] = ("https://office.com",)
    permissions: tuple[Permission, ...] = (Permission(EXCHANGE_ONLINE, MAILBOX_MIGRATION),)
    secret_ends: tuple[datetime, ...] = (SECRET_ENDS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A service principal: the app as one tenant knows it; `granted` are the ids of Exchange Online's roles that it holds."""

    app_id: str
    guid: str
    name: str
    owner_tenant_id: str
    is_enabled: bool = True
    roles: tuple[tuple[str, str], ...] = ()
    granted: tuple[str, ...] = ()


def migration_app(dice: Dice, app_id: str) -> App:
    """The app registration that the target's admin made for the move."""
    return App(app_id=app_id, guid=dice.guid("app registration"), name="Contoso mailbox migration")


def principals(dice: Dice, side: str, app_id: str, owner_tenant_id: str) -> tuple[Principal, ...]:
    """Exchange Online, the consented migration app, and in the target a backup product that reads mailboxes."""
    exchange = dice.guid("service principal", side, "exchange")
    migration = dice.guid("service principal", side, "migration")
    needed = (
        Principal(app_id=EXCHANGE_ONLINE, guid=exchange, name="Office 365 Exchange Online", owner_tenant_id=MICROSOFT, roles=ROLES),
        Principal(
            app_id=app_id, guid=migration, name="Contoso mailbox migration", owner_tenant_id=owner_tenant_id, granted=(MAILBOX_MIGRATION,)
        ),
    )
    backup = Principal(
        app_id=dice.guid("application", "backup"),
        guid=dice.guid("service principal", side, "backup"),
        name="Example Backup",
        owner_tenant_id=dice.guid("tenant", "backup"),
        granted=(FULL_ACCESS,),
    )
    return needed if side == "source" else (*needed, backup)
