"""What can be wrong with one source mailbox, its license or its row in the mapping.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ctm_audit.sim import skus
from ctm_audit.sim.contoso import SCOPE_GROUP, UNREACHABLE
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.people import GB
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Group, License, MigrationBatch, MigrationUser

POLICY = "mbx0c7a8e3f51d24b6f9e02a4d8c3b1f675"


def sends_from_onmicrosoft(scenario: Scenario, row: int = 0) -> Scenario:
    """Nobody has planned an address of Fabrikam's own: the person would send from the initial domain."""
    mail_user = scenario.mail_user(row)
    return scenario.with_row(row, primary=f"{mail_user.alias}@{scenario.target.initial_domain}")


def source_missing(scenario: Scenario, row: int = 0) -> Scenario:
    """The mapping names a mailbox that the source does not have."""
    local, _, domain = scenario.rows[row].source.partition("@")
    return scenario.with_row(row, source=f"{local}.old@{domain}")


def source_inactive(scenario: Scenario, row: int = 0) -> Scenario:
    """The user was deleted under a hold, and the mailbox was kept as an inactive one."""
    return scenario.with_mailbox(row, is_inactive=True, soft_deleted=datetime(2026, 9, 30, 22, 0, 0))


def source_is_bookings(scenario: Scenario, row: int = 0) -> Scenario:
    """A Bookings calendar, which cannot be moved."""
    return scenario.with_mailbox(row, kind="SchedulingMailbox")


def source_is_room(scenario: Scenario, row: int = 0) -> Scenario:
    """Not a fault: rooms move like people."""
    return scenario.with_mailbox(row, kind="RoomMailbox")


def litigation_hold(scenario: Scenario, row: int = 0) -> Scenario:
    """Legal has put the person on litigation hold."""
    return scenario.with_mailbox(row, litigation_hold=True)


def policy_hold(scenario: Scenario, row: int = 0) -> Scenario:
    """A retention policy keeps the mailbox's content."""
    return scenario.with_mailbox(row, in_place_holds=(f"{POLICY}:2",))


def case_hold(scenario: Scenario, row: int = 0) -> Scenario:
    """An eDiscovery case holds the mailbox, in the spelling of the case's cmdlet."""
    return scenario.with_mailbox(row, in_place_holds=("UniH7d895d48-7e23-4a8d-8346-533c3beac15d",))


def unknown_hold(scenario: Scenario, row: int = 0) -> Scenario:
    """A hold of a kind that nobody has described."""
    return scenario.with_mailbox(row, in_place_holds=("zzz0c7a8e3f51d24b6f9e02a4d8c3b1f675:7",))


def delete_only_policy(scenario: Scenario, row: int = 0) -> Scenario:
    """Not a fault: the policy only deletes old items (`:1`)."""
    return scenario.with_mailbox(row, in_place_holds=(*scenario.mailbox(row).in_place_holds, f"{POLICY}:1"))


def excluded_from_policy(scenario: Scenario, row: int = 0) -> Scenario:
    """Not a fault: the mailbox is excluded from a policy that holds the others (`-mbx`)."""
    return scenario.with_mailbox(row, in_place_holds=(*scenario.mailbox(row).in_place_holds, f"-{POLICY}:2"))


def delay_hold(scenario: Scenario, row: int = 0) -> Scenario:
    """A hold was lifted less than 30 days ago."""
    return scenario.with_mailbox(row, delay_hold=True)


def with_archive(scenario: Scenario, row: int = 0) -> Scenario:
    """Not a fault: the mailbox has an archive and the MailUser knows it."""
    mailbox = scenario.mailbox(row)
    if mailbox.archive_guid:
        return scenario
    archive = INVENT.guid("archive", mailbox.upn)
    known = scenario.with_mailbox(row, archive_guid=archive, archive_size=3 * GB, archive_quota=100 * GB)
    return known.with_mail_user(row, archive_guid=archive)


def thirteen_aux_archives(scenario: Scenario, row: int = 0) -> Scenario:
    """The archive has expanded once too often."""
    aux = tuple(INVENT.guid("aux", scenario.rows[row].source, str(number)) for number in range(13))
    return with_archive(scenario, row).with_mailbox(row, aux_archives=aux)


def over_quota(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox is full: items larger than what may be sent have been let in."""
    quota = scenario.mailbox(row).quota or 0
    return scenario.with_mailbox(row, size=quota * 106 // 100)


def near_quota(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox is 93 percent full."""
    quota = scenario.mailbox(row).quota or 0
    return scenario.with_mailbox(row, size=quota * 93 // 100)


def archive_over_quota(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox has room, but its archive is full."""
    return with_archive(scenario, row).with_mailbox(row, archive_size=100 * GB, archive_quota=100 * GB)


def not_in_scope_group(scenario: Scenario, row: int = 0) -> Scenario:
    """Somebody forgot to add the mailbox to the scope group."""
    left_out = scenario.mailbox(row).object_id
    groups = tuple(_without(group, left_out) if group.name == SCOPE_GROUP else group for group in scenario.source.groups)
    return scenario.with_tenant("source", groups=groups)


def _without(group: Group, member: str) -> Group:
    return replace(group, members=tuple(one for one in group.members if one != member))


def migration_license_missing(scenario: Scenario, row: int = 0) -> Scenario:
    """Neither the mailbox nor the MailUser holds the migration license."""
    return _with_migration_license(scenario, row, in_target=())


def migration_license_pending(scenario: Scenario, row: int = 0) -> Scenario:
    """The license was assigned an hour ago, and its plan is still being provisioned."""
    pending = License(skus.MIGRATION.part_number, ((skus.MOVE[0], "PendingProvisioning"),))
    return _with_migration_license(scenario, row, in_target=(pending,))


def migration_plan_disabled(scenario: Scenario, row: int = 0) -> Scenario:
    """The license is assigned with its mailbox plan switched off."""
    disabled = License(skus.MIGRATION.part_number, ((skus.MOVE[0], "Disabled"),))
    return _with_migration_license(scenario, row, in_target=(disabled,))


def _with_migration_license(scenario: Scenario, row: int, *, in_target: tuple[License, ...]) -> Scenario:
    def others(licenses: tuple[License, ...]) -> tuple[License, ...]:
        return tuple(one for one in licenses if one.part_number != skus.MIGRATION.part_number)

    changed = scenario.with_mailbox(row, licenses=others(scenario.mailbox(row).licenses))
    return changed.with_mail_user(row, licenses=(*others(scenario.mail_user(row).licenses), *in_target))


def in_another_batch(scenario: Scenario, row: int = 0) -> Scenario:
    """A trial of last summer left its migration user behind."""
    left = MigrationUser(
        identity=scenario.mail_user(row).primary,
        guid=INVENT.guid("migration user", scenario.rows[row].target),
        batch="Trial-2026-07",
        status="Failed",
        error=UNREACHABLE,
    )
    trial = MigrationBatch(
        name=left.batch,
        guid=INVENT.guid("migration batch", left.batch),
        created=datetime(2026, 7, 6, 9, 12, 0),
        status="Failed",
        delivery_domain=scenario.migration.delivery_domain,
    )
    batches = tuple(one for one in scenario.target.migration_batches if one.name != trial.name)
    users = (*scenario.target.migration_users, left)
    return scenario.with_tenant("target", migration_users=users, migration_batches=(*batches, trial))


def upn_suffix_not_verified(scenario: Scenario, row: int = 0) -> Scenario:
    """The mapping wants to keep the UPN of the source, whose domain still belongs to the source tenant."""
    return scenario.with_row(row, upn=scenario.mailbox(row).primary)
