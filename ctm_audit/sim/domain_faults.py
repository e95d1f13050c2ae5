"""What can be wrong with the domains of a migration; each function returns the scenario with that one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ctm_audit.sim.people import CONTOSO_INITIAL, FABRIKAM
from ctm_audit.sim.scenario import Scenario


def planned_domain_unknown(scenario: Scenario) -> Scenario:
    """The mapping gives somebody an address in a domain that neither tenant has."""
    return scenario.with_row(0, primary=f"{scenario.mail_user(0).alias}@fabrikam.net")


def domain_without_exchange(scenario: Scenario) -> Scenario:
    """Exchange was switched off for the domain in which everybody has an address."""
    return _in_domain(scenario, FABRIKAM, services=("OfficeCommunicationsOnline",))


def domain_relays(scenario: Scenario) -> Scenario:
    """The domain was made an internal relay domain for an older coexistence."""
    return _in_domain(scenario, FABRIKAM, type="InternalRelay")


def _in_domain(scenario: Scenario, name: str, **changes: Any) -> Scenario:
    domains = tuple(replace(one, **changes) if one.name == name else one for one in scenario.target.domains)
    return scenario.with_tenant("target", domains=domains)


def address_kept_at_completion(scenario: Scenario) -> Scenario:
    """The mapping promises somebody the old address on the night of the switch."""
    return scenario.with_row(0, primary=scenario.mailbox(0).primary)


def moving_domain_not_named(scenario: Scenario) -> Scenario:
    """Everybody shall get the old address back, and the project does not say that the domain moves."""
    return scenario.with_migration(moving_domains=())


def no_address_that_survives(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox was made by a script that gave it the vanity domain only."""
    mailbox = scenario.mailbox(row)
    kept = tuple(proxy for proxy in mailbox.proxies if not proxy.endswith(f"@{CONTOSO_INITIAL}"))
    return scenario.with_mailbox(row, proxies=kept).with_mail_user(row, external_address=mailbox.primary)


def no_onmicrosoft_address(scenario: Scenario) -> Scenario:
    """The same, where everybody gets new addresses and no domain moves."""
    rows = tuple(replace(row, final_upn="", final_primary="") for row in scenario.rows)
    return replace(no_address_that_survives(scenario, 0), rows=rows).with_migration(moving_domains=())
