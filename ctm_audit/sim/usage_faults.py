"""What is easily forgotten about the use of a mailbox: each function returns the scenario with that one thing forgotten."""

from __future__ import annotations

from ctm_audit.sim.apps import FULL_ACCESS, Principal
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.scenario import Scenario


def account_disabled(scenario: Scenario, row: int = 0) -> Scenario:
    """The target account was prepared disabled, and nobody has enabled it."""
    return scenario.with_mail_user(row, enabled=False)


def scanner_sends(scenario: Scenario, row: int = 0) -> Scenario:
    """A scanner sends with the mailbox, for which SMTP AUTH was allowed."""
    return scenario.with_mailbox(row, smtp_auth=True)


def phone_connected(scenario: Scenario, row: int = 0) -> Scenario:
    """The person reads mail on a phone."""
    return scenario.with_mailbox(row, has_devices=True)


def backup_in_source(scenario: Scenario) -> Scenario:
    """Contoso's backup reads all mailboxes."""
    backup = Principal(
        app_id=INVENT.guid("application", "tape"),
        guid=INVENT.guid("service principal", "tape"),
        name="Example Tape Backup",
        owner_tenant_id=INVENT.guid("tenant", "tape"),
        granted=(FULL_ACCESS,),
    )
    return scenario.with_tenant("source", principals=(*scenario.source.principals, backup))


def room_device_signed_in(scenario: Scenario, row: int = 0) -> Scenario:
    """A meeting room with a display on the wall, which signs in with the account of the room."""
    return scenario.with_mailbox(row, kind="RoomMailbox", room_account=True)


def calendar_did_not_answer(scenario: Scenario, row: int = 0) -> Scenario:
    """The calendar of the mailbox is damaged, and the cmdlet found no folder of its type."""
    return scenario.with_mailbox(row, calendar_is_broken=True)


def nothing_registered(scenario: Scenario, row: int = 0) -> Scenario:
    """The person has not yet registered an authenticator in the target."""
    return scenario.with_mail_user(row, sign_in_methods=())
