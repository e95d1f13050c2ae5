"""What can be wrong with what an admin hands over: each function returns the scenario with that one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ctm_audit.sim.others import left_behind
from ctm_audit.sim.scenario import Scenario


def clock_ahead(scenario: Scenario) -> Scenario:
    """The computer of Fabrikam's admin is two days ahead."""
    return scenario.with_tenant("target", clock_error=timedelta(days=2))


def nothing_answered(scenario: Scenario) -> Scenario:
    """The account of Contoso's admin may not read the organization's settings, and PowerShell wrote an empty list."""
    return scenario.with_tenant("source", hidden=frozenset({"organization_config"}))


def mailbox_forgotten(scenario: Scenario) -> Scenario:
    """All of Contoso shall move, some stay behind with a reason, and the list has forgotten one."""
    mapped = {row.source for row in scenario.rows}
    left = [box.upn for box in scenario.source.mailboxes if box.object_id and box.upn not in mapped]
    return scenario.with_migration(scope="all", excluded=tuple((upn, "leaves the company in December") for upn in left[1:]))


def more_people_left(scenario: Scenario) -> Scenario:
    """Two people more have left Contoso under a hold."""
    left = [left_behind(box, 2025) for box in scenario.source.mailboxes if box.kind == "UserMailbox"][-2:]
    return scenario.with_tenant("source", inactive_mailboxes=(*scenario.source.inactive_mailboxes, *left))


def password_in_an_error(scenario: Scenario) -> Scenario:
    """The service has repeated the password of another project's service account in an error."""
    first, *others = scenario.target.migration_users
    named = replace(first, error="The endpoint refused password=Winter-2023!")
    return scenario.with_tenant("target", migration_users=(named, *others))
