"""What can be wrong with the DNS of a domain that moves, and with its proofs; each function returns the scenario with that one thing wrong.

They change one domain of a scenario in which DNS was observed (`before_parking`, `after_the_move`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ctm_audit.sim.domain_move import domain_of
from ctm_audit.sim.domain_records import dkim_targets
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.observed import Held, Observed
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Domain

SPF_TEXT = "v=spf1 include:spf.protection.outlook.com ~all"
OTHER_TENANT = "5d0f7a10-7c35-4b59-9a3c-2f7f0a6de111"
UNPUBLISHED = "ms00000000"


def _seen(scenario: Scenario, domain: str) -> Observed:
    return next(one for one in scenario.observed if one.domain == domain)


def _holding(scenario: Scenario, domain: str, **roles: Held) -> Scenario:
    return scenario.with_observed(_seen(scenario, domain).holding(**roles))


def _proving(scenario: Scenario, domain: str, table: str, **facts: Any) -> Scenario:
    return scenario.with_observed(_seen(scenario, domain).proving(table, **facts))


def _texts(scenario: Scenario, domain: str, *more: str, without: str = "MS=nothing") -> Scenario:
    held = tuple(text for text in _seen(scenario, domain).held["txt"].data if not text.startswith(without))
    return _holding(scenario, domain, txt=Held((*held, *more)))


def _domain(scenario: Scenario, side: Any, domain: str, **changes: Any) -> Scenario:
    tenant = scenario.source if side == "source" else scenario.target
    return scenario.with_tenant(side, domains=tuple(replace(one, **changes) if one.name == domain else one for one in tenant.domains))


def _baseline(scenario: Scenario, domain: str, role: str, held: Held) -> Scenario:
    seen = _seen(scenario, domain)
    return scenario.with_observed(replace(seen, before={**seen.before, role: held}))


def target_code_forgotten(scenario: Scenario, domain: str) -> Scenario:
    """Nobody has published the code of the target."""
    return _texts(scenario, domain, without=f"MS={domain_of(scenario, 'target', domain).ownership_code}")


def texts_of_ten_years(scenario: Scenario, domain: str) -> Scenario:
    """Every service that was ever tried has left its code."""
    return _texts(scenario, domain, *(f"service-verification={number:064}" for number in range(60)))


def old_code_left(scenario: Scenario, domain: str) -> Scenario:
    """The source's code is still there."""
    return _texts(scenario, domain, f"MS={UNPUBLISHED}")


def made_by_a_reseller(scenario: Scenario, domain: str) -> Scenario:
    """The tenant was bought with a web site."""
    return _texts(scenario, domain, "NETORGFT7654321.onmicrosoft.com")


def autodiscover_at_the_web_host(scenario: Scenario, domain: str) -> Scenario:
    """A wildcard leads autodiscover to the web server."""
    return _holding(scenario, domain, autodiscover=Held(cname=f"www.{domain}"))


def autodiscover_service_record(scenario: Scenario, domain: str) -> Scenario:
    """An SRV record still names the old Exchange server."""
    return _holding(scenario, domain, autodiscover_srv=Held((f"0 0 443 mail.{domain}",)))


def autodiscover_unresolved(scenario: Scenario, domain: str) -> Scenario:
    """No resolver finds an address behind autodiscover."""
    return scenario.with_observed(replace(_seen(scenario, domain), resolved=False))


def enrollment_missing(scenario: Scenario, domain: str) -> Scenario:
    """Nobody has published the name by which devices enroll."""
    return _holding(scenario, domain, enrollment=Held())


def federation_record_lost(scenario: Scenario, domain: str) -> Scenario:
    """The SRV record for Teams was lost when the zone was copied."""
    return _holding(scenario, domain, federation=Held())


def old_lync_server(scenario: Scenario, domain: str) -> Scenario:
    """lyncdiscover names a server that was switched off."""
    return _holding(scenario, domain, lyncdiscover=Held(cname=f"lync.{domain}"))


def msoid_left(scenario: Scenario, domain: str) -> Scenario:
    """The zone has kept msoid since Office 2013."""
    return _holding(scenario, domain, msoid=Held(cname="clientconfig.microsoftonline-p.net"))


def federation_proof_left(scenario: Scenario, domain: str) -> Scenario:
    """The proof of the old federation trust is still there."""
    return _holding(scenario, domain, exchange_delegation=Held((f"{'Ab1+' * 21}Ab==",)))


def two_spf_records(scenario: Scenario, domain: str) -> Scenario:
    """The newsletter service has added an SPF record of its own."""
    return _proving(scenario, domain, "spf", state="several", record="")


def eleven_lookups(scenario: Scenario, domain: str) -> Scenario:
    """One include too many."""
    return _proving(scenario, domain, "spf", lookups=11)


def target_not_in_spf(scenario: Scenario, domain: str) -> Scenario:
    """SPF names the gateway alone."""
    return _proving(scenario, domain, "spf", passes=["_spf.example.net"], record="v=spf1 include:_spf.example.net -all")


