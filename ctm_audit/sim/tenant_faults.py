"""What can be wrong with a whole tenant or the project: each function returns the scenario with that one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ctm_audit.evidence.tables import Side
from ctm_audit.sim import skus
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.mailbox_faults import migration_license_missing
from ctm_audit.sim.scenario import Scenario


def wrong_tenant(scenario: Scenario) -> Scenario:
    """Fabrikam's admin was still signed in to Contoso in that window."""
    return scenario.with_tenant("target", session_tenant_id=scenario.source.tenant_id)


def other_cloud(scenario: Scenario) -> Scenario:
    """Fabrikam lives in the cloud for the United States government."""
    return scenario.with_tenant("target", session_host="outlook.office365.us")


def government_community(scenario: Scenario) -> Scenario:
    """Contoso lives in the government community cloud, which shares its hosts with the worldwide one."""
    government = replace(skus.E3, part_number="ENTERPRISEPACK_GOV", sku_id=INVENT.guid("government"), bought=5)
    return scenario.with_tenant("source", skus=(*scenario.source.skus, government))


def dehydrated(scenario: Scenario) -> Scenario:
    """Fabrikam has never customized its organization."""
    return scenario.with_tenant("target", is_dehydrated=True)


def too_few_seats(scenario: Scenario) -> Scenario:
    """The first person has no migration license, and neither tenant has a seat left."""
    spent = migration_license_missing(scenario, 0)
    for side in ("source", "target"):
        spent = without_spare_seats(spent, side)
    return spent


def without_spare_seats(scenario: Scenario, side: Side) -> Scenario:
    """Every migration seat of a tenant is assigned."""
    tenant = scenario.source if side == "source" else scenario.target
    name = skus.MIGRATION.part_number
    return scenario.with_tenant(
        side, skus=tuple(replace(sku, bought=tenant.consumed(name)) if sku.part_number == name else sku for sku in tenant.skus)
    )


def seats_suspended(scenario: Scenario) -> Scenario:
    """The first person has no migration license, and the subscriptions with free seats have lapsed."""
    lapsed = migration_license_missing(scenario, 0)
    for side in ("source", "target"):
        tenant = lapsed.source if side == "source" else lapsed.target
        lapsed = lapsed.with_tenant(side, skus=tuple(replace(sku, capability_status="Suspended") for sku in tenant.skus))
    return lapsed


def delivery_domain_not_accepted(scenario: Scenario) -> Scenario:
    """The project names a delivery domain that Fabrikam does not have."""
    return scenario.with_migration(delivery_domain="migration.fabrikam.com")


def delivery_domain_moves(scenario: Scenario) -> Scenario:
    """The project names a delivery domain that Fabrikam accepts, and that is itself about to be taken away."""
    domain = "fabrikam.example"
    return scenario.with_migration(delivery_domain=domain, moving_domains=(*scenario.migration.moving_domains, domain))


def relationship_missing(scenario: Scenario) -> Scenario:
    """Fabrikam has no organization relationship with Contoso: the usual how-to leaves it out."""
    others = tuple(one for one in scenario.target.relationships if not one.move_enabled)
    return scenario.with_tenant("target", relationships=others)


def relationship_disabled(scenario: Scenario) -> Scenario:
    """Fabrikam's relationship is switched off."""
    return _in_relationship(scenario, "target", enabled=False)


def relationship_without_inbound(scenario: Scenario) -> Scenario:
    """Fabrikam's relationship has the capability of the other side."""
    return _in_relationship(scenario, "target", move_capability="RemoteOutbound")


def relationship_by_domain(scenario: Scenario) -> Scenario:
    """Fabrikam's relationship names Contoso's domain where the tenant id must stand."""
    return _in_relationship(scenario, "target", domain_names=(scenario.source.initial_domain,))


def relationship_without_scope(scenario: Scenario) -> Scenario:
    """The group exists, but Contoso's relationship does not publish it."""
    return _in_relationship(scenario, "source", move_scopes=())


def wrong_app_id(scenario: Scenario) -> Scenario:
    """Contoso's relationship names an app that Contoso registered itself."""
    return _in_relationship(scenario, "source", app_id=INVENT.guid("second application"))


def source_relationship_disabled(scenario: Scenario) -> Scenario:
    """Contoso's relationship is switched off."""
    return _in_relationship(scenario, "source", enabled=False)


def _in_relationship(scenario: Scenario, side: Side, **changes: Any) -> Scenario:
    tenant = scenario.source if side == "source" else scenario.target
    relationships = tuple(replace(one, **changes) if one.move_enabled else one for one in tenant.relationships)
    return scenario.with_tenant(side, relationships=relationships)


def endpoint_missing(scenario: Scenario) -> Scenario:
    """Nobody has made the migration endpoint."""
    others = tuple(one for one in scenario.target.endpoints if one.name != scenario.migration.endpoint)
    return scenario.with_tenant("target", endpoints=others)


def endpoint_wrong_tenant(scenario: Scenario) -> Scenario:
    """The endpoint points to Fabrikam itself."""
    return _in_endpoint(scenario, remote_tenant=scenario.target.initial_domain)


def endpoint_unusual_host(scenario: Scenario) -> Scenario:
    """The endpoint has the host of older how-tos."""
    return _in_endpoint(scenario, remote_server="outlook.office365.com")


def _in_endpoint(scenario: Scenario, **changes: Any) -> Scenario:
    name = scenario.migration.endpoint
    endpoints = tuple(replace(one, **changes) if one.name == name else one for one in scenario.target.endpoints)
    return scenario.with_tenant("target", endpoints=endpoints)
