"""What can be wrong with the batch of a wave, as it is planned or as it was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.scenario import Row, Scenario
from ctm_audit.sim.tenants import MigrationBatch, MigrationUser

WAVE = "pilot"
MADE = datetime(2026, 11, 18, 9, 30, 0)


def submitted(scenario: Scenario, wave: str = WAVE) -> Scenario:
    """Not a fault: the batch of a wave was made from the mapping, and every mailbox of it is copied."""
    if any(one.name == f"Wave {wave}" for one in scenario.target.migration_batches):
        return scenario
    users = [_synced(scenario, row) for row, one in enumerate(scenario.rows) if one.wave == wave]
    return _batched(scenario, wave, *users)


def _batched(scenario: Scenario, wave: str, *users: MigrationUser) -> Scenario:
    """The scenario with more users in the batch of a wave."""
    batch = MigrationBatch(
        name=f"Wave {wave}",
        guid=INVENT.guid("migration batch", wave),
        created=MADE,
        status="Synced",
        delivery_domain=scenario.migration.delivery_domain,
    )
    target = scenario.target
    others = tuple(one for one in target.migration_batches if one.name != batch.name)
    return scenario.with_tenant("target", migration_users=(*target.migration_users, *users), migration_batches=(*others, batch))


def _synced(scenario: Scenario, row: int) -> MigrationUser:
    mail_user = scenario.mail_user(row)
    return MigrationUser(
        identity=mail_user.primary,
        guid=INVENT.guid("migration user", mail_user.upn),
        batch=f"Wave {scenario.rows[row].wave}",
        status="Synced",
        mailbox_guid=mail_user.exchange_guid,
        consistency="Perfect",
    )


def batch_of_everybody(scenario: Scenario) -> Scenario:
    """The CSV was made of everybody in the address book, so a contact is in the batch."""
    contact = scenario.target.contacts[-1]
    stranger = MigrationUser(
        identity=contact.primary,
        guid=INVENT.guid("migration user", contact.primary),
        batch=f"Wave {WAVE}",
        status="Failed",
        error="The recipient is no MailUser.",
    )
    return _batched(submitted(scenario), WAVE, stranger)


def forgotten_in_batch(scenario: Scenario) -> Scenario:
    """Somebody of the next wave was put into this one after its batch was made."""
    late = next(row for row, one in enumerate(scenario.rows) if one.wave != WAVE)
    return submitted(scenario).with_row(late, wave=WAVE)


def batch_to_vanity_domain(scenario: Scenario) -> Scenario:
    """The batch was made with the vanity domain as TargetDeliveryDomain."""
    return _made(scenario, delivery_domain="fabrikam.com")


def batch_completes_at_night(scenario: Scenario) -> Scenario:
    """The batch completes at the planned hour, whatever has happened until then."""
    return _made(scenario, complete_after=datetime(2026, 12, 15, 20, 0, 0))


def batch_completes_at_once(scenario: Scenario) -> Scenario:
    """The batch completes each mailbox as soon as it is copied."""
    return _made(scenario, flags="AutoComplete, ReportInitial")


def batch_without_archives(scenario: Scenario) -> Scenario:
    """The batch leaves the archives behind."""
    return _made(scenario, primary_only=True)


def batch_skips_a_step(scenario: Scenario) -> Scenario:
    """The batch does not set the target address."""
    return _made(scenario, skips="SettingTargetAddress")


def batch_reports_to_nobody(scenario: Scenario) -> Scenario:
    """Nobody gets the reports of the batch."""
    return _made(scenario, notified=())


def _made(scenario: Scenario, **changes: Any) -> Scenario:
    known = submitted(scenario)
    batches = tuple(replace(one, **changes) if one.name == f"Wave {WAVE}" else one for one in known.target.migration_batches)
    return known.with_tenant("target", migration_batches=batches)


def copy_lost_items(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox is copied, but for a good part of it."""
    return _batched(scenario, scenario.rows[row].wave, replace(_synced(scenario, row), consistency="Poor"))


def copy_stands_still(scenario: Scenario, row: int = 0) -> Scenario:
    """The copy of the mailbox has failed."""
    failed = replace(_synced(scenario, row), status="Failed", consistency="", error="The source mailbox is over its quota.")
    return _batched(scenario, scenario.rows[row].wave, failed)


def quotes_in_address(scenario: Scenario, row: int = 0) -> Scenario:
    """A script has put the address of the MailUser into quotes twice."""
    user = scenario.mail_user(row)
    proxies = [f'SMTP:"{user.alias}"@fabrikam.com' if proxy.startswith("SMTP:") else proxy for proxy in user.proxies]
    return scenario.with_mail_user(row, proxies=tuple(proxies))


def shared_mailbox_for_orchestrator(scenario: Scenario, row: int = 0) -> Scenario:
    """A shared mailbox was planned for the orchestrator together with its people."""
    return scenario.with_mailbox(row, kind="SharedMailbox").with_row(row, route="orchestrator")


def name_of_wave_taken(scenario: Scenario) -> Scenario:
    """A batch of last year has the name of the wave."""
    old = MigrationBatch(
        name=WAVE.capitalize(),
        guid=INVENT.guid("migration batch", "last year"),
        created=datetime(2025, 9, 1, 7, 0, 0),
        status="Stopped",
        delivery_domain=scenario.migration.delivery_domain,
    )
    return scenario.with_tenant("target", migration_batches=(*scenario.target.migration_batches, old))


def wave_switched_too_soon(scenario: Scenario) -> Scenario:
    """The wave is to be switched a week after it is submitted."""
    return _switched(scenario, WAVE, 7)


def wave_switched_too_late(scenario: Scenario) -> Scenario:
    """The last wave is to be switched a quarter after it is submitted."""
    return _switched(scenario, scenario.migration.waves[-1].name, 91)


def _switched(scenario: Scenario, name: str, days: int) -> Scenario:
    """The scenario with a wave that is switched so many days after it is submitted."""
    late = tuple(
        replace(one, complete_at=one.submit_by + timedelta(days=days)) if one.name == name else one for one in scenario.migration.waves
    )
    return scenario.with_migration(waves=late)


def wave_too_large(scenario: Scenario) -> Scenario:
    """The wave has more mailboxes than one batch may hold; the CSV of the mapping was made before they were."""
    return _with_rows(scenario, WAVE, 2_001)


def wave_nearly_full(scenario: Scenario) -> Scenario:
    """The last wave nearly fills a batch."""
    return _with_rows(scenario, scenario.migration.waves[-1].name, 1_900)


def _with_rows(scenario: Scenario, wave: str, count: int) -> Scenario:
    rows = tuple(
        Row(source=f"new{number}.{wave}@contoso.com", target=f"new{number}.{wave}@fabrikam.com", wave=wave) for number in range(count)
    )
    return replace(scenario, rows=(*scenario.rows, *rows))


def too_many_batches(scenario: Scenario) -> Scenario:
    """Nobody has ever removed a finished batch of the target."""
    old = [
        MigrationBatch(
            name=f"Onboarding-{number:03d}",
            guid=INVENT.guid("migration batch", str(number)),
            created=datetime(2024, 2, 1, 7, 0, 0) + timedelta(days=number),
            status="Completed",
            delivery_domain=scenario.migration.delivery_domain,
        )
        for number in range(98)
    ]
    return scenario.with_tenant("target", migration_batches=(*scenario.target.migration_batches, *old))
