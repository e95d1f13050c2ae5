"""What the rules say of real name servers: each fault is found by its rule, and what nobody saw stays undetermined."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.engine.dns import JUDGED, create_dns
from ctm_audit.engine.projection import Completeness
from ctm_audit.engine.raw import typed_columns
from ctm_audit.engine.settings import create_project
from ctm_audit.evidence.relations import RELATIONS
from ctm_audit.evidence.tables import ALL_SIDES, DNS_TABLES, evidence_of
from ctm_audit.project import Domain, load_project
from ctm_audit.reference import load_reference
from ctm_audit.rulebook.judging import verdict_query
from ctm_audit.rulebook.load import load_book
from tests.dns.conftest import Observed
from tests.dns.zones import CUSTOMERS
from tests.project.files import write

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
GOOD = "good-com.mail.protection.outlook.com"
WANTED = {"good.com": ("mx", GOOD), "split.com": ("mx", GOOD), "twomx.com": ("mx", GOOD), "half.com": ("mx", "half-com.e-v1.mx.microsoft")}
WANTED |= {"tc.com": ("unavailable", "")}
FAMILIES = ("DNS-ZONE", "DNS-MX", "DNS-TTL", "DNS-PROP")
Verdicts = dict[tuple[str, str], str]


def judged(path: Path, project: Path, names: Iterable[str]) -> Verdicts:
    """(rule, id of the row) → verdict, with what Graph of the target would want of some domains."""
    connection = duckdb.connect()
    connection.execute("create schema raw")
    for side in ALL_SIDES:
        for table in evidence_of(side):
            columns = ", ".join(f'"{name}" {kind}' for name, kind in typed_columns(side, table))
            connection.execute(f"create table raw.{side}_{table.name} ({columns})")
    for table in DNS_TABLES:
        connection.execute(f"insert into raw.dns_{table.name} by name select * from read_parquet('{path / table.name}.parquet')")
    for domain, (kind, host) in WANTED.items():
        insert = "insert into raw.target_service_records (domain, id, kind, mx_host, mx_preference) values (?, '1', ?, ?, 0)"
        connection.execute(insert, [domain, kind, host])
    create_project(connection, load_project(project), NOW, load_reference())
    complete = Completeness(frozenset({*(f"dns.{table.name}" for table in DNS_TABLES), "target.service_records"}))
    create_dns(connection, [Domain(name, "direct") for name in names], {name: RELATIONS[name].fields for name in JUDGED}, complete)
    found: Verdicts = {}
    for checked in load_book(data_folder("rules")).checked:
        if checked.rule.id.startswith(FAMILIES) and not checked.rule.attest:
            query = f"select o.id, v.verdict from ({verdict_query(checked, incomplete=False)}) v join {checked.rule.over} o using (row_no)"
            found |= {(checked.rule.id, row): verdict for row, verdict in connection.execute(query).fetchall()}
    return found


@pytest.fixture(scope="module")
def verdicts(seen: Observed, tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    assert seen.path
    return judged(seen.path, write(tmp_path_factory.mktemp("project")), [*CUSTOMERS, "gone.com"])


def of(verdicts: Verdicts, rule: str, domain: str) -> set[str]:
    """The verdicts of a rule on a domain, or on those of its servers or hosts that it asks about."""
    told = {verdict for (name, row), verdict in verdicts.items() if name == rule and row.partition(" ")[0] == domain}
    return told - {"not_applicable"} or told


@pytest.mark.parametrize(
    ("domain", "failing", "passing"),
    [
        (
            "good.com",
            "",
            "ZONE-01 ZONE-02 ZONE-03 ZONE-05 ZONE-12 ZONE-13 MX-02 MX-03 MX-04 MX-06 MX-08 MX-09 MX-10 MX-11 MX-12 MX-13 TTL-02",
        ),
        ("split.com", "ZONE-12 MX-08", "ZONE-02 MX-13"),
        ("half.com", "ZONE-02 MX-08", "MX-13 ZONE-12"),
        ("refused.com", "ZONE-02", "MX-13"),
        ("lame.com", "ZONE-02", "MX-13"),
        ("tc.com", "", "MX-13 MX-02"),
        ("formerr.com", "", "MX-13"),
        ("noedns.com", "", "MX-13"),
        ("late.com", "", "MX-13"),
        ("extra.com", "", "MX-13"),
        ("big.com", "", "MX-13 ZONE-12"),
        ("xn--mller-kva.com", "", "MX-13 MX-02"),
        ("nomx.com", "MX-13", "ZONE-02"),
        ("deadmx.com", "MX-02", "MX-13"),
        ("aliasmx.com", "MX-03", "MX-02"),
        ("nodot.com", "MX-06 MX-02", "MX-13"),
        ("literal.com", "MX-02", "MX-13"),
        ("nullmx.com", "MX-04", "MX-13"),
        ("code.com", "MX-12", "MX-13"),
        ("my-co.com", "MX-11", "MX-13"),
        ("wild.com", "ZONE-09", "MX-13"),
        ("loop.com", "ZONE-13", "MX-13"),
        ("beside.com", "ZONE-13", ""),
        ("otherns.com", "ZONE-05", "MX-13"),
        ("expired.com", "ZONE-08", ""),
        ("hour.com", "TTL-02 TTL-03", "MX-13"),
        ("gone.com", "ZONE-01", ""),
    ],
)
def test_a_fault_is_found_by_its_rule(verdicts: Verdicts, domain: str, failing: str, passing: str) -> None:
    told = {rule: of(verdicts, f"DNS-{rule}", domain) for rule in (*failing.split(), *passing.split())}
    assert told == {**{rule: {"fail"} for rule in failing.split()}, **{rule: {"pass"} for rule in passing.split()}}


@pytest.mark.parametrize(
    ("domain", "rule"),
    [
        *(
            ("dark.com", rule)
            for rule in ("ZONE-02", "ZONE-09", "ZONE-12", "ZONE-13", "MX-02", "MX-04", "MX-06", "MX-12", "MX-13", "TTL-02")
        ),
        *((domain, "MX-13") for domain in ("notcp.com", "wrongid.com", "garbage.com", "cut.com", "servfail.com", "noaa.com")),
        ("tc.com", "MX-08"),
        ("signed.com", "ZONE-08"),
        ("wrongid.com", "ZONE-03"),
    ],
)
def test_what_nobody_saw_is_undetermined(verdicts: Verdicts, domain: str, rule: str) -> None:
    assert of(verdicts, f"DNS-{rule}", domain) == {"undetermined"}


def test_a_domain_that_does_not_exist_is_told_once(verdicts: Verdicts) -> None:
    told = {rule for (rule, row), verdict in verdicts.items() if row.startswith("gone.com") and verdict == "fail"}
    assert told <= {"DNS-ZONE-01", "DNS-TTL-01"}


def test_a_further_host_is_a_leftover(verdicts: Verdicts) -> None:
    assert verdicts["DNS-MX-09", f"twomx.com to {GOOD}"] == "pass"
    assert verdicts["DNS-MX-09", "twomx.com to old.example.com"] == "fail"
    assert of(verdicts, "DNS-MX-08", "twomx.com") == {"fail"}


def test_a_resolver_that_invents_answers_has_no_vote(verdicts: Verdicts) -> None:
    told = {row.split(" ")[2]: verdict for (rule, row), verdict in verdicts.items() if rule == "DNS-PROP-05" and row.startswith("good.com")}
    assert told == {"plain": "pass", "clamping": "pass", "validating": "pass", "lying": "fail", "nobody": "fail"}


def test_a_resolver_that_remembers_longer_is_named(verdicts: Verdicts) -> None:
    told = {row.split(" ")[2]: verdict for (rule, row), verdict in verdicts.items() if rule == "DNS-PROP-02" and row.startswith("good.com")}
    assert (told["plain"], told["clamping"], told["lying"]) == ("pass", "fail", "not_applicable")
