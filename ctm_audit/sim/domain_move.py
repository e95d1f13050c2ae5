"""A scenario in which DNS was observed: before mail is parked, and after the domain has arrived in the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ctm_audit.sim.domain_records import dkim_targets
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.observed import HOST_ADDRESS, SERVERS, Held, Observed, Row
from ctm_audit.sim.project_file import parked_host
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Domain

SPF = "v=spf1 include:spf.protection.outlook.com -all"
SIGN_IN = {
    "login.microsoftonline.com": ["worldwide", "gcc"],
    "login.microsoftonline.us": ["gcc-high", "dod"],
    "login.partner.microsoftonline.cn": ["china"],
}
SOA = "ns1.example.net hostmaster.example.net 2027011601 7200 3600 1209600 300"


def with_domains(scenario: Scenario, names: Iterable[str]) -> Scenario:
    """The scenario in which these domains move too; nobody has an address in them."""
    fresh = tuple(names)
    old = tuple(Domain(name=name, guid=INVENT.guid("domain", name)) for name in fresh)
    new = tuple(Domain(name=name, guid=INVENT.guid("planned", name), is_verified=False) for name in fresh)
    joined = scenario.with_tenant("source", domains=(*scenario.source.domains, *old))
    joined = joined.with_tenant("target", domains=(*scenario.target.domains, *new))
    return joined.with_migration(moving_domains=(*scenario.migration.moving_domains, *fresh))


def before_parking(scenario: Scenario) -> Scenario:
    """DNS on the eve: the domains belong to the source, TTLs are low, and the target's codes stand beside the source's."""
    return replace(scenario, observed=tuple(_before(scenario, name) for name in scenario.migration.moving_domains))


def while_parked(scenario: Scenario) -> Scenario:
    """DNS two hours after parking: the source still has the domains, mail waits, and numbered messages are being sent."""
    return replace(scenario, observed=tuple(_parked(scenario, name, _before(scenario, name)) for name in scenario.migration.moving_domains))


def taken_over(scenario: Scenario) -> Scenario:
    """DNS before mail is led into the target, which has taken the domains."""
    moved = after_the_move(scenario)
    return replace(moved, observed=tuple(_parked(scenario, name, _after(scenario, name)) for name in scenario.migration.moving_domains))


def after_the_move(scenario: Scenario) -> Scenario:
    """DNS an hour after mail flows again: the domains belong to the target, and messages have proven it."""
    moving = scenario.migration.moving_domains
    left = tuple(one for one in scenario.source.domains if one.name not in moving)
    arrived = tuple(replace(one, is_verified=True) if one.name in moving else one for one in scenario.target.domains)
    moved = scenario.with_tenant("source", domains=left).with_tenant("target", domains=arrived)
    return replace(moved, observed=tuple(_after(scenario, name) for name in moving))


def domain_of(scenario: Scenario, side: str, name: str) -> Domain:
    """A tenant's domain; StopIteration when it has none of that name."""
    tenant = scenario.source if side == "source" else scenario.target
    return next(one for one in tenant.domains if one.name == name)


def _held(scenario: Scenario, name: str) -> dict[str, Held]:
    """What does not change."""
    names = tuple(f"{server}.example.net" for server, _ in SERVERS)
    return {
        "mx": Held((f"0 {domain_of(scenario, 'target', name).mail_host}",)),
        "autodiscover": Held(cname="autodiscover.outlook.com"),
        "registration": Held(cname="enterpriseregistration.windows.net"),
        "enrollment": Held(cname="enterpriseenrollment-s.manage.microsoft.com"),
        "federation": Held(("100 1 5061 sipfed.online.lync.com",)),
        "dmarc": Held(("v=DMARC1; p=none; rua=mailto:dmarc@" + name,)),
        "apex": Held(("192.0.2.80",)),
        "soa": Held((SOA,)),
        "ns": Held(names),
    }


