"""What can have become of a mapped object since mapping.lock was written.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with a lock of an earlier day.
"""

from __future__ import annotations

from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.scenario import Locked, Scenario


def source_key_of_a_namesake(scenario: Scenario, row: int = 0) -> Scenario:
    """The person left, and a namesake got the address."""
    key = scenario.rows[row].source
    return scenario.with_locked(Locked("source", key, INVENT.guid("namesake", key), INVENT.guid("namesake's mailbox", key)))


def mailbox_made_anew(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox was disabled and enabled again, so the account has an empty one."""
    key = scenario.rows[row].source
    return scenario.with_locked(Locked("source", key, scenario.mailbox(row).object_id, INVENT.guid("former mailbox", key)))


def target_key_of_another(scenario: Scenario, row: int = 0) -> Scenario:
    """Somebody deleted the MailUser and made one for another person under the same name."""
    key = scenario.rows[row].target
    return scenario.with_locked(Locked("target", key, INVENT.guid("former mail user", key), ""))


def source_renamed(scenario: Scenario, row: int = 0) -> Scenario:
    """The person married, and the mapping has the new name."""
    mailbox = scenario.mailbox(row)
    return scenario.with_locked(Locked("source", f"born.{mailbox.upn}", mailbox.object_id, mailbox.exchange_guid))


def target_renamed(scenario: Scenario, row: int = 0) -> Scenario:
    """The MailUser got the name that the person will have in the target."""
    user = scenario.mail_user(row)
    return scenario.with_locked(Locked("target", f"interim.{user.upn}", user.object_id, ""))
