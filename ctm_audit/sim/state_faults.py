"""What can keep a source mailbox from moving, or be lost with it: holds, moves, sizes, forwarding.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from ctm_audit.sim.mailbox_faults import with_archive
from ctm_audit.sim.people import GB, KEEP_ALL
from ctm_audit.sim.scenario import Scenario


def delay_release_hold(scenario: Scenario, row: int = 0) -> Scenario:
    """A hold was lifted, and what Teams keeps in the mailbox waits out its own delay."""
    return scenario.with_mailbox(row, delay_release_hold=True)


def label_hold(scenario: Scenario, row: int = 0) -> Scenario:
    """Somebody gave one message a label that retains it for ten years."""
    return scenario.with_mailbox(row, label_hold=True)


def not_excluded(scenario: Scenario, row: int = 0) -> Scenario:
    """The policy for everybody retains, and somebody forgot to exclude this mailbox from it."""
    return scenario.with_mailbox(row, in_place_holds=())


def log_contradicts(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox is excluded from the policy for everybody since yesterday, and its log still calls it held."""
    return scenario.with_mailbox(row, logged_holds=(f"{KEEP_ALL}:2",))


def hidden_items_in_archive(scenario: Scenario, row: int = 0) -> Scenario:
    """Teams has kept items under a hold in the archive, and nothing empties the folder."""
    return with_archive(scenario, row).with_mailbox(row, substrate_items=214)


def room_with_delegate(scenario: Scenario, row: int = 0) -> Scenario:
    """A room in which a person decides on bookings."""
    return scenario.with_mailbox(row, kind="RoomMailbox", resource_delegates=("Priya Raghunathan",))


def own_retention_policy(scenario: Scenario, row: int = 0) -> Scenario:
    """The finance department keeps its mail for seven years, and the target does not know that."""
    return scenario.with_mailbox(row, retention_policy="Finance 7 years")


def onedrive_already_there(scenario: Scenario, row: int = 0) -> Scenario:
    """The orchestrator is to move the person, who has clicked on OneDrive in the target before."""
    sites = (*scenario.target.personal_sites, scenario.mail_user(row).upn)
    return scenario.with_tenant("target", personal_sites=sites).with_row(row, route="orchestrator")


def held_without_time(scenario: Scenario, row: int = 0) -> Scenario:
    """Legal has put the person on litigation hold, and the wave is near."""
    return scenario.with_mailbox(row, litigation_hold=True).with_row(row, wave=scenario.migration.waves[0].name)


def retention_suspended(scenario: Scenario, row: int = 0) -> Scenario:
    """The folder assistant has been told to leave the mailbox alone since a long leave."""
    return scenario.with_mailbox(row, retention_hold=True)


def archive_about_to_expand(scenario: Scenario, row: int = 0) -> Scenario:
    """The archive is at 95 percent, and it expands."""
    grown = with_archive(scenario, row)
    return grown.with_mailbox(row, archive_size=95 * GB, archive_quota=100 * GB, expands=True)


def recoverable_items_too_large(scenario: Scenario, row: int = 0) -> Scenario:
    """Years under a hold have filled Recoverable Items."""
    return scenario.with_mailbox(row, deleted_size=41 * GB)


def trial_not_cleared(scenario: Scenario, row: int = 0) -> Scenario:
    """A trial failed, and its other end still stands on the mailbox."""
    return scenario.with_mailbox(row, move_remote_host="outlook.office365.com")


def moved_by_microsoft(scenario: Scenario, row: int = 0) -> Scenario:
    """A move between Microsoft's servers is under way."""
    requests = (*scenario.source.move_requests, scenario.mailbox(row).exchange_guid)
    return scenario.with_tenant("source", move_requests=requests)


def quarantined(scenario: Scenario, row: int = 0) -> Scenario:
    """A program has crashed the mailbox's server too often."""
    return scenario.with_mailbox(row, is_quarantined=True)


def customer_key(scenario: Scenario, row: int = 0) -> Scenario:
    """The finance department holds its own keys."""
    return scenario.with_mailbox(row, encryption_policy="DEP-Finance")


def forwarded(scenario: Scenario, row: int = 0) -> Scenario:
    """Mail is forwarded to an agency."""
    return scenario.with_mailbox(row, forwarding_smtp="bank.desk@example.org")