def _before(scenario: Scenario, name: str) -> Observed:
    source, target = domain_of(scenario, "source", name), domain_of(scenario, "target", name)
    targets = dkim_targets(scenario.source, name)
    records = {
        "txt": Held((SPF, f"MS={source.ownership_code}", f"MS={target.ownership_code}")),
        **{selector: Held(cname=targets[selector]) for selector in targets},
    }
    proofs = {**_proofs(scenario, name, scenario.source.tenant_id), **_mail(scenario, name, of_source="accepted", of_target="not_here")}
    return _observed(scenario, name, records, proofs)


def _after(scenario: Scenario, name: str) -> Observed:
    target = domain_of(scenario, "target", name)
    targets, old = dkim_targets(scenario.target, name), dkim_targets(scenario.source, name)
    records = {"txt": Held((SPF, f"MS={target.ownership_code}")), **{selector: Held(cname=targets[selector]) for selector in targets}}
    proofs = {**_proofs(scenario, name, scenario.target.tenant_id), **_mail(scenario, name, of_source="not_here", of_target="accepted")}
    seen = _observed(scenario, name, records, {**proofs, **_messages(scenario, name)})
    return replace(seen, before={selector: Held(cname=old[selector]) for selector in old})


def _parked(scenario: Scenario, name: str, seen: Observed) -> Observed:
    """The same while mail waits."""
    waiting = seen.holding(mx=Held((f"10 {parked_host(name)}",)))
    series = _series(scenario, name, begun=timedelta(hours=3), ended=-timedelta(hours=24))
    proofs = {**seen.proofs, "heartbeats": ({**series, "arrived": 30, "later": 10},)}
    return replace(waiting, before={**seen.before, "mx": seen.held["mx"]}, ago=timedelta(hours=2), proofs=proofs)


def _observed(scenario: Scenario, name: str, records: dict[str, Held], proofs: dict[str, tuple[Row, ...]]) -> Observed:
    host = domain_of(scenario, "target", name).mail_host
    held = {**_held(scenario, name), **records}
    selectors = {"newsletter": Held(cname="newsletter.example.org")}
    hosts = {host: (HOST_ADDRESS,), parked_host(name): ("192.0.2.26",)}
    return Observed(domain=name, at=scenario.exported_at, held=held, proofs=proofs, hosts=hosts, selectors=selectors)


def _proofs(scenario: Scenario, name: str, owner: str) -> dict[str, tuple[Row, ...]]:
    """What the domain publishes about its mail, and whose it is."""
    at = {"domain": name, "asked_at": f"{scenario.exported_at.isoformat()}Z"}
    spf = {"state": "read", "record": SPF, "lookups": 1, "void_lookups": [], "faults": [], "unseen": [], "depends": []}
    dmarc = {"is_known": True, "found_at": name, "record": f"v=DMARC1; p=none; rua=mailto:dmarc@{name}", "policy": "none", "is_test": False}
    dmarc |= {"organizational": name, "ttl": 300, "faults": [], "warnings": [], "report_owners": [], "unauthorised": [], "unseen": []}
    sts: Row = {"record_outcome": "nodata", "id": "", "record_faults": [], "outcome": "not_asked", "status": 0, "mode": "", "max_age": 0}
    sts |= {"mx": [], "faults": [], "sha256": "", "detail": "there is no record"}
    key = {"domain": name, "state": "good", "target": "", "type": "rsa", "bits": 2048, "faults": []}
    record = {"domain": name, "outcome": "nodata", "record": "", "destinations": [], "faults": []}
    return {
        "spf": ({**at, **spf, "passes": ["spf.protection.outlook.com"], "ends_in": "-all"},),
        "spf_records": ({"domain": name, "path": name, "reached_by": "domain", "state": "read", "record": SPF, "ttl": 300, "lookups": 1},),
        "dmarc": ({**at, **dmarc},),
        "sts_policies": ({**at, **sts},),
        "dkim_keys": ({**key, "selector": "selector1"}, {**key, "selector": "selector2"}),
        "policy_records": ({**record, "kind": "tls_rpt"}, {**record, "kind": "bimi"}),
        "tenancies": tuple(_tenancy(at, host, owner) for host in SIGN_IN),
        "realms": tuple(_realm(at, host) for host in SIGN_IN),
    }


