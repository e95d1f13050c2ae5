"""What can be wrong on the way of the mail: each function returns the scenario with that one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ctm_audit.evidence.tables import Side
from ctm_audit.sim.scenario import Scenario


def banner_on_outside_mail(scenario: Scenario) -> Scenario:
    """Contoso writes a warning into every message from outside."""
    return _in_rule(scenario, "source", from_scope="NotInOrganization", text="<p>This message came from outside.</p>")


def tag_in_the_subject(scenario: Scenario) -> Scenario:
    """Contoso writes [EXT] into the subject of every message, wherever it comes from."""
    return _in_rule(scenario, "source", from_scope="", text="", subject="[EXT] ")


def source_not_trusted(scenario: Scenario) -> Scenario:
    """Fabrikam has no connector for Contoso, and trusts nobody's seals."""
    return scenario.with_tenant("target", connectors=(), arc_sealers=())


def connector_off(scenario: Scenario) -> Scenario:
    """Fabrikam's connector for Contoso is switched off."""
    return scenario.with_tenant("target", connectors=tuple(replace(one, enabled=False) for one in scenario.target.connectors))


def forwards_to_itself(scenario: Scenario, row: int = 0) -> Scenario:
    """The person had the mailbox forwarded to the new account, whose MailUser points back to the mailbox."""
    return scenario.with_mailbox(row, forwarding_smtp=scenario.mail_user(row).primary)


def own_domain_from_outside(scenario: Scenario) -> Scenario:
    """Fabrikam rejects mail from outside that bears one of its own domains."""
    return _in_rule(scenario, "target", mode="Enforce")


def _in_rule(scenario: Scenario, side: Side, **changes: Any) -> Scenario:
    tenant = scenario.source if side == "source" else scenario.target
    first, *others = tenant.transport_rules
    return scenario.with_tenant(side, transport_rules=(replace(first, **changes), *others))