def spf_allows_everybody(scenario: Scenario, domain: str) -> Scenario:
    """Somebody wrote +all to be on the safe side."""
    return _proving(scenario, domain, "spf", ends_in="+all")


def spf_differs(scenario: Scenario, domain: str) -> Scenario:
    """The second name server was not reloaded."""
    seen = _seen(scenario, domain)
    other = Held((SPF_TEXT, *(text for text in seen.held["txt"].data if not text.startswith("v=spf1"))))
    return scenario.with_observed(replace(seen, second={"txt": other}))


def selectors_of_a_third(scenario: Scenario, domain: str) -> Scenario:
    """The selectors lead to a tenant that nobody knows."""
    return _selectors(scenario, domain, f"selector1-x._domainkey.tailspin{domain.partition('.')[0]}.onmicrosoft.com")


def _selectors(scenario: Scenario, domain: str, cname: str) -> Scenario:
    return _holding(scenario, domain, selector1=Held(cname=cname))


def selectors_swapped(scenario: Scenario, domain: str) -> Scenario:
    """The two CNAME records were pasted the wrong way round."""
    targets = dkim_targets(scenario.target, domain)
    return _holding(scenario, domain, selector1=Held(cname=targets["selector2"]), selector2=Held(cname=targets["selector1"]))


def selector_still_the_sources(scenario: Scenario, domain: str) -> Scenario:
    """One of the two was forgotten."""
    return _selectors(scenario, domain, dkim_targets(scenario.source, domain)["selector1"])


def key_revoked(scenario: Scenario, domain: str) -> Scenario:
    """The key behind a selector is gone."""
    return _proving(scenario, domain, "dkim_keys", state="none")


def target_does_not_sign(scenario: Scenario, domain: str) -> Scenario:
    """Nobody has enabled DKIM in the target."""
    return _domain(scenario, "target", domain, dkim_status="CnameMissing")


def newsletter_key_lost(scenario: Scenario, domain: str) -> Scenario:
    """The selector of the newsletter service was tidied away."""
    seen = _seen(scenario, domain)
    before = {**seen.before, "selector:newsletter": seen.selectors["newsletter"]}
    return scenario.with_observed(replace(seen, before=before, selectors={"newsletter": Held()}))


def sent_by_a_gateway(scenario: Scenario, domain: str) -> Scenario:
    """Mail leaves by a gateway with selectors of its own."""
    return _messages(scenario, domain, inbound=False, selectors=["gateway"])


def copied_key(scenario: Scenario, domain: str) -> Scenario:
    """A selector holds a copy of the key."""
    return _holding(scenario, domain, selector2=Held(("v=DKIM1; k=rsa; p=MIIB",)))


def dmarc_missing(scenario: Scenario, domain: str) -> Scenario:
    """Nobody has ever published DMARC."""
    return _proving(scenario, domain, "dmarc", record="", policy="", found_at="")


def dmarc_rejects(scenario: Scenario, domain: str) -> Scenario:
    """The policy was not eased for the move."""
    return _proving(scenario, domain, "dmarc", policy="reject", record="v=DMARC1; p=reject")


def reports_unauthorised(scenario: Scenario, domain: str) -> Scenario:
    """The service that receives reports does not know the domain."""
    return _proving(scenario, domain, "dmarc", unauthorised=[f"{domain}._report._dmarc.example.net"])


def dmarc_still_eased(scenario: Scenario, domain: str) -> Scenario:
    """Before the move it was p=reject."""
    return _baseline(scenario, domain, "dmarc", Held(("v=DMARC1; p=reject",)))


def policy_not_found(scenario: Scenario, domain: str) -> Scenario:
    """The web server with the MTA-STS policy is gone."""
    return _proving(scenario, domain, "sts_policies", record_outcome="answer", id="20270101", outcome="not_found", status=404)


def policy_without_park(scenario: Scenario, domain: str) -> Scenario:
    """MTA-STS is enforced for the mail host of today alone."""
    host = domain_of(scenario, "target", domain).mail_host
    return _policy(scenario, domain, "enforce", [host.replace("mail.protection", "other")])


def policy_one_label_short(scenario: Scenario, domain: str) -> Scenario:
    """Somebody thought that a wildcard covers two labels."""
    return _policy(scenario, domain, "enforce", ["*.protection.outlook.com"])


def _policy(scenario: Scenario, domain: str, mode: str, patterns: list[str]) -> Scenario:
    found = {"outcome": "served", "status": 200, "mode": mode, "max_age": 604_800, "mx": patterns, "detail": ""}
    return _proving(scenario, domain, "sts_policies", record_outcome="answer", id="20270101", **found)


def tls_reports_to_nobody(scenario: Scenario, domain: str) -> Scenario:
    """The record for TLS reports names no destination."""
    seen = _seen(scenario, domain)
    rows = tuple({**row, "faults": ["no destination"]} if row["kind"] == "tls_rpt" else row for row in seen.proofs["policy_records"])
    return scenario.with_observed(replace(seen, proofs={**seen.proofs, "policy_records": rows}))


