"""What rules read of the proofs: what a tenant wants, whose a domain is, and what mail shows; what was not seen stays unknown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

from ctm_audit.engine.dns import JUDGED, create_dns
from ctm_audit.engine.projection import Completeness
from ctm_audit.engine.raw import typed_columns
from ctm_audit.evidence.relations import RELATIONS
from ctm_audit.evidence.relations.dns_proofs import EXPECTED, PROVEN
from ctm_audit.evidence.tables import ALL_SIDES, evidence_of
from ctm_audit.project import Domain
from tests.engine.test_dns import ANSWER, PROJECT, RESOLVER, SERVER

NEW, OLD = "con-com.e-v1.mx.microsoft", "con-com.mail.protection.outlook.com"
TARGET, SOURCE = "target", "source"


@pytest.fixture(scope="module")
def empty() -> duckdb.DuckDBPyConnection:
    """Every table of evidence, without rows."""
    connection = duckdb.connect()
    connection.execute("create schema raw")
    for side in ALL_SIDES:
        for table in evidence_of(side):
            columns = ", ".join(f'"{name}" {kind}' for name, kind in typed_columns(side, table))
            connection.execute(f"create table raw.{side}_{table.name} ({columns})")
    connection.execute(PROJECT)
    return connection


def judged(empty: duckdb.DuckDBPyConnection, complete: tuple[str, ...] = (), **tables: list[dict[str, Any]]) -> dict[str, Any]:
    """The row of the one domain that moves, from rows of evidence (`dns_spf=[…]`)."""
    with empty.cursor() as connection:
        connection.execute("begin")
        for name, rows in tables.items():
            for row in rows:
                columns = ", ".join(f'"{column}"' for column in row)
                connection.execute(f"insert into raw.{name} ({columns}) values ({', '.join('?' * len(row))})", list(row.values()))
        wanted = {name: (*EXPECTED, *PROVEN) if name == "dns_domains" else RELATIONS[name].fields[:1] for name in JUDGED}
        create_dns(connection, [Domain("con.com", "direct")], wanted, Completeness(frozenset(complete)))
        (row,) = connection.sql("select * from dns_domains").to_arrow_table().to_pylist()
        connection.execute("rollback")
        return dict(row)


def record(kind: str, **facts: Any) -> dict[str, Any]:
    return {"domain": "con.com", "kind": kind, "label": "con.com", "is_optional": False, **facts}


def test_what_the_target_wants_is_read(empty: duckdb.DuckDBPyConnection) -> None:
    srv = {"srv_service": "_sipfederationtls", "srv_target": "sip.example", "srv_port": 5061, "srv_priority": 100, "srv_weight": 1}
    records = [
        record("cname", label="autodiscover", cname_target="auto.example"),
        record("cname", label="enterpriseregistration.con.com", cname_target="reg.example"),
        record("cname", label="enterpriseenrollment.con.com", cname_target="enr.example", is_optional=True),
        record("txt", text="v=spf1 include: SPF.example ~all"),
        record("srv", **srv),
    ]
    told = judged(empty, target_service_records=records)
    assert (told["wanted.autodiscover"], told["wanted.registration"], told["wanted.enrollment"]) == ("auto.example", "reg.example", "")
    assert (told["wanted.spf_include"], told["wanted.federation"]) == ("spf.example", "100 1 5061 sip.example")
    pending = judged(empty, target_service_records=[*records, record("unavailable")])
    assert (pending["wanted.registration"], pending["wanted.federation"]) == (None, None)
    assert pending["wanted.autodiscover"] == "autodiscover.outlook.com", "the documented host of the cloud"


def text(*data: str, server: str = "192.0.2.1:53", role: str = "txt") -> dict[str, Any]:
    return ANSWER | {"vantage": server, "role": role, "data": list(data), "signed_until": None}


def test_codes_and_spf_server_by_server(empty: duckdb.DuckDBPyConnection) -> None:
    one, two = text("MS=ms1234", "v=spf1 -all"), text("ms=MS1234", "ms=ms99", "v=spf1 ~all", server="192.0.2.2:53")
    told = judged(empty, dns_answers=[one, two], dns_name_servers=[SERVER])
    assert (told["txt.codes"], told["txt.codes_everywhere"], told["spf.same"]) == (["ms=ms1234", "ms=ms99"], ["ms=ms1234"], False)
    assert told["txt.bytes"] == len("MS=ms1234ms=ms99v=spf1 ~all")


@pytest.mark.parametrize(
    ("patterns", "uncovered"),
    [
        (["*.mx.microsoft"], [NEW, OLD]),
        (["*.e-v1.MX.microsoft", OLD], []),
        (["*.mail.protection.outlook.com"], [NEW]),
        ([], [NEW, OLD]),
    ],
)
def test_a_wildcard_is_one_label(empty: duckdb.DuckDBPyConnection, patterns: list[str], uncovered: list[str]) -> None:
    policy = {"domain": "con.com", "mx": patterns, "outcome": "served", "record_outcome": "answer"}
    mx = text(f"0 {NEW}", f"10 {OLD}", role="mx")
    assert judged(empty, dns_answers=[mx], dns_name_servers=[SERVER], dns_sts_policies=[policy])["mta_sts.uncovered"] == uncovered
    unseen = judged(empty, dns_answers=[mx], dns_name_servers=[SERVER], dns_sts_policies=[policy | {"outcome": "unreachable"}])
    assert unseen["mta_sts.uncovered"] is None


def host(name: str, outcome: str, cloud: str, tenant: str = "") -> dict[str, Any]:
    return {"domain": "con.com", "host": name, "clouds": [cloud], "outcome": outcome, "tenant_id": tenant}


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        (("owned", TARGET), "unowned", (TARGET, [])),
        (("unowned", ""), "unowned", ("", [])),
        (("timeout", ""), "unowned", (None, [])),
        (("owned", SOURCE), "owned", (SOURCE, ["b.example"])),
        (("owned", SOURCE), "throttled", (SOURCE, None)),
    ],
)
def test_whose_it_is(empty: duckdb.DuckDBPyConnection, here: tuple[str, str], there: str, told: tuple[Any, Any]) -> None:
    rows = [host("a.example", here[0], "worldwide", here[1]), host("b.example", there, "china", "third")]
    found = judged(empty, dns_tenancies=rows)
    assert (found["owner.tenant_id"], found["owner.elsewhere"]) == told
    assert (found["owner.settled_at"] is None) == (here[0] != "owned")


def probe(role: str, meaning: str, ip: str = "192.0.2.9", **facts: Any) -> dict[str, Any]:
    common = {"domain": "con.com", "host": f"x.{OLD}", "ip": ip, "role": role, "meaning": meaning, "ending": "done", "round": 1}
    return {**common, "recipient": f"{role}@con.com", **facts}


def test_canaries_are_known_when_every_address_answered(empty: duckdb.DuckDBPyConnection) -> None:
    good = [probe("target", "accepted"), probe("target", "accepted", "192.0.2.10"), probe("source", "not_here")]
    elsewhere = probe("target", "rejected", host="park.example.net")
    told = judged(empty, dns_smtp_probes=[*good, elsewhere])
    assert (told["canary.target"], told["canary.source"], told["canary.addresses"]) == (["accepted"], ["not_here"], 2)
    for spoilt in (probe("target", "", ending="timeout"), probe("target", "wrong_region"), probe("target", "deferred")):
        assert judged(empty, dns_smtp_probes=[*good, spoilt])["canary.target"] is None


def message(number: int, tenant: str = TARGET, sender: str = "a@x.org", minute: int = 0, **facts: Any) -> dict[str, Any]:
    at = f"2027-01-01 10:{minute:02}:00"
    common = {
        "domain": "con.com",
        "sha256": str(number),
        "file": f"{number}.eml",
        "tenant_id": tenant,
        "sender": sender,
        "is_inbound": True,
    }
    return {**common, "has_delay": True, "delay": 30, "has_received": True, "received": at, "is_signed": False, "selectors": [], **facts}


def test_few_messages_prove_nothing(empty: duckdb.DuckDBPyConnection) -> None:
    one, two = message(1), message(2)
    assert judged(empty, dns_probe_messages=[one, two])["inbound.arrived"] is None
    assert judged(empty, dns_probe_messages=[one, two, message(3)])["inbound.arrived"] is None, "all from one sender"
    assert judged(empty, dns_probe_messages=[one, two, message(3, sender="b@y.org")])["inbound.arrived"] == 3
    before, after = message(4, tenant=SOURCE), message(5, tenant=SOURCE, minute=9)
    strayed = judged(empty, dns_probe_messages=[message(1, minute=5), before, after])["inbound.strayed"]
    assert strayed == ["5.eml"], "what the source took before is no fault"


def test_signatures_of_what_was_sent(empty: duckdb.DuckDBPyConnection) -> None:
    sent: dict[str, Any] = {"is_inbound": False, "spf": "pass", "dmarc": "pass", "is_signed": True, "selectors": ["selector2"]}
    told = judged(empty, dns_probe_messages=[message(1, **sent), message(2, **{**sent, "selectors": ["other"]}), message(3, **sent)])
    assert (told["outbound.passed"], told["outbound.failed"]) == (3, [])
    assert (told["outbound.signed"], told["outbound.unsigned"]) == (2, ["2.eml"])
    assert judged(empty, dns_probe_messages=[message(1)])["outbound.signed"] is None


@pytest.mark.parametrize(("facts", "whole"), [({}, True), ({"missing": ["4"]}, False), ({"awaited": 2}, None), ({"later": 1}, None)])
def test_a_series_is_whole_or_may_still_be(empty: duckdb.DuckDBPyConnection, facts: dict[str, Any], whole: bool | None) -> None:
    row = {"domain": "con.com", "token": "a", "planned": 9, "missing": [], "twice": [], "awaited": 0, "later": 0}
    assert judged(empty, dns_heartbeats=[row | facts])["heartbeat.is_whole"] is whole


def test_what_was_cut_short_is_unknown(empty: duckdb.DuckDBPyConnection) -> None:
    spf = {"domain": "con.com", "state": "read", "record": "v=spf1", "lookups": 3, "void_lookups": [], "faults": [], "passes": ["a"]}
    lost = spf | {"unseen": ["con.com > b: timeout"], "ends_in": "-all"}
    told = judged(empty, dns_spf=[lost], dns_vantages=[RESOLVER])
    assert [told[f"spf.{name}"] for name in ("state", "lookups", "passes", "ends_in")] == ["read", None, None, None]
    assert judged(empty, dns_spf=[lost | {"lookups": 11}])["spf.lookups"] == 11, "too many already"


def test_the_tenants_say_whether_they_have_it(empty: duckdb.DuckDBPyConnection) -> None:
    told = judged(empty, complete=("source.domains",), target_domains=[{"name": "con.com", "is_verified": True, "services": ["email"]}])
    assert (told["source.is_listed"], told["target.is_verified"], told["target.services"]) == (False, True, ["email"])
    assert judged(empty)["source.is_listed"] is None


def remembered(since: str, *data: str) -> dict[str, Any]:
    common: dict[str, Any] = {"domain": "con.com", "role": "mta_sts", "chain": [], "ttl": 300 if data else 0, "is_baseline": False}
    return {**common, "data": list(data), "since": since, "baseline_at": "1970-01-01"}


@pytest.mark.parametrize(
    ("policy", "history", "settled"),
    [
        ({"outcome": "not_asked", "mode": ""}, [remembered("2026-12-30")], datetime(1970, 1, 1)),
        (
            {"outcome": "not_asked", "mode": ""},
            [remembered("2026-12-20", "v=STSv1; id=1;"), remembered("2026-12-30")],
            datetime(2027, 1, 6),
        ),
        ({"outcome": "served", "mode": "testing"}, [remembered("2026-12-30", "v=STSv1; id=2;")], datetime(2026, 12, 31)),
        ({"outcome": "served", "mode": "enforce"}, [remembered("2026-12-30", "v=STSv1; id=2;")], datetime(1970, 1, 1)),
        ({"outcome": "not_asked", "mode": ""}, [], None),
        ({"outcome": "unreachable", "mode": ""}, [remembered("2026-12-30", "v=STSv1; id=2;")], None),
    ],
)
def test_senders_hold_to_a_policy_for_a_while(
    empty: duckdb.DuckDBPyConnection, policy: dict[str, Any], history: list[dict[str, Any]], settled: datetime | None
) -> None:
    row = {"domain": "con.com", "mx": [f"*.{OLD}"], "max_age": 86_400, "record_outcome": "answer", **policy}
    mx = record("mx", mx_host=OLD, mx_preference=0)
    told = judged(empty, dns_sts_policies=[row], dns_history=history, target_service_records=[mx])
    assert told["mta_sts.settled_at"] == settled
