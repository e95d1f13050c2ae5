"""What can be wrong with the zone, the TTLs, MX and the parking of a domain that moves; each function returns the scenario with that.

They change one domain of a scenario in which DNS was observed (`ctm_audit/sim/domain_move.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ctm_audit.sim.domain_move import domain_of
from ctm_audit.sim.observed import SERVERS, Held, Observed
from ctm_audit.sim.project_file import parked_host
from ctm_audit.sim.scenario import Scenario

SECOND = {"kind": "authoritative", "vantage": f"{SERVERS[1][1]}:53"}
GOOGLE = {"vantage": "8.8.8.8:53"}
SOA_BEFORE = "ns1.example.net hostmaster.example.net 2027011600 60 60 1209600 300"


def _seen(scenario: Scenario, domain: str) -> Observed:
    return next(one for one in scenario.observed if one.domain == domain)


def _changed(scenario: Scenario, domain: str, table: str, where: dict[str, Any], **facts: Any) -> Scenario:
    return scenario.with_observed(_seen(scenario, domain).with_change(table, where, **facts))


def _answered(scenario: Scenario, domain: str, where: dict[str, Any], **facts: Any) -> Scenario:
    return _changed(scenario, domain, "answers", {"domain": domain, **where}, **facts)


def _zone(scenario: Scenario, domain: str, **facts: Any) -> Scenario:
    return _changed(scenario, domain, "zones", {}, **facts)


def _holding(scenario: Scenario, domain: str, **roles: Held) -> Scenario:
    return scenario.with_observed(_seen(scenario, domain).holding(**roles))


def _mx(scenario: Scenario, domain: str, *records: str) -> Scenario:
    return _holding(scenario, domain, mx=Held(records))


def _hosts(scenario: Scenario, domain: str, **hosts: tuple[str, ...]) -> Scenario:
    seen = _seen(scenario, domain)
    return scenario.with_observed(replace(seen, hosts={**seen.hosts, **hosts}))


def one_name_server(scenario: Scenario, domain: str) -> Scenario:
    """The second name server was given up and never replaced."""
    return _zone(scenario, domain, parent_ns=["ns1.example.net"], child_ns=["ns1.example.net"])


def lame_server(scenario: Scenario, domain: str) -> Scenario:
    """The second server was named and never told of the zone."""
    return _answered(scenario, domain, SECOND, outcome="refused", data=[], chain=[], rcode="REFUSED", aa=False)


def tcp_closed(scenario: Scenario, domain: str) -> Scenario:
    """A firewall lets only UDP through to the second server."""
    return _answered(scenario, domain, {**SECOND, "way": "tcp"}, outcome="timeout", data=[])


def transfer_stuck(scenario: Scenario, domain: str) -> Scenario:
    """The second server has not fetched the zone for an hour, and should every minute."""
    long_ago = f"{(scenario.exported_at - timedelta(minutes=50)).isoformat()}Z"
    told = _answered(
        scenario, domain, {"role": "soa", "kind": "authoritative"}, asked_at=long_ago, data=[SOA_BEFORE.replace("600 60", "601 60")]
    )
    return _answered(told, domain, {**SECOND, "role": "soa"}, data=[SOA_BEFORE])


def zone_names_another_server(scenario: Scenario, domain: str) -> Scenario:
    """The zone names a third server, of which the registrar knows nothing."""
    return _zone(scenario, domain, child_ns=["ns1.example.net", "ns2.example.net", "ns3.example.net"])


def zone_at_microsoft(scenario: Scenario, domain: str) -> Scenario:
    """The zone is hosted by Microsoft and was never moved out."""
    tenant = scenario.source
    domains = tuple(replace(one, is_admin_managed=False) if one.name == domain else one for one in tenant.domains)
    return scenario.with_tenant("source", domains=domains)


def registrar_changed(scenario: Scenario, domain: str) -> Scenario:
    """Somebody has moved the delegation since the baseline."""
    where = {"role": "parent_ns"}
    return _changed(scenario, domain, "history", where, data=["ns1.elsewhere.example", "ns2.elsewhere.example"])


def signatures_expired(scenario: Scenario, domain: str) -> Scenario:
    """Nobody has renewed the signatures; resolvers that check them refuse the domain."""
    told = _zone(scenario, domain, ds=["12345 13 2 AB"])
    where = {"kind": "resolver", "role": "registration", "vantage": "9.9.9.9:53"}
    return _answered(told, domain, where, outcome="bogus", data=[], chain=[])


def wildcard(scenario: Scenario, domain: str) -> Scenario:
    """Every name leads to the web server."""
    return _holding(scenario, domain, random=Held(("192.0.2.80",)))


def other_zone_inside(scenario: Scenario, domain: str) -> Scenario:
    """The office's own name server has another zone."""
    return _answered(scenario, domain, {"kind": "own", "role": "mx"}, data=["10 exchange.corp.example"])


