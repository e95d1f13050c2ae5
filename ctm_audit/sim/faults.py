"""Every fault that can be planted in a scenario, and the rule that must notice it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from ctm_audit.model import Verdict
from ctm_audit.sim import batch_faults as batches
from ctm_audit.sim import delegation_faults as delegates
from ctm_audit.sim import domain_faults as domains
from ctm_audit.sim import export_faults as exports
from ctm_audit.sim import identity_faults as identities
from ctm_audit.sim import license_faults as licenses
from ctm_audit.sim import lock_faults as locks
from ctm_audit.sim import mail_flow_faults as flow
from ctm_audit.sim import mailbox_faults as boxes
from ctm_audit.sim import stamping_faults as stamps
from ctm_audit.sim import state_faults as states
from ctm_audit.sim import target_faults as targets
from ctm_audit.sim import tenant_faults as tenants
from ctm_audit.sim import trust_faults as trust
from ctm_audit.sim import usage_faults as usage
from ctm_audit.sim.dns_fault_list import DNS_FAULTS, DnsFault
from ctm_audit.sim.people import CONTOSO
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.zone_fault_list import ZONE_FAULTS

Place = Literal[
    "row", "source", "target", "seats", "evidence", "unmapped", "wave", "batch", "delegation", "mail rules", "domain", "scopes", "dns"
]


class Plant(Protocol):
    """A function that puts one fault into a scenario; faults of a whole tenant do not look at the row."""

    __name__: str

    def __call__(self, scenario: Scenario, row: int = 0) -> Scenario:
        """The scenario with the fault in it."""


class Fault(NamedTuple):
    """A fault: the rule that judges it, how to plant it, the verdict that must follow, and on what.

    `place` is `row` for the mailbox of the mapping row, a side for that tenant, `seats` for the migration seats,
    `evidence` for what was exported, `unmapped` for mailboxes that nobody mapped,
    `wave` for a wave as it is planned, `batch` for a migration batch as it was made,
    `mail rules` for transport rules, `scopes` for published groups, `dns` for what was observed of a domain that moves.
    """

    rule: str
    plant: Plant
    verdict: Verdict
    place: Place


def _everywhere(plant: Callable[[Scenario], Scenario]) -> Plant:
    def planted(scenario: Scenario, row: int = 0) -> Scenario:  # noqa: ARG001 - called like a fault of a row
        return plant(scenario)

    planted.__doc__ = plant.__doc__
    return planted


def _on_row(rule: str, *plants: Plant, verdict: Verdict = Verdict.FAIL) -> dict[str, Fault]:
    return {plant.__name__: Fault(rule, plant, verdict, "row") for plant in plants}


def _on(place: Place, rule: str, *plants: Callable[[Scenario], Scenario], verdict: Verdict = Verdict.FAIL) -> dict[str, Fault]:
    return {plant.__name__: Fault(rule, _everywhere(plant), verdict, place) for plant in plants}


def _of_dns(fault: DnsFault) -> Fault:
    def planted(scenario: Scenario) -> Scenario:
        return fault.plant(fault.phase(scenario), CONTOSO)

    planted.__doc__ = fault.plant.__doc__
    return Fault(fault.rule, _everywhere(planted), Verdict.FAIL, "dns")


FAULTS: dict[str, Fault] = {
    **_on("target", "ACC-01", tenants.wrong_tenant),
    **_on("target", "ACC-02", tenants.other_cloud),
    **_on("source", "ACC-02", tenants.government_community),
    **_on("target", "ACC-04", tenants.dehydrated),
    **_on("evidence", "ACC-05", exports.clock_ahead),
    **_on("evidence", "ACC-06", exports.nothing_answered),
    **_on("evidence", "ACC-08", exports.password_in_an_error),
    **_on_row("LIC-01", boxes.migration_license_missing, boxes.migration_license_pending, boxes.migration_plan_disabled),
    **_on("seats", "LIC-02", tenants.too_few_seats, tenants.seats_suspended),
    **_on_row("LIC-03", licenses.shared_without_license),
    **_on_row("LIC-04", targets.licensed_before_stamping, targets.teams_licensed_before_stamping),
    **_on_row("LIC-05", licenses.group_license_waits),
    **_on_row("LIC-06", licenses.teams_beside_the_license),
    **_on("seats", "LIC-07", licenses.base_licenses_spent),
    **_on_row("LIC-08", licenses.larger_than_planned),
    **_on_row("LIC-09", licenses.archive_beyond_plan_1),
    **_on_row("LIC-10", licenses.no_usage_location),
    **_on_row("LIC-11", licenses.license_in_error),
    **_on_row("IDN-01", identities.mapped_twice),
    **_on_row("IDN-02", boxes.source_missing, boxes.source_inactive, boxes.source_is_bookings),
    **_on_row("IDN-02", boxes.source_is_room, verdict=Verdict.PASS),
    **_on_row("IDN-03", targets.target_missing, targets.target_is_mailbox, targets.target_is_guest),
    **_on_row("KEY-01", locks.source_key_of_a_namesake, locks.mailbox_made_anew, locks.target_key_of_another),
    **_on_row("KEY-02", locks.source_renamed, locks.target_renamed),
    **_on_row("IDN-04", identities.deleted_mailbox_competes, identities.deleted_account_has_the_name),
    **_on_row("IDN-04W", identities.deleted_twin_in_source),
    **_on_row("IDN-05", identities.upn_with_marks),
    **_on_row("IDN-06", boxes.upn_suffix_not_verified),
    **_on_row("IDN-07", identities.planned_upn_taken),
    **_on_row("IDN-08", identities.upn_is_a_number),
    **_on_row("IDN-09", identities.target_vouched_for_elsewhere),
    **_on_row("IDN-10", identities.synchronisation_unfinished),
    **_on_row("IDN-13", identities.satellite_without_license),
    **_on_row("IDN-14", identities.contact_has_the_address),
    **_on_row("IDN-15", identities.invited_and_still_synchronised),
    **_on("target", "IDN-15W", identities.sync_allowed),
    **_on_row("IDN-16", targets.target_is_contact),
    **_on_row("STP-01", targets.exchange_guid_not_stamped, targets.wrong_exchange_guid),
    **_on_row("STP-02", stamps.guid_of_a_trial),
    **_on_row("STP-03", targets.archive_guid_missing, targets.wrong_archive_guid),
    **_on_row("STP-03", boxes.with_archive, verdict=Verdict.PASS),
    **_on_row("STP-04", stamps.archive_the_source_lacks),
    **_on_row("STP-05", targets.legacy_dn_missing),
    **_on_row("STP-06", targets.x500_incomplete, targets.x500_trimmed),
    **_on_row("STP-07", stamps.x400_left_behind),
    **_on_row("STP-08", targets.external_address_wrong),
    **_on_row("STP-09", stamps.external_address_became_primary, stamps.external_address_left_as_proxy),
    **_on_row("STP-10", targets.primary_in_foreign_domain),
    **_on_row("STP-11", targets.proxy_in_source_domain),
    **_on_row("STP-12", targets.no_delivery_domain_proxy),
    **_on_row("STP-13", stamps.target_was_a_mailbox, stamps.target_has_disabled_archive),
    **_on_row("STP-14", stamps.hundreds_of_addresses),
    **_on_row("STP-15", stamps.stamped_since_synchronised),
    **_on_row("STP-17", stamps.x500_on_a_contact),
    **_on_row("STP-18", stamps.sip_address_of_the_source),
    **_on_row("STP-19", stamps.planned_address_will_be_scrubbed),
    **_on_row("STP-20", stamps.source_has_disabled_archive),
    **_on("domain", "DOM-01", domains.planned_domain_unknown, domains.domain_without_exchange),
    **_on("domain", "DOM-01W", domains.domain_relays),
    **_on("domain", "DOM-02", domains.address_kept_at_completion, domains.moving_domain_not_named),
    **_on_row("DOM-04", domains.no_address_that_survives),
    **_on("domain", "DOM-04W", domains.no_onmicrosoft_address),
    **_on("domain", "DOM-05", domains.deleted_user_keeps_domain, verdict=Verdict.DUE),
    **_on("domain", "DOM-06", domains.address_policy_gives_out_domain, verdict=Verdict.DUE),
    **_on("domain", "DOM-07", domains.application_names_domain, verdict=Verdict.DUE),
    **_on("domain", "DOM-08", domains.domain_federated, domains.subdomain_verified, verdict=Verdict.DUE),
    **_on("domain", "DOM-10", domains.hundreds_still_bear_it),
    **_on("target", "DOM-03", tenants.delivery_domain_not_accepted, tenants.delivery_domain_moves),
    **_on("target", "TRU-01", trust.single_tenant_app, trust.app_not_in_target),
    **_on("target", "TRU-01W", trust.native_redirect_uri),
    **_on("target", "TRU-02", trust.permission_delegated),
    **_on("target", "TRU-02W", trust.permission_user_read),
    **_on("target", "TRU-03", trust.consent_missing_in_target),
    **_on("source", "TRU-04", trust.consent_missing_in_source, trust.consent_to_own_app),
    **_on("source", "TRU-05", trust.principal_disabled),
    **_on("target", "TRU-06", trust.secret_ends_early),
    **_on("target", "TRU-06W", trust.secret_older_beside_newer),
    **_on("target", "TRU-08", tenants.relationship_missing, tenants.relationship_disabled),
    **_on("target", "TRU-08", tenants.relationship_without_inbound, tenants.relationship_by_domain),
    **_on("source", "TRU-09", tenants.wrong_app_id, tenants.source_relationship_disabled, tenants.relationship_without_scope),
    **_on("scopes", "TRU-10", trust.scope_is_distribution_list),
    **_on("target", "TRU-11", trust.second_relationship),
    **_on("source", "TRU-11", trust.relationship_of_last_project),
    **_on("scopes", "TRU-12W", trust.member_of_two_scopes),
    **_on("scopes", "TRU-13", trust.outsider_in_scope),
    **_on("scopes", "TRU-13W", trust.huge_scope),
    **_on("scopes", "TRU-17", trust.scope_changed_now),
    **_on_row("TRU-12", boxes.not_in_scope_group),
    **_on("target", "TRU-14", tenants.endpoint_missing, tenants.endpoint_wrong_tenant),
    **_on("target", "TRU-14W", tenants.endpoint_unusual_host),
    **_on_row("TRU-15", trust.probe_fails),
    **_on("target", "TRU-16", trust.endpoint_moves_two),
    **_on("target", "TRU-21", trust.orchestrator_not_prepared),
    **_on("target", "TRU-22", trust.way_back_in_target_only),
    **_on("target", "TRU-23", trust.nobody_synchronised_probed),
    **_on_row("MBX-01", boxes.litigation_hold),
    **_on_row("MBX-02", boxes.policy_hold, boxes.case_hold, boxes.unknown_hold),
    **_on_row("MBX-02", boxes.delete_only_policy, boxes.excluded_from_policy, verdict=Verdict.PASS),
    **_on_row("MBX-04", boxes.delay_hold),
    **_on_row("MBX-09", boxes.thirteen_aux_archives),
    **_on_row("MBX-12", boxes.over_quota, boxes.archive_over_quota),
    **_on_row("MBX-12W", boxes.near_quota),
    **_on_row("MBX-03", states.not_excluded),
    **_on_row("MBX-05", states.delay_release_hold),
    **_on_row("MBX-06", states.label_hold),
    **_on_row("MBX-07", states.log_contradicts),
    **_on_row("MBX-08", states.retention_suspended),
    **_on_row("MBX-10", states.archive_about_to_expand),
    **_on_row("MBX-11", states.hidden_items_in_archive),
    **_on_row("MBX-13", states.recoverable_items_too_large),
    **_on_row("MBX-15", states.trial_not_cleared, states.moved_by_microsoft),
    **_on_row("MBX-16", states.quarantined),
    **_on_row("MBX-17", states.customer_key),
    **_on_row("MBX-18", states.forwarded),
    **_on_row("MBX-18W", states.own_retention_policy),
    **_on_row("MBX-19", states.room_with_delegate),
    **_on_row("MBX-22", states.onedrive_already_there),
    **_on_row("MBX-23", states.held_without_time),
    **_on("unmapped", "COV-01", exports.mailbox_forgotten),
    **_on("source", "COV-02", exports.more_people_left),
    **_on_row("SNAP-01", usage.calendar_did_not_answer),
    **_on_row("USE-01", usage.account_disabled),
    **_on_row("USE-02", usage.scanner_sends),
    **_on_row("USE-02W", usage.phone_connected),
    **_on("source", "USE-03", usage.backup_in_source),
    **_on_row("USE-04", usage.room_device_signed_in),
    **_on_row("USE-05", usage.nothing_registered),
    **_on("mail rules", "FLOW-01", flow.banner_on_outside_mail, flow.tag_in_the_subject),
    **_on("target", "FLOW-02", flow.source_not_trusted, flow.connector_off),
    **_on_row("FLOW-03", flow.forwards_to_itself),
    **_on("mail rules", "FLOW-04", flow.own_domain_from_outside),
    **_on("delegation", "DEL-01", delegates.delegate_in_another_wave),
    **_on("delegation", "DEL-02", delegates.send_on_behalf),
    **_on("delegation", "DEL-03", delegates.send_as),
    **_on("delegation", "DEL-04", delegates.trustee_stays_behind),
    **_on("delegation", "DEL-05", delegates.group_may_open),
    **_on_row("DEL-06", delegates.senders_limited),
    **_on("delegation", "DEL-07", delegates.shared_mailbox_moves_first),
    **_on("batch", "BCH-02", batches.batch_of_everybody, batches.forgotten_in_batch),
    **_on("wave", "BCH-03", batches.wave_too_large),
    **_on("wave", "BCH-03W", batches.wave_nearly_full),
    **_on_row("BCH-04", boxes.in_another_batch),
    **_on_row("FROM-01", boxes.sends_from_onmicrosoft),
    **_on("batch", "BCH-06", batches.batch_to_vanity_domain),
    **_on("wave", "BCH-07", batches.name_of_wave_taken),
    **_on("batch", "BCH-08", batches.batch_completes_at_night, batches.batch_completes_at_once),
    **_on("wave", "BCH-09", batches.wave_switched_too_soon),
    **_on("wave", "BCH-10", batches.wave_switched_too_late),
    **_on("batch", "BCH-11", batches.batch_without_archives, batches.batch_skips_a_step),
    **_on("target", "BCH-18", batches.too_many_batches),
    **_on_row("BCH-01", batches.quotes_in_address),
    **_on_row("BCH-12", batches.copy_lost_items, verdict=Verdict.DUE),
    **_on_row("BCH-13", batches.copy_stands_still, verdict=Verdict.DUE),
    **_on_row("BCH-17", batches.shared_mailbox_for_orchestrator),
    **_on("batch", "BCH-14", batches.batch_reports_to_nobody),
    **{name: _of_dns(fault) for name, fault in (DNS_FAULTS | ZONE_FAULTS).items()},
}
