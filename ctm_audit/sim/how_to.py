"""Two tenants that were prepared exactly as the usual how-to says (docs/how-to-traps.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.faults import FAULTS
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import MailUser, MigrationBatch, MigrationUser

PEOPLE = 12
BATCH = "CTM Batch"
STARTED = datetime(2026, 11, 19, 8, 45, 0)
NO_PULL = "The source organization does not authorize 'pull' or Inbound moves by this organization."
# What its script does to every user, in its order: New-MailUser, then Set-MailUser with two of the values.
TO_EVERYBODY = ("upn_suffix_not_verified", "no_delivery_domain_proxy", "external_address_became_primary")
# What it never looks at, by mapping row.
UNSEEN = {
    1: ("archive_guid_missing",),
    2: ("litigation_hold",),
    3: ("licensed_before_stamping",),
    4: ("over_quota",),
    5: ("target_is_mailbox",),
    6: ("thirteen_aux_archives",),
    7: ("target_was_a_mailbox",),
}
TO_THE_TENANTS = ("consent_to_own_app", "native_redirect_uri", "permission_user_read", "relationship_missing", "endpoint_unusual_host")


def prepared_by_the_how_to() -> Scenario:
    """The scenario after the last page of the how-to: everything is done, and the batch has begun by itself."""
    scenario = contoso_to_fabrikam(people=PEOPLE)
    for row in range(PEOPLE):
        scenario = _with_one_x500(scenario, row)
        for name in TO_EVERYBODY:
            scenario = FAULTS[name].plant(scenario, row)
    for row, names in UNSEEN.items():
        for name in names:
            scenario = FAULTS[name].plant(scenario, row)
    for name in TO_THE_TENANTS:
        scenario = FAULTS[name].plant(scenario)
    return replace(_everybody_in_a_batch(_without_relationship(scenario)), stated=())


def _with_one_x500(scenario: Scenario, row: int) -> Scenario:
    """Of all X500 addresses the how-to knows the LegacyExchangeDN alone."""
    wanted = f"x500:{scenario.mailbox(row).legacy_dn}".casefold()
    proxies = scenario.mail_user(row).proxies
    return scenario.with_mail_user(row, proxies=tuple(one for one in proxies if one[:5].casefold() != "x500:" or one.casefold() == wanted))


def _without_relationship(scenario: Scenario) -> Scenario:
    """Contoso has no relationship with Fabrikam either; the group CTMAllowed is there, and nothing publishes it."""
    return scenario.with_tenant("source", relationships=tuple(one for one in scenario.source.relationships if not one.move_enabled))


def _everybody_in_a_batch(scenario: Scenario) -> Scenario:
    """A batch of every MailUser of the tenant, partners and all, started at once; its users fail one after the other.

    Who stands in a batch already is refused as a duplicate.
    """
    target = scenario.target
    known = {user.identity.casefold() for user in target.migration_users}
    taken = tuple(_failed(user) for user in target.mail_users if user.primary.casefold() not in known)
    batch = MigrationBatch(
        name=BATCH,
        guid=INVENT.guid("migration batch", BATCH),
        created=STARTED,
        status="Syncing",
        delivery_domain=scenario.migration.delivery_domain,
        notified=(),
    )
    return scenario.with_tenant(
        "target",
        migration_batches=(*target.migration_batches, batch),
        migration_users=(*target.migration_users, *taken),
    )


def _failed(user: MailUser) -> MigrationUser:
    return MigrationUser(
        identity=user.primary,
        guid=INVENT.guid("migration user", BATCH, user.upn),
        batch=BATCH,
        status="Failed",
        mailbox_guid=user.exchange_guid,
        error=NO_PULL,
    )