def second_server_behind(scenario: Scenario, domain: str) -> Scenario:
    """The second server still has the federation record of last year."""
    seen = _seen(scenario, domain)
    return scenario.with_observed(replace(seen, second={"federation": Held(("100 1 5061 sip.elsewhere.example",))}))


def ring_of_names(scenario: Scenario, domain: str) -> Scenario:
    """Two names point at each other."""
    return _answered(scenario, domain, {"kind": "authoritative", "role": "sip"}, notes=["a loop of CNAMEs"])


def mx_changed_since(scenario: Scenario, domain: str) -> Scenario:
    """Somebody has changed the preference since the baseline."""
    host = domain_of(scenario, "target", domain).mail_host
    return _changed(scenario, domain, "history", {"role": "mx"}, data=[f"10 {host}"])


def mail_host_gone(scenario: Scenario, domain: str) -> Scenario:
    """The host that Microsoft's page calls healthy does not exist."""
    return _hosts(scenario, domain, **{domain_of(scenario, "target", domain).mail_host: ()})


def mail_host_is_alias(scenario: Scenario, domain: str) -> Scenario:
    """MX names an alias of the mail host."""
    host = domain_of(scenario, "target", domain).mail_host
    return _changed(scenario, domain, "answers", {"role": "host", "name": host}, chain=["mail.example.org"])


def null_mx(scenario: Scenario, domain: str) -> Scenario:
    """Somebody has read that a null MX stops mail for a while."""
    return _mx(scenario, domain, "0 .")


def stranger_in_mx(scenario: Scenario, domain: str) -> Scenario:
    """A backup host of a former provider is still there."""
    seen, host = _seen(scenario, domain), domain_of(scenario, "target", domain).mail_host
    known = scenario.with_observed(replace(seen, before={**seen.before, "mx": seen.held["mx"]}))
    return _hosts(_mx(known, domain, f"0 {host}", f"20 backup.{domain}"), domain, **{f"backup.{domain}": ("192.0.2.99",)})


def final_dot_missing(scenario: Scenario, domain: str) -> Scenario:
    """The final dot was forgotten, so the zone has completed the name."""
    host = f"{domain_of(scenario, 'target', domain).mail_host}.{domain}"
    return _hosts(_mx(scenario, domain, f"0 {host}"), domain, **{host: ("192.0.2.80",)})


def still_parked(scenario: Scenario, domain: str) -> Scenario:
    """Mail was never led into the target."""
    return _mx(scenario, domain, f"10 {parked_host(domain)}")


def park_host_left(scenario: Scenario, domain: str) -> Scenario:
    """The parking host stays as a backup."""
    host = domain_of(scenario, "target", domain).mail_host
    return _mx(scenario, domain, f"0 {host}", f"20 {parked_host(domain)}")


def host_of_china(scenario: Scenario, domain: str) -> Scenario:
    """The value was copied from a page about another cloud."""
    host = f"{domain.replace('.', '-')}.mail.protection.partner.outlook.cn"
    return _hosts(_mx(scenario, domain, f"0 {host}"), domain, **{host: ("192.0.2.27",)})


def host_made_up(scenario: Scenario, domain: str) -> Scenario:
    """The host was made up by hand."""
    host = f"x-{domain.replace('.', '-')}.mail.protection.outlook.com"
    return _hosts(_mx(scenario, domain, f"0 {host}"), domain, **{host: ("192.0.2.28",)})


def ownership_record_is_best(scenario: Scenario, domain: str) -> Scenario:
    """Ownership was proven by MX, with the best preference."""
    host, code = domain_of(scenario, "target", domain).mail_host, f"{domain_of(scenario, 'target', domain).ownership_code}.msv1.invalid"
    return _hosts(_mx(scenario, domain, f"10 {host}", f"0 {code}"), domain, **{code: ()})


def mx_taken_out(scenario: Scenario, domain: str) -> Scenario:
    """MX was taken out to keep mail away."""
    return _mx(scenario, domain)


def mail_host_silent(scenario: Scenario, domain: str) -> Scenario:
    """The host is still being moved to another region."""
    host = domain_of(scenario, "target", domain).mail_host
    return _changed(scenario, domain, "smtp_probes", {"host": host}, banner="", ending="timeout", stage="connect", code=0, meaning="")


def old_baseline(scenario: Scenario, domain: str) -> Scenario:
    """The baseline was taken a month ago."""
    long_ago = f"{(scenario.exported_at - timedelta(days=30)).isoformat()}Z"
    return _changed(scenario, domain, "history", {"is_baseline": True}, baseline_at=long_ago)


def ttl_forgotten(scenario: Scenario, domain: str) -> Scenario:
    """The TTL of DMARC was not lowered."""
    return _answered(scenario, domain, {"role": "dmarc"}, ttl=3600)


