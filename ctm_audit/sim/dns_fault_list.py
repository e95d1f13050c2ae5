"""Every fault of DNS that can be planted, with the rule that must notice it, and when it is to be looked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ctm_audit.sim import dns_faults as f
from ctm_audit.sim.domain_move import after_the_move, before_parking
from ctm_audit.sim.scenario import Scenario

Plant = Callable[[Scenario, str], Scenario]
Phase = Callable[[Scenario], Scenario]


class DnsFault(NamedTuple):
    """A fault of one domain: the rule that judges it, the scenario that it is planted in, and how."""

    rule: str
    phase: Phase
    plant: Plant


def _eve(rule: str, *plants: Plant) -> dict[str, DnsFault]:
    return {plant.__name__: DnsFault(rule, before_parking, plant) for plant in plants}


def _after(rule: str, *plants: Plant) -> dict[str, DnsFault]:
    return {plant.__name__: DnsFault(rule, after_the_move, plant) for plant in plants}


DNS_FAULTS: dict[str, DnsFault] = {
    **_eve("DNS-VER-01", f.target_code_forgotten),
    **_eve("DNS-VER-02", f.texts_of_ten_years),
    **_after("DNS-VER-03", f.old_code_left),
    **_eve("DNS-VER-04", f.made_by_a_reseller),
    **_after("DNS-AD-01", f.autodiscover_at_the_web_host),
    **_after("DNS-AD-02", f.autodiscover_service_record),
    **_after("DNS-AD-03", f.autodiscover_unresolved),
    **_after("DNS-DEV-01", f.enrollment_missing),
    **_after("DNS-TEAMS-01", f.federation_record_lost),
    **_eve("DNS-TEAMS-02", f.old_lync_server),
    **_eve("DNS-MSOID-01", f.msoid_left),
    **_after("DNS-FED-01", f.federation_proof_left),
    **_after("DNS-BIMI-01", f.logo_lost),
    **_after("DNS-X-01", f.web_site_moved_too),
    **_after("DNS-SPF-01", f.two_spf_records),
    **_after("DNS-SPF-02", f.eleven_lookups),
    **_after("DNS-SPF-03", f.target_not_in_spf),
    **_after("DNS-SPF-04", f.spf_allows_everybody),
    **_after("DNS-SPF-06", f.spf_differs),
    **_eve("DNS-DKIM-01", f.selectors_of_a_third),
    **_after("DNS-DKIM-02", f.selectors_swapped),
    **_after("DNS-DKIM-03", f.selector_still_the_sources),
    **_after("DNS-DKIM-04", f.key_revoked),
    **_after("DNS-DKIM-05", f.target_does_not_sign),
    **_after("DNS-DKIM-06", f.newsletter_key_lost),
    **_after("DNS-DKIM-07", f.sent_by_a_gateway),
    **_after("DNS-DKIM-08", f.copied_key),
    **_eve("DNS-DMARC-01", f.dmarc_missing),
    **_eve("DNS-DMARC-02", f.dmarc_rejects),
    **_eve("DNS-DMARC-03", f.reports_unauthorised),
    **_after("DNS-DMARC-04", f.dmarc_still_eased),
    **_eve("DNS-STS-01", f.policy_not_found),
    **_eve("DNS-STS-02", f.policy_without_park),
    **_after("DNS-STS-03", f.policy_one_label_short),
    **_eve("DNS-TLSRPT-01", f.tls_reports_to_nobody),
    **_eve("DNS-DANE-01", f.dane_in_use),
    **_after("DNS-DANE-02", f.certificate_of_another_key),
    **_eve("TEN-01", f.owned_by_a_third),
    **_eve("TEN-01W", f.owned_in_china),
    **_after("TEN-02", f.still_the_sources),
    **_after("TEN-03", f.mail_not_enabled),
    **_after("TEN-04", f.still_federated),
    **_eve("TEN-05", f.subdomain_forgotten),
    **_after("TEN-06", f.recipient_unknown),
    **_eve("TEN-06W", f.canary_in_both),
    **_after("TEN-07", f.taken_by_the_source),
    **_after("TEN-08", f.sent_mail_fails_dmarc),
    **_after("TEN-09", f.messages_lost),
    **_after("TEN-11", f.source_keeps_it),
}
