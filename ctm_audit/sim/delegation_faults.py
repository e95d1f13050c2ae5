"""What can be wrong with rights to mailboxes: who has them moves in another wave, or does not move at all."""

from __future__ import annotations

from ctm_audit.sim.scenario import Scenario

FIRST, LATER = 1, 2  # rows of different waves, as soon as there are three


def delegate_in_another_wave(scenario: Scenario) -> Scenario:
    """An assistant moves before the mailbox whose calendar she keeps."""
    return scenario.with_mailbox(LATER, calendar=(scenario.mailbox(FIRST).primary,))


def send_on_behalf(scenario: Scenario) -> Scenario:
    """An assistant may send on behalf of somebody; Exchange prints her name in the directory."""
    return scenario.with_mailbox(LATER, on_behalf=(scenario.mailbox(FIRST).name,))


def send_as(scenario: Scenario) -> Scenario:
    """An assistant may send as somebody."""
    return scenario.with_mailbox(LATER, send_as=(scenario.mailbox(FIRST).upn,))


def trustee_stays_behind(scenario: Scenario) -> Scenario:
    """Somebody who is not mapped may open a mailbox."""
    mapped = {row.source for row in scenario.rows}
    other = next(box for box in scenario.source.mailboxes if box.object_id and box.upn not in mapped)
    return scenario.with_mailbox(FIRST, full_access=(*scenario.mailbox(FIRST).full_access, other.upn))


def group_may_open(scenario: Scenario) -> Scenario:
    """A right is held through a group."""
    group = scenario.source.groups[-1].name
    return scenario.with_mailbox(FIRST, full_access=(*scenario.mailbox(FIRST).full_access, group))


def shared_mailbox_moves_first(scenario: Scenario) -> Scenario:
    """A shared mailbox moves before the person who works with it."""
    person = scenario.mailbox(LATER).upn
    return scenario.with_mailbox(FIRST, kind="SharedMailbox", full_access=(*scenario.mailbox(FIRST).full_access, person))


def senders_limited(scenario: Scenario, row: int = 0) -> Scenario:
    """Only the board may write to the mailbox."""
    return scenario.with_mailbox(row, accepts_only=("The Board",))
