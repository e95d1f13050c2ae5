"""What can be wrong with the domains of a migration; each function returns the scenario with that one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.people import CONTOSO, CONTOSO_INITIAL, FABRIKAM
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Account, Domain


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


def freed(scenario: Scenario) -> Scenario:
    """Not a fault: everybody has left the moving domain, and it can be taken out of the source."""
    tenant = scenario.source
    domains = tuple(sorted(tenant.domains, key=lambda one: one.name != CONTOSO_INITIAL))
    people: dict[str, Any] = {
        kind: tuple(_moved_out(one) for one in getattr(tenant, kind)) for kind in ("mailboxes", "mail_users", "contacts", "groups")
    }
    rows = tuple(replace(row, source=_renamed(row.source)) for row in scenario.rows)
    return replace(scenario.with_tenant("source", domains=domains, **people), rows=rows)


def _moved_out(one: Any) -> Any:
    kept = dict.fromkeys(_renamed(proxy) for proxy in one.proxies)
    primary = next(proxy for proxy in kept if proxy.startswith("SMTP:"))
    proxies = tuple(proxy for proxy in kept if proxy != f"smtp:{primary.removeprefix('SMTP:')}")
    return replace(one, proxies=proxies, **({"upn": _renamed(one.upn)} if isinstance(one, Account) else {}))


def _renamed(name: str) -> str:
    """The name in the initial domain, when it is in the moving one."""
    return name.replace(f"@{CONTOSO}", f"@{CONTOSO_INITIAL}") if name.endswith(f"@{CONTOSO}") else name


def deleted_user_keeps_domain(scenario: Scenario) -> Scenario:
    """Somebody who left last week is in the recycle bin, with the old name."""
    return scenario.with_tenant("source", deleted_users=(f"4f5e2d1c0b9a8f7e6d5c4b3a29180706former.colleague@{CONTOSO}",))


def address_policy_gives_out_domain(scenario: Scenario) -> Scenario:
    """An email address policy for groups still makes addresses in the domain."""
    return scenario.with_tenant("source", address_templates=(f"SMTP:@{CONTOSO}",))


def application_names_domain(scenario: Scenario) -> Scenario:
    """The app of the intranet has the domain in its identifier URI."""
    return scenario.with_tenant(
        "source", application_uris=(f"https://intranet.{CONTOSO}/app", "api://7f3c1f8e-27f0-4a3c-9d36-0a8f6c2e7b14")
    )


def domain_federated(scenario: Scenario) -> Scenario:
    """Sign-in for the domain is federated to servers of the source."""
    domains = tuple(replace(one, authentication="Federated") if one.name == CONTOSO else one for one in scenario.source.domains)
    return scenario.with_tenant("source", domains=domains)


def subdomain_verified(scenario: Scenario) -> Scenario:
    """A subdomain that nobody remembers is verified below it."""
    child = Domain(name=f"shop.{CONTOSO}", guid=INVENT.guid("domain", "shop"))
    return scenario.with_tenant("source", domains=(*scenario.source.domains, child))


def hundreds_still_bear_it(scenario: Scenario) -> Scenario:
    """A thousand apps of the same maker have the domain in their identifier URIs."""
    return scenario.with_tenant("source", application_uris=tuple(f"https://app{number}.{CONTOSO}/" for number in range(1_000)))
