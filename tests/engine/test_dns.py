"""The judged relations of DNS: what many servers said of a domain, joined without taking "not seen" for "not there"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import duckdb
import pytest

from ctm_audit.engine.dns import JUDGED, create_dns
from ctm_audit.engine.projection import Completeness
from ctm_audit.engine.raw import typed_columns
from ctm_audit.evidence.intake import Meta, intake
from ctm_audit.evidence.relations import RELATIONS
from ctm_audit.evidence.tables import ALL_SIDES, DNS_TABLES, evidence_of
from ctm_audit.project import Domain

NOW = datetime(2027, 1, 1)
PROJECT = """create table project as select timestamp '2027-01-01' as now, 'worldwide' as cloud, 'target' as target_tenant_id,
  'autodiscover.outlook.com' as autodiscover_host, 'spf.protection.outlook.com' as spf_include, '' as msoid,
  ['.mail.protection.outlook.com'] as mail_suffixes, ['.mail.protection.outlook.com'] as microsoft_suffixes"""
ANSWER: dict[str, Any] = {
    "vantage": "192.0.2.1:53",
    "server": "ns1.con.com",
    "kind": "authoritative",
    "domain": "con.com",
    "role": "mx",
    "name": "con.com",
    "type": "MX",
    "way": "plain",
    "round": 1,
    "outcome": "answer",
    "rcode": "NOERROR",
    "aa": True,
    "ad": False,
    "transport": "udp",
    "ede": [],
    "data": [],
    "chain": [],
    "records": [],
    "ttl": 0,
    "negative_ttl": -1,
    "is_signed": False,
    "signed_until": "",
    "attempts": [],
    "notes": [],
    "milliseconds": 1,
    "asked_at": "2027-01-01T00:00:00",
    "wire": "",
    "sha256": "",
}
ZONE: dict[str, Any] = {
    "domain": "con.com",
    "zone": "con.com",
    "parent": "com",
    "outcome": "answer",
    "parent_servers": [],
    "parent_ns": ["ns1.con.com"],
    "child_ns": ["ns1.con.com"],
    "child_outcome": "answer",
    "ds": [],
    "ds_outcome": "nodata",
    "asked_at": "2027-01-01T00:00:00",
}
SERVER: dict[str, Any] = {
    "domain": "con.com",
    "server": "ns1.con.com",
    "ip": "192.0.2.1",
    "vantage": "192.0.2.1:53",
    "in_parent": True,
    "in_child": True,
    "outcome": "answer",
    "is_asked": True,
}
RESOLVER: dict[str, Any] = {
    "vantage": "8.8.8.8:53",
    "label": "Google",
    "kind": "resolver",
    "outcome": "answer",
    "is_honest": True,
    "has_edns": True,
    "votes": True,
    "detail": "",
}
OLD, NEW = "0 con-com.mail.protection.outlook.com", "10 park.example.net"
SECOND = SERVER | {"server": "ns2.con.com", "ip": "192.0.2.2", "vantage": "192.0.2.2:53"}


def at(server: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
    """An answer of one authoritative server."""
    return ANSWER | {"server": server["server"], "vantage": server["vantage"]} | facts


def by_resolver(**facts: Any) -> dict[str, Any]:
    return ANSWER | {"server": "Google", "vantage": "8.8.8.8:53", "kind": "resolver"} | facts


def judged(
    answers: Iterable[Mapping[str, Any]],
    servers: Iterable[Mapping[str, Any]] = (SERVER, SECOND),
    zones: Iterable[Mapping[str, Any]] = (ZONE,),
    resolvers: Iterable[Mapping[str, Any]] = (RESOLVER,),
    history: Iterable[Mapping[str, Any]] = (),
) -> dict[str, list[dict[str, Any]]]:
    """The rows of each judged relation of DNS."""
    connection = duckdb.connect()
    connection.execute("create schema raw")
    rows = {"answers": answers, "zones": zones, "name_servers": servers, "vantages": resolvers, "history": history}
    for side in ALL_SIDES:
        for table in evidence_of(side):
            columns = ", ".join(f'"{name}" {kind}' for name, kind in typed_columns(side, table))
            connection.execute(f"create table raw.{side}_{table.name} ({columns})")
    for table in DNS_TABLES:
        found = intake(table.name, rows[table.name], Meta("dns", "test", NOW))
        assert not found.holes, found.holes
        connection.register("arrow", found.table)
        connection.execute(f"insert into raw.dns_{table.name} by name select * from arrow")
    connection.execute(PROJECT)
    fields = {name: tuple(f for f in RELATIONS[name].fields if not f.name.startswith("project.")) for name in JUDGED}
    create_dns(connection, [Domain("con.com", "direct")], fields, Completeness(frozenset(f"dns.{name}" for name in rows)))
    return {name: connection.sql(f"select * from {name} order by row_no").to_arrow_table().to_pylist() for name in JUDGED}


def test_two_servers_that_agree_are_one_truth() -> None:
    domain = judged([at(SERVER, data=[NEW], ttl=300), at(SECOND, data=[NEW], ttl=600), by_resolver(data=[OLD])])["dns_domains"][0]
    assert (domain["mx.data"], domain["mx.same"], domain["mx.unknown"], domain["mx.ttl"]) == ([NEW], True, 0, 600)
    assert (domain["mx.voters"], domain["mx.voters_same"], domain["differing"], domain["voting"]) == (1, 0, [], 1)


def test_a_server_that_holds_something_else_is_told_and_never_hidden() -> None:
    found = judged([at(SERVER, data=[NEW]), at(SECOND, data=[OLD])])
    domain = found["dns_domains"][0]
    assert (domain["mx.data"], domain["mx.same"], domain["differing"]) == ([OLD, NEW], False, ["mx"])
    assert [(row["host"], row["at_all"]) for row in found["dns_mx_hosts"] if row["host"]] == [
        ("con-com.mail.protection.outlook.com", False),
        ("park.example.net", False),
    ]


@pytest.mark.parametrize("outcome", ["timeout", "servfail", "refused", "lame", "truncated_no_tcp", "skipped", "net_error", "malformed"])
def test_what_nobody_saw_is_unknown_and_not_absent(outcome: str) -> None:
    found = judged([at(SERVER, outcome=outcome), at(SECOND, outcome=outcome)])
    domain = found["dns_domains"][0]
    assert (domain["mx.data"], domain["mx.same"], domain["mx.unknown"], domain["mx.outcomes"]) == (None, None, 2, [outcome])
    assert domain["differing"] is None
    assert [(row["id"], row["host"]) for row in found["dns_mx_hosts"]] == [("con.com to (not known)", None)]


def test_a_silent_server_leaves_the_verdict_to_the_others_and_is_counted() -> None:
    answers = [at(one, role="soa", type="SOA", data=["ns1.con.com hm.con.com 7 1 1 1 300"], negative_ttl=300) for one in (SERVER,)]
    answers += [at(SECOND, role="soa", type="SOA", outcome="timeout"), at(SERVER, data=[NEW]), at(SECOND, outcome="timeout")]
    domain = judged(answers)["dns_domains"][0]
    assert (domain["mx.data"], domain["mx.unknown"], domain["mx.same"]) == ([NEW], 1, True)
    assert (domain["servers"], domain["servers_ok"], domain["servers_lame"]) == (2, 1, [])
    assert domain["servers_silent"] == ["ns2.con.com 192.0.2.2:53: timeout"]
    assert (domain["serials"], domain["negative_ttl"]) == (["7"], 300)


def test_nodata_and_nxdomain_are_known_and_differ_from_an_answer() -> None:
    domain = judged([at(SERVER, outcome="nodata"), at(SECOND, outcome="nxdomain")])["dns_domains"][0]
    assert (domain["mx.data"], domain["mx.unknown"], domain["mx.outcomes"]) == ([], 0, ["nodata", "nxdomain"])


def test_a_domain_that_was_not_observed_is_unknown_in_everything() -> None:
    found = judged([], servers=(), zones=())
    domain = found["dns_domains"][0]
    assert domain.pop("is_observed") is False
    told = {"row_no", "id", "name", "wave", "mail_style", "voting", "bogus", "validated"}
    told |= {"cloud.msoid", "wanted.autodiscover", "wanted.spf_include", "plan.park", "plan.queues", "plan.lowest_ttl", "plan.signed_until"}
    assert {name for name, value in domain.items() if value is not None} <= told
    assert [row["id"] for row in found["dns_servers"]] == ["con.com at (not known)"]


def test_a_domain_that_does_not_exist_has_no_servers_to_judge() -> None:
    assert judged([], servers=(), zones=(ZONE | {"outcome": "nxdomain"},))["dns_servers"] == []


def test_resolvers_that_lie_or_are_silent_do_not_vote() -> None:
    answers = [at(SERVER, data=[NEW]), by_resolver(data=[NEW])]
    found = judged(answers, resolvers=(RESOLVER | {"votes": False, "detail": "invents answers"},))
    assert (found["dns_domains"][0]["voting"], found["dns_domains"][0]["mx.voters"]) == (0, 0)
    assert (found["dns_resolvers"][0]["votes"], found["dns_resolvers"][0]["mx.data"]) == (False, [NEW])


def test_a_resolver_that_calls_the_signatures_wrong_is_named() -> None:
    domain = judged([at(SERVER, data=[NEW]), by_resolver(outcome="bogus")])["dns_domains"][0]
    assert domain["bogus"] == ["con.com MX at Google"]


def test_hosts_are_found_by_voting_resolvers_only() -> None:
    hosts = [
        by_resolver(role="host", name="park.example.net", type=kind, data=data, domain="")
        for kind, data in (("A", ["192.0.2.9"]), ("AAAA", []))
    ]
    host = judged([at(SERVER, data=[NEW]), *hosts])["dns_mx_hosts"][0]
    assert (host["addresses"], host["found_by"], host["not_found_by"], host["unknown_to"]) == (["192.0.2.9"], 1, 0, 0)


def test_only_the_newest_round_is_judged() -> None:
    domain = judged([at(SERVER, data=[OLD]), at(SERVER, data=[NEW], round=2)])["dns_domains"][0]
    assert domain["mx.data"] == [NEW]
