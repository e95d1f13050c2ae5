"""What a tenant holds: recipients, settings and licenses, as plain immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ctm_audit.evidence.tables import Side
from ctm_audit.sim.apps import App, Principal
from ctm_audit.sim.flow import Connector, TransportRule

Shell = Literal["powershell-5.1", "powershell-7"]
DELETED = datetime(2026, 11, 9, 14, 3, 55)  # when whatever can still come back was deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """A subscription: its service plans as (name, id), and how many seats were bought and are usable."""

    part_number: str
    sku_id: str
    plans: tuple[tuple[str, str], ...]
    bought: int = 0
    capability_status: str = "Enabled"


@dataclass(frozen=True, slots=True)
class License:
    """A SKU assigned to somebody; `statuses` holds the plans that are not in state Success.

    `group` is the id of the group that assigns it, '' when it was assigned directly; an `error` keeps it from being assigned.
    """

    part_number: str
    statuses: tuple[tuple[str, str], ...] = ()
    group: str = ""
    error: str = ""

    def status_of(self, plan: str) -> str:
        """The provisioning status of a plan of the SKU."""
        return dict(self.statuses).get(plan, "Success")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """What all recipients share. `proxies` stand as Exchange prints them; `object_id` is '' where Entra knows nobody.

    `changed` is when the object was last changed, None for some day after it was made.
    """

    guid: str
    object_id: str
    name: str
    alias: str
    display_name: str
    proxies: tuple[str, ...]
    kind: str
    legacy_dn: str
    created: datetime
    first_name: str = ""
    last_name: str = ""
    department: str = ""
    country: str = ""
    is_dir_synced: bool = False
    changed: datetime | None = None

    @property
    def primary(self) -> str:
        """The primary SMTP address: the proxy whose prefix is in capitals."""
        return next(proxy.removeprefix("SMTP:") for proxy in self.proxies if proxy.startswith("SMTP:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Recipient):
    """A recipient that can sign in and be licensed.

    `home` names who vouches for the account of somebody from elsewhere, '' for the tenant itself; `invited` accounts began as guests.
    `is_synced_in_entra` is None where Entra says the same as Exchange. `previous_kind` is what it was before, '' for nothing else.
    """

    upn: str
    exchange_guid: str = ""
    archive_guid: str = ""
    disabled_archive_guid: str = ""
    previous_kind: str = ""
    licenses: tuple[License, ...] = ()
    usage_location: str = "US"
    data_location: str = ""
    invited: bool = False
    home: str = ""
    is_synced_in_entra: bool | None = None
    enabled: bool = True
    sign_in_methods: tuple[str, ...] = ("microsoftAuthenticatorPush",)

    @property
    def held(self) -> tuple[License, ...]:
        """The licenses that are really assigned."""
        return tuple(one for one in self.licenses if not one.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox(Account):
    """A mailbox; sizes and quotas are bytes, a quota of None is Unlimited."""

    size: int = 0
    items: int = 0
    quota: int | None = None
    archive_size: int = 0
    archive_quota: int | None = None
    aux_archives: tuple[str, ...] = ()
    litigation_hold: bool = False
    delay_hold: bool = False
    in_place_holds: tuple[str, ...] = ()
    delay_release_hold: bool = False
    label_hold: bool = False
    retention_hold: bool = False
    expands: bool = False
    deleted_size: int = 0
    move_remote_host: str = ""
    is_quarantined: bool = False
    encryption_policy: str = ""
    forwarding_smtp: str = ""
    smtp_auth: bool = False
    has_devices: bool = False
    room_account: bool = False
    retention_policy: str = "Default MRM Policy"
    substrate_items: int = 0
    logged_holds: tuple[str, ...] = ()
    automate_processing: str = "AutoUpdate"
    resource_delegates: tuple[str, ...] = ()
    full_access: tuple[str, ...] = ()
    send_as: tuple[str, ...] = ()
    on_behalf: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    calendar_is_broken: bool = False
    accepts_only: tuple[str, ...] = ()
    is_inactive: bool = False
    soft_deleted: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailUser(Account):
    """A mail user; a guest when its kind says so. `external_address` is bare, without a prefix."""

    external_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Recipient):
    """A mail contact."""

    external_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Recipient):
    """A distribution or mail-enabled security group with its direct members' object ids."""

    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """An organization relationship."""

    name: str
    guid: str
    domain_names: tuple[str, ...]
    created: datetime
    enabled: bool = True
    free_busy: bool = False
    move_enabled: bool = False
    move_capability: str = "None"
    move_scopes: tuple[str, ...] = ()
    app_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A migration endpoint; `app_id` and `remote_tenant` are '' for other kinds than cross-tenant."""

    name: str
    guid: str
    type: str = "ExchangeRemoteMove"
    remote_server: str = "outlook.office.com"
    remote_tenant: str = ""
    app_id: str = ""
    max_migrations: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationUser:
    """A user in a migration batch."""

    identity: str
    guid: str
    batch: str
    status: str
    mailbox_guid: str = ""
    consistency: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationBatch:
    """A migration batch; `complete_after` is the hour at which it completes by itself, None when it waits for somebody."""

    name: str
    guid: str
    created: datetime
    status: str
    delivery_domain: str
    flags: str = "None"
    complete_after: datetime | None = None
    notified: tuple[str, ...] = ("migration.desk@fabrikam.com",)
    skips: str = "None"
    primary_only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain of a tenant. Exchange accepts it as `type` says, once it is verified; Microsoft hosts its zone unless `is_admin_managed`.

    `mx` is the host that Microsoft wants as MX, '' for the usual one; there are no records yet unless `records_ready`.
    """

    name: str
    guid: str
    is_verified: bool = True
    match_subdomains: bool = False
    type: str = "Authoritative"
    authentication: str = "Managed"
    is_admin_managed: bool = True
    services: tuple[str, ...] = ("Email", "OfficeCommunicationsOnline")
    mx: str = ""
    records_ready: bool = True
    dkim_status: str = "Valid"

    @property
    def mail_host(self) -> str:
        """The host that Microsoft wants as MX."""
        return self.mx or f"{self.name.replace('.', '-')}.mail.protection.outlook.com"

    @property
    def ownership_code(self) -> str:
        """The code that proves that the tenant asked for the domain: another one in each tenant."""
        return f"ms{int(self.guid.replace('-', ''), 16) % 10**8:08d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One tenant and the admin who exports it; `session_tenant_id` is the tenant the admin is really signed in to.

    `move_requests` are the ExchangeGuids of mailboxes that somebody moves, or has moved and not tidied up; `personal_sites`
    the UPNs of whoever has a OneDrive.

    `clock_error` is how far the admin's computer is ahead; `hidden` are the tables that the admin's account may not read,
    so that the cmdlet answers with nothing.
    `mailbox_plans` are the kinds of mailboxes with their size in GB.
    `regions` are those of a multi-geo tenant besides its first. `sync_partners` are tenants with an entry in the cross-tenant
    access policy, and whether they may synchronise users into this one.
    """

    side: Side
    guid: str
    tenant_id: str
    session_id: str
    session_tenant_id: str
    name: str
    initial_domain: str
    admin: str
    forest: str
    shell: Shell
    created: datetime
    domains: tuple[Domain, ...]
    skus: tuple[Sku, ...]
    mailboxes: tuple[Mailbox, ...]
    mail_users: tuple[MailUser, ...]
    contacts: tuple[Contact, ...]
    groups: tuple[Group, ...]
    relationships: tuple[Relationship, ...]
    endpoints: tuple[Endpoint, ...]
    migration_users: tuple[MigrationUser, ...]
    apps: tuple[App, ...] = ()
    transport_rules: tuple[TransportRule, ...] = ()
    inactive_mailboxes: tuple[Mailbox, ...] = ()
    connectors: tuple[Connector, ...] = ()
    arc_sealers: tuple[str, ...] = ()
    principals: tuple[Principal, ...] = ()
    failed_probes: tuple[str, ...] = ()
    unprobed: tuple[str, ...] = ()
    organization_holds: tuple[str, ...] = ()
    move_requests: tuple[str, ...] = ()
    personal_sites: tuple[str, ...] = ()
    migration_batches: tuple[MigrationBatch, ...] = ()
    is_dehydrated: bool = False
    session_host: str = "outlook.office365.com"
    clock_error: timedelta = timedelta()
    hidden: frozenset[str] = frozenset()
    last_sync: datetime | None = None
    application_uris: tuple[str, ...] = ()
    deleted_users: tuple[str, ...] = ()
    address_templates: tuple[str, ...] = ()
    deleted_mailboxes: tuple[Mailbox, ...] = ()
    deleted_mail_users: tuple[MailUser, ...] = ()
    regions: tuple[str, ...] = ()
    mailbox_plans: tuple[tuple[str, int], ...] = (("ExchangeOnlineEnterprise", 100), ("ExchangeOnlineDeskless", 2), ("ExchangeOnline", 50))
    sync_partners: tuple[tuple[str, bool], ...] = ()

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Everybody who has an Entra object, in the order of the directory."""
        return tuple(account for account in (*self.mailboxes, *self.mail_users) if account.object_id)

    def consumed(self, part_number: str) -> int:
        """How many seats of a SKU are assigned."""
        return sum(one.part_number == part_number for account in self.accounts for one in account.held)