def dane_in_use(scenario: Scenario, domain: str) -> Scenario:
    """The source has enabled DANE for its mail host."""
    seen = _seen(scenario, domain)
    host = domain_of(scenario, "target", domain).mail_host
    return scenario.with_observed(replace(seen, tlsa={host: (f"3 1 1 {'ab' * 32}",)}))


def certificate_of_another_key(scenario: Scenario, domain: str) -> Scenario:
    """The TLSA record names the key of last year."""
    return dane_in_use(_proving(scenario, domain, "smtp_probes", key_digest="cd" * 32), domain)


def logo_lost(scenario: Scenario, domain: str) -> Scenario:
    """The BIMI record was lost when the zone was copied."""
    return _baseline(scenario, domain, "bimi", Held(("v=BIMI1; l=https://example.net/logo.svg",)))


def web_site_moved_too(scenario: Scenario, domain: str) -> Scenario:
    """Somebody has used the night to move the web site."""
    return _baseline(scenario, domain, "apex", Held(("198.51.100.7",)))


def owned_by_a_third(scenario: Scenario, domain: str) -> Scenario:
    """Another tenant has the domain."""
    return _owner(scenario, domain, "login.microsoftonline.com", "owned", OTHER_TENANT)


def still_the_sources(scenario: Scenario, domain: str) -> Scenario:
    """The cloud still names the source."""
    return _owner(scenario, domain, "login.microsoftonline.com", "owned", scenario.source.tenant_id)


def owned_in_china(scenario: Scenario, domain: str) -> Scenario:
    """A forgotten tenant in China has it too."""
    return _owner(scenario, domain, "login.partner.microsoftonline.cn", "owned", OTHER_TENANT)


def _owner(scenario: Scenario, domain: str, host: str, outcome: str, tenant: str) -> Scenario:
    seen = _seen(scenario, domain)
    rows = tuple({**row, "outcome": outcome, "tenant_id": tenant} if row["host"] == host else row for row in seen.proofs["tenancies"])
    return scenario.with_observed(replace(seen, proofs={**seen.proofs, "tenancies": rows}))


def mail_not_enabled(scenario: Scenario, domain: str) -> Scenario:
    """The domain was verified in the target without mail."""
    return _domain(scenario, "target", domain, services=("OfficeCommunicationsOnline",))


def still_federated(scenario: Scenario, domain: str) -> Scenario:
    """People are still sent to the sign-in of the old company."""
    return _proving(scenario, domain, "realms", outcome="federated", sign_in_host=f"sts.{domain}")


def subdomain_forgotten(scenario: Scenario, domain: str) -> Scenario:
    """A subdomain that nobody remembers is verified in the source."""
    child = Domain(name=f"shop.{domain}", guid=INVENT.guid("domain", f"shop.{domain}"))
    return scenario.with_tenant("source", domains=(*scenario.source.domains, child))


def recipient_unknown(scenario: Scenario, domain: str) -> Scenario:
    """The edge of the target does not know the recipient yet."""
    return _proving(scenario, domain, "smtp_probes", meaning="not_here", code=550, status="5.4.1")


def canary_in_both(scenario: Scenario, domain: str) -> Scenario:
    """Both tenants accept both recipients."""
    return _proving(scenario, domain, "smtp_probes", meaning="accepted", code=250, status="2.1.5")


def taken_by_the_source(scenario: Scenario, domain: str) -> Scenario:
    """The gateway of one sender still delivers to the old tenant."""
    seen = _seen(scenario, domain)
    first, *others = seen.proofs["probe_messages"]
    late = {**first, "sha256": f"{domain} late", "file": "late.eml", "tenant_id": scenario.source.tenant_id}
    rows = (first, *others, {**late, "received": f"{scenario.exported_at}"})
    return scenario.with_observed(replace(seen, proofs={**seen.proofs, "probe_messages": rows}))


def sent_mail_fails_dmarc(scenario: Scenario, domain: str) -> Scenario:
    """Mail of the target fails SPF and DMARC at its receivers."""
    return _messages(scenario, domain, inbound=False, spf="fail", dmarc="fail")


def _messages(scenario: Scenario, domain: str, *, inbound: bool, **facts: Any) -> Scenario:
    seen = _seen(scenario, domain)
    rows = tuple({**row, **facts} if row["is_inbound"] is inbound else row for row in seen.proofs["probe_messages"])
    return scenario.with_observed(replace(seen, proofs={**seen.proofs, "probe_messages": rows}))


def messages_lost(scenario: Scenario, domain: str) -> Scenario:
    """17 of 40 numbered messages never came."""
    return _proving(scenario, domain, "heartbeats", arrived=23, missing=[str(number) for number in range(9, 26)])


def source_keeps_it(scenario: Scenario, domain: str) -> Scenario:
    """The removal in the source was never finished."""
    kept = Domain(name=domain, guid=INVENT.guid("domain", f"kept {domain}"))
    return scenario.with_tenant("source", domains=(*scenario.source.domains, kept))
