"""Every fault of the zone, the TTLs, MX and the parking that can be planted, with the rule that must notice it and when."""

from __future__ import annotations

from ctm_audit.sim import zone_faults as f
from ctm_audit.sim.dns_fault_list import DnsFault, Phase, Plant
from ctm_audit.sim.domain_move import after_the_move, before_parking, taken_over, while_parked


def _at(phase: Phase, rule: str, *plants: Plant) -> dict[str, DnsFault]:
    return {plant.__name__: DnsFault(rule, phase, plant) for plant in plants}


ZONE_FAULTS: dict[str, DnsFault] = {
    **_at(before_parking, "DNS-ZONE-01", f.one_name_server),
    **_at(before_parking, "DNS-ZONE-02", f.lame_server),
    **_at(before_parking, "DNS-ZONE-03", f.tcp_closed),
    **_at(before_parking, "DNS-ZONE-04", f.transfer_stuck),
    **_at(before_parking, "DNS-ZONE-05", f.zone_names_another_server),
    **_at(before_parking, "DNS-ZONE-06", f.zone_at_microsoft),
    **_at(before_parking, "DNS-ZONE-07", f.registrar_changed),
    **_at(before_parking, "DNS-ZONE-08", f.signatures_expired),
    **_at(before_parking, "DNS-ZONE-09", f.wildcard),
    **_at(before_parking, "DNS-ZONE-10", f.other_zone_inside),
    **_at(before_parking, "DNS-ZONE-12", f.second_server_behind),
    **_at(before_parking, "DNS-ZONE-13", f.ring_of_names),
    **_at(before_parking, "DNS-MX-01", f.mx_changed_since),
    **_at(before_parking, "DNS-MX-02", f.mail_host_gone),
    **_at(before_parking, "DNS-MX-03", f.mail_host_is_alias),
    **_at(before_parking, "DNS-MX-04", f.null_mx),
    **_at(before_parking, "DNS-MX-05", f.stranger_in_mx),
    **_at(before_parking, "DNS-MX-06", f.final_dot_missing),
    **_at(after_the_move, "DNS-MX-08", f.still_parked),
    **_at(after_the_move, "DNS-MX-09", f.park_host_left),
    **_at(after_the_move, "DNS-MX-10", f.host_of_china),
    **_at(after_the_move, "DNS-MX-11", f.host_made_up),
    **_at(before_parking, "DNS-MX-12", f.ownership_record_is_best),
    **_at(before_parking, "DNS-MX-13", f.mx_taken_out),
    **_at(after_the_move, "DNS-MX-14", f.mail_host_silent),
    **_at(before_parking, "DNS-TTL-01", f.old_baseline),
    **_at(before_parking, "DNS-TTL-02", f.ttl_forgotten),
    **_at(before_parking, "DNS-TTL-03", f.ttl_lowered_just_now),
    **_at(before_parking, "DNS-TTL-04", f.absence_for_a_day),
    **_at(after_the_move, "DNS-TTL-05", f.ttl_left_low),
    **_at(after_the_move, "DNS-PROP-01", f.resolver_years_behind),
    **_at(before_parking, "DNS-PROP-02", f.resolver_clamps),
    **_at(after_the_move, "DNS-PROP-03", f.resolver_serves_stale),
    **_at(after_the_move, "DNS-PROP-04", f.resolver_wavers),
    **_at(before_parking, "DNS-PROP-05", f.resolver_lies),
    **_at(while_parked, "DNS-PARK-01", f.parked_at_nothing),
    **_at(before_parking, "DNS-PARK-02", f.parking_host_unknown),
    **_at(before_parking, "DNS-PARK-03", f.parking_host_refuses),
    **_at(while_parked, "DNS-PARK-04", f.parked_a_minute_ago),
    **_at(while_parked, "DNS-PARK-05", f.policy_without_the_parking_host),
    **_at(while_parked, "DNS-PARK-06", f.parked_since_yesterday),
    **_at(while_parked, "DNS-PARK-06W", f.parked_since_noon),
    **_at(while_parked, "DNS-PARK-07", f.code_only_at_the_servers),
    **_at(taken_over, "DNS-PARK-08", f.recipients_not_there),
    **_at(while_parked, "DNS-PARK-09", f.series_is_over),
}
