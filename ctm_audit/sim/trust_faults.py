"""What can be wrong with the migration app, the scope and the test moves: each function returns the scenario with that one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from ctm_audit.evidence.tables import Side
from ctm_audit.sim.apps import GRAPH, USER_READ, Permission
from ctm_audit.sim.scenario import Scenario


def single_tenant_app(scenario: Scenario) -> Scenario:
    """The app was registered for the target's own accounts only."""
    return _in_app(scenario, audience="AzureADMyOrg")


def app_not_in_target(scenario: Scenario) -> Scenario:
    """The target has no registration of the app that the project names."""
    return scenario.with_tenant("target", apps=())


def native_redirect_uri(scenario: Scenario) -> Scenario:
    """The app has the redirect URI of desktop programs, as a how-to told."""
    return _in_app(scenario, redirect_uris=("https://login.microsoftonline.com/common/oauth2/nativeclient",))


def permission_delegated(scenario: Scenario) -> Scenario:
    """The permission was added as a delegated one."""
    return _in_app(scenario, permissions=tuple(replace(one, kind="Scope") for one in scenario.target.apps[0].permissions))


def permission_user_read(scenario: Scenario) -> Scenario:
    """The app still asks for User.Read, which every new app has."""
    return _in_app(scenario, permissions=(*scenario.target.apps[0].permissions, Permission(GRAPH, USER_READ, "Scope")))


def consent_missing_in_target(scenario: Scenario) -> Scenario:
    """Nobody has granted the permission in the target."""
    return _in_principal(scenario, "target", granted=())


def consent_missing_in_source(scenario: Scenario) -> Scenario:
    """Nobody in the source has opened the consent page."""
    others = tuple(one for one in scenario.source.principals if one.app_id != scenario.migration.app_id)
    return scenario.with_tenant("source", principals=others)


def consent_to_own_app(scenario: Scenario) -> Scenario:
    """The app that the source trusts was registered in the source itself."""
    return _in_principal(scenario, "source", owner_tenant_id=scenario.source.tenant_id)


def principal_disabled(scenario: Scenario) -> Scenario:
    """The source's security team has switched the app off."""
    return _in_principal(scenario, "source", is_enabled=False)


def secret_ends_early(scenario: Scenario) -> Scenario:
    """The only secret ends between two waves."""
    return _in_app(scenario, secret_ends=(datetime(2026, 12, 20, 9, 0, 0),))


def secret_older_beside_newer(scenario: Scenario) -> Scenario:
    """A new secret was made, and the old one, which the endpoint may hold, is still there."""
    return _in_app(scenario, secret_ends=(datetime(2026, 12, 20, 9, 0, 0), *scenario.target.apps[0].secret_ends))


def _in_app(scenario: Scenario, **changes: Any) -> Scenario:
    return scenario.with_tenant("target", apps=tuple(replace(one, **changes) for one in scenario.target.apps))


def _in_principal(scenario: Scenario, side: Side, **changes: Any) -> Scenario:
    tenant = scenario.source if side == "source" else scenario.target
    app_id = scenario.migration.app_id
    return scenario.with_tenant(
        side, principals=tuple(replace(one, **changes) if one.app_id == app_id else one for one in tenant.principals)
    )