def _tenancy(at: Row, host: str, owner: str) -> Row:
    here = host == next(iter(SIGN_IN))
    told = {"scope": "EU", "sub_scope": "", "instance": "microsoftonline.com"} if here else {"scope": "", "sub_scope": "", "instance": ""}
    found = {"outcome": "owned" if here else "unowned", "tenant_id": owner if here else "", "detail": ""}
    return {**at, "host": host, "clouds": SIGN_IN[host], **found, **told}


def _realm(at: Row, host: str) -> Row:
    here = host == next(iter(SIGN_IN))
    return {**at, "host": host, "outcome": "managed" if here else "nobody", "brand": "", "sign_in_host": "", "instance": "", "detail": ""}


def _mail(scenario: Scenario, name: str, *, of_source: str, of_target: str) -> dict[str, tuple[Row, ...]]:
    """What the mail host says of a recipient of each tenant."""
    host = domain_of(scenario, "target", name).mail_host
    said = {"accepted": (250, "2.1.5"), "not_here": (550, "5.4.1")}
    talk: Row = {"host": host, "port": 25, "ending": "done", "stage": "rcpt", "banner": "ready", "has_tls": True}
    talk |= {"names": ["mail.protection.outlook.com"], "names_host": True, "key_digest": "", "transcript": [], "detail": ""}
    common = {"domain": name, "host": parked_host(name), "ip": "192.0.2.40", "recipient": "none", "role": "", "round": 2}
    waiting = {**talk, **common, "meaning": "deferred", "code": 451, "status": "4.7.1", "reply": "come back later", "names_host": False}
    waiting |= {"asked_at": f"{scenario.exported_at.isoformat()}Z", "names": []}
    probes = tuple(
        {
            "domain": name,
            "ip": f"192.0.2.{25 + place}",
            "recipient": f"only-{role}@{name}",
            "role": role,
            "meaning": meaning,
            "code": said[meaning][0],
            "status": said[meaning][1],
            "reply": said[meaning][1],
            "asked_at": f"{(scenario.exported_at - timedelta(minutes=5 * (2 - number))).isoformat()}Z",
            "round": number,
            **talk,
        }
        for number in (1, 2)
        for place in (0, 1)
        for role, meaning in (("source", of_source), ("target", of_target))
    )
    return {"smtp_probes": (*probes, waiting)}


def _messages(scenario: Scenario, name: str) -> dict[str, tuple[Row, ...]]:
    """Probes in and out, and a whole series."""
    series = _series(scenario, name, begun=timedelta(hours=30), ended=timedelta(hours=2))
    inbound = tuple(_message(scenario, name, number, sender=f"probe@{place}.example") for number, place in enumerate(("one", "two", "one")))
    outbound = tuple(_message(scenario, name, number, sender=f"only-target@{name}") for number in (3, 4))
    return {"probe_messages": (*inbound, *outbound), "heartbeats": (series,)}


def _series(scenario: Scenario, name: str, *, begun: timedelta, ended: timedelta) -> Row:
    at = scenario.exported_at
    times = {"begins": f"{at - begun}", "ends": f"{at - ended}", "asked_at": f"{at}"}
    counts: Row = {"planned": 40, "arrived": 40, "missing": [], "twice": [], "awaited": 0, "later": 0, "slowest": 90}
    return {"domain": name, "token": f"hb-{name}", **times, **counts, "digest": ""}


def _message(scenario: Scenario, name: str, number: int, *, sender: str) -> Row:
    is_inbound = not sender.endswith(f"@{name}")
    shown: Row = {"file": f"{number}.eml", "subject": "Probe", "message_id": f"<{number}@{name}>", "sha256": f"{name} {number}"}
    results: Row = {"spf": "pass", "dkim": "pass", "dmarc": "pass", "is_signed": not is_inbound}
    times: Row = {"has_delay": True, "delay": 40, "has_received": True, "received": f"{scenario.exported_at - timedelta(minutes=20)}"}
    taken: dict[str, Any] = {"tenant_id": scenario.target.tenant_id if is_inbound else "", "is_inbound": is_inbound}
    return {"domain": name, "sender": sender, **shown, **results, **times, **taken, "selectors": [] if is_inbound else ["selector1"]}
