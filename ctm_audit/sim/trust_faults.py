"""What can be wrong with the migration app, the scope and the test moves: each function returns the scenario with that one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ctm_audit.evidence.tables import Side
from ctm_audit.sim.apps import GRAPH, USER_READ, Permission
from ctm_audit.sim.contoso import SCOPE_GROUP
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Group


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


def scope_is_distribution_list(scenario: Scenario) -> Scenario:
    """The published group is a distribution list."""
    return _in_scope_group(scenario, kind="MailUniversalDistributionGroup")


def second_relationship(scenario: Scenario) -> Scenario:
    """The target has two relationships for the same move."""
    first = next(one for one in scenario.target.relationships if one.move_enabled)
    second = replace(first, name=f"{first.name} (copy)", guid=INVENT.guid("relationship", "second"))
    return scenario.with_tenant("target", relationships=(*scenario.target.relationships, second))


def relationship_of_last_project(scenario: Scenario) -> Scenario:
    """The source still has a relationship with the app of an earlier project."""
    first = next(one for one in scenario.source.relationships if one.move_enabled)
    earlier = replace(first, name="Pilot 2025", guid=INVENT.guid("relationship", "earlier"), app_id=INVENT.guid("application", "earlier"))
    return scenario.with_tenant("source", relationships=(*scenario.source.relationships, earlier))


def outsider_in_scope(scenario: Scenario) -> Scenario:
    """Somebody whom the mapping does not name was added to the scope group."""
    mapped = {row.source for row in scenario.rows}
    stranger = next(box.object_id for box in scenario.source.mailboxes if box.object_id and box.upn not in mapped)
    return _in_scope_group(scenario, members=(*_scope_group(scenario).members, stranger))


def huge_scope(scenario: Scenario) -> Scenario:
    """Five thousand others are in the scope group."""
    others = tuple(INVENT.guid("member", str(number)) for number in range(5_000))
    return _in_scope_group(scenario, members=(*_scope_group(scenario).members, *others))


def scope_changed_now(scenario: Scenario) -> Scenario:
    """The last members were added ten minutes before the audit."""
    return _in_scope_group(scenario, changed=scenario.migration.as_of - timedelta(minutes=10))


def member_of_two_scopes(scenario: Scenario) -> Scenario:
    """A second group is published, and one person is in both."""
    first = _scope_group(scenario)
    second = replace(
        first,
        name="CTMPilot",
        alias="CTMPilot",
        display_name="CTMPilot",
        guid=INVENT.guid("group", "pilot"),
        object_id=INVENT.guid("group object", "pilot"),
        proxies=(f"SMTP:ctmpilot@{first.primary.partition('@')[2]}",),
        members=first.members[:1],
    )
    relationships = tuple(
        replace(one, move_scopes=(*one.move_scopes, second.name)) if one.move_enabled else one for one in scenario.source.relationships
    )
    return scenario.with_tenant("source", groups=(*scenario.source.groups, second), relationships=relationships)


def _scope_group(scenario: Scenario) -> Group:
    return next(group for group in scenario.source.groups if group.name == SCOPE_GROUP)


def _in_scope_group(scenario: Scenario, **changes: Any) -> Scenario:
    groups = tuple(replace(group, **changes) if group.name == SCOPE_GROUP else group for group in scenario.source.groups)
    return scenario.with_tenant("source", groups=groups)


def probe_fails(scenario: Scenario, row: int = 0) -> Scenario:
    """The test move of one person is refused."""
    return scenario.with_tenant("target", failed_probes=(*scenario.target.failed_probes, scenario.mail_user(row).primary))


def nobody_synchronised_probed(scenario: Scenario) -> Scenario:
    """Of the people who are synchronised from on-premises nobody was tested."""
    synchronised = tuple(user.primary for user in scenario.target.mail_users if user.is_dir_synced)
    return scenario.with_tenant("target", unprobed=synchronised)


def endpoint_moves_two(scenario: Scenario) -> Scenario:
    """Somebody limited the endpoint to two mailboxes for a test."""
    name = scenario.migration.endpoint
    endpoints = tuple(replace(one, max_migrations=2) if one.name == name else one for one in scenario.target.endpoints)
    return scenario.with_tenant("target", endpoints=endpoints)


def orchestrator_not_prepared(scenario: Scenario) -> Scenario:
    """The project moves with the orchestrator, and nobody has prepared its apps."""
    return scenario.with_migration(route="orchestrator")


def way_back_in_target_only(scenario: Scenario) -> Scenario:
    """The target's relationship has both capabilities already."""
    both = tuple(
        replace(one, move_capability="Inbound, RemoteOutbound") if one.move_enabled else one for one in scenario.target.relationships
    )
    return scenario.with_tenant("target", relationships=both)
