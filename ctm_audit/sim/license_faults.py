"""What can be wrong with the licenses of a target user.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from dataclasses import replace

from ctm_audit.sim import skus
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.mailbox_faults import migration_license_missing, with_archive
from ctm_audit.sim.people import GB
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.target_faults import exchange_guid_not_stamped
from ctm_audit.sim.tenants import License


def group_license_waits(scenario: Scenario, row: int = 0) -> Scenario:
    """The user is not stamped, and is in a group that will assign an E3 as soon as a seat is free."""
    waiting = License(skus.E3.part_number, group=INVENT.guid("license group"), error="CountViolation")
    return _also(exchange_guid_not_stamped(scenario, row), row, waiting)


def teams_beside_the_license(scenario: Scenario, row: int = 0) -> Scenario:
    """The user is stamped, and has a product that is sold for Teams alone."""
    return _also(scenario, row, License(skus.TEAMS_ONLY.part_number))


def license_in_error(scenario: Scenario, row: int = 0) -> Scenario:
    """Somebody assigned a second base license, whose plans exclude those of the first."""
    return _also(scenario, row, License(skus.F3.part_number, error="MutuallyExclusiveViolation"))


def _also(scenario: Scenario, row: int, license_: License) -> Scenario:
    return scenario.with_mail_user(row, licenses=(*scenario.mail_user(row).licenses, license_))


def no_usage_location(scenario: Scenario, row: int = 0) -> Scenario:
    """Nobody has said in which country the person works."""
    return scenario.with_mail_user(row, usage_location="")


def shared_without_license(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox is a shared one, and nobody has bought a migration license for it."""
    return migration_license_missing(scenario, row).with_mailbox(row, kind="SharedMailbox", licenses=())


def larger_than_planned(scenario: Scenario, row: int = 0) -> Scenario:
    """The source has given the person more room than an E3 gives."""
    return scenario.with_mailbox(row, quota=200 * GB, size=98 * GB)


def archive_beyond_plan_1(scenario: Scenario, row: int = 0) -> Scenario:
    """The archive is larger than Exchange Online (Plan 1) gives, and that is planned for the person."""
    planned = with_archive(scenario, row).with_row(row, license=skus.PLAN_1.part_number)
    return planned.with_mailbox(row, archive_size=61 * GB, archive_quota=100 * GB, aux_archives=())


def base_licenses_spent(scenario: Scenario) -> Scenario:
    """Fabrikam has assigned every E3 that it has bought."""
    name = skus.E3.part_number
    left = scenario.target.consumed(name)
    return scenario.with_tenant(
        "target", skus=tuple(replace(sku, bought=left) if sku.part_number == name else sku for sku in scenario.target.skus)
    )