def ttl_lowered_just_now(scenario: Scenario, domain: str) -> Scenario:
    """The TTLs were lowered ten minutes ago; before, they were those of a day."""
    seen = _seen(scenario, domain)
    before = {**seen.before, "dmarc": replace(seen.held["dmarc"], ttl=86_400)}
    return scenario.with_observed(replace(seen, before=before, ago=timedelta(minutes=10)))


def absence_for_a_day(scenario: Scenario, domain: str) -> Scenario:
    """MINIMUM of the SOA is a day."""
    return _answered(scenario, domain, {"role": "soa"}, negative_ttl=86_400)


def ttl_left_low(scenario: Scenario, domain: str) -> Scenario:
    """Nobody has raised the TTLs again."""
    return _changed(scenario, domain, "history", {"role": "dmarc"}, ttl=3600)


def resolver_years_behind(scenario: Scenario, domain: str) -> Scenario:
    """One resolver tells the old selector, a day after the change."""
    return _answered(scenario, domain, {**GOOGLE, "role": "selector1"}, chain=["selector1-old._domainkey.contoso.onmicrosoft.com"])


def resolver_clamps(scenario: Scenario, domain: str) -> Scenario:
    """One resolver keeps everything for an hour."""
    return _answered(scenario, domain, {**GOOGLE, "role": "dmarc"}, ttl=3600)


def resolver_serves_stale(scenario: Scenario, domain: str) -> Scenario:
    """One resolver cannot reach the name servers and serves what it has."""
    where = {**GOOGLE, "role": "selector2"}
    return _answered(scenario, domain, where, chain=["selector2-old._domainkey.contoso.onmicrosoft.com"], ttl=30)


def resolver_wavers(scenario: Scenario, domain: str) -> Scenario:
    """One address of the resolver is many caches, and they differ."""
    seen = _seen(scenario, domain)
    return scenario.with_observed(replace(seen, wavers=True))


def resolver_lies(scenario: Scenario, domain: str) -> Scenario:
    """One resolver answers with its own web server for names that do not exist."""
    return scenario.with_observed(replace(_seen(scenario, domain), liars=("8.8.8.8:53",)))


def parked_at_nothing(scenario: Scenario, domain: str) -> Scenario:
    """One server has never heard of the parked MX."""
    seen = _seen(scenario, domain)
    return scenario.with_observed(replace(seen, second={"mx": seen.before["mx"]}))


def parking_host_unknown(scenario: Scenario, domain: str) -> Scenario:
    """The parking host has no address at one resolver."""
    return _changed(scenario, domain, "answers", {"role": "host", "name": parked_host(domain), **GOOGLE}, data=[], outcome="nxdomain")


def parking_host_refuses(scenario: Scenario, domain: str) -> Scenario:
    """The parking host answers 550 to everything."""
    return _changed(scenario, domain, "smtp_probes", {"host": parked_host(domain)}, code=550, reply="no such domain", meaning="rejected")


def parked_a_minute_ago(scenario: Scenario, domain: str) -> Scenario:
    """MX was parked a minute ago, and caches remember the old one."""
    return scenario.with_observed(replace(_seen(scenario, domain), ago=timedelta(minutes=-59)))


def policy_without_the_parking_host(scenario: Scenario, domain: str) -> Scenario:
    """MTA-STS is enforced and names Exchange Online alone."""
    facts = {"outcome": "served", "mode": "enforce", "mx": ["*.mail.protection.outlook.com"], "id": "1", "max_age": 86_400}
    return scenario.with_observed(_seen(scenario, domain).proving("sts_policies", **facts, status=200, record_outcome="answer"))


def parked_since_yesterday(scenario: Scenario, domain: str) -> Scenario:
    """The night became a day."""
    return scenario.with_observed(replace(_seen(scenario, domain), ago=timedelta(hours=20)))


def parked_since_noon(scenario: Scenario, domain: str) -> Scenario:
    """It takes longer than it should."""
    return scenario.with_observed(replace(_seen(scenario, domain), ago=timedelta(hours=6)))


def code_only_at_the_servers(scenario: Scenario, domain: str) -> Scenario:
    """The resolvers still tell the texts of last week."""
    return _answered(scenario, domain, {"kind": "resolver", "role": "txt"}, data=["v=spf1 include:spf.protection.outlook.com -all"])


def recipients_not_there(scenario: Scenario, domain: str) -> Scenario:
    """The target knows the domain and not its people."""
    return _changed(scenario, domain, "smtp_probes", {"role": "target"}, meaning="not_here", code=550)


def series_is_over(scenario: Scenario, domain: str) -> Scenario:
    """The numbered messages have stopped an hour ago."""
    return _changed(scenario, domain, "heartbeats", {}, ends=f"{scenario.exported_at - timedelta(hours=1)}")
