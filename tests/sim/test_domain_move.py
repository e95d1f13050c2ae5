"""Each fault of DNS is planted in a domain of its own, of one scenario a phase: it is found there, and nothing beside it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import Step, Verdict
from ctm_audit.project import load
from ctm_audit.rulebook.load import load_book
from ctm_audit.sim import Scenario, contoso_to_fabrikam
from ctm_audit.sim.dns_fault_list import DNS_FAULTS as OTHER_FAULTS
from ctm_audit.sim.dns_fault_list import Phase, Plant
from ctm_audit.sim.domain_move import after_the_move, before_parking, taken_over, while_parked, with_domains
from ctm_audit.sim.export import observe, render, write
from ctm_audit.sim.zone_fault_list import ZONE_FAULTS

FAMILIES = ("DNS-", "TEN-")
OF_ZONES = ("DNS-ZONE", "DNS-TTL", "DNS-PROP", "DNS-MX", "DNS-PARK")
OF_ALL = ("resolver_lies",)
"""Faults of what all domains share."""
DNS_FAULTS = {name: fault for name, fault in (OTHER_FAULTS | ZONE_FAULTS).items() if name not in OF_ALL}
# What else the same fact breaks.
ALSO: dict[str, set[str]] = {
    "target_code_forgotten": {"DNS-PARK-07"},
    "policy_not_found": {"DNS-STS-02"},
    "policy_without_park": {"DNS-PARK-05"},
    "dane_in_use": {"DNS-DANE-02"},
    "certificate_of_another_key": {"DNS-DANE-01"},
    "canary_in_both": {"DNS-PARK-03"},
    "mail_not_enabled": {"DNS-PARK-08"},
    "recipient_unknown": {"DNS-PARK-03", "DNS-PARK-08"},
    "source_keeps_it": {"TEN-03", "TEN-10", "DNS-PARK-01", "DNS-PARK-04", "DNS-PARK-08", "DNS-PARK-09"},
    "spf_differs": {"DNS-ZONE-12", "DNS-PROP-01"},
    "one_name_server": {"DNS-ZONE-07"},
    "lame_server": {"DNS-ZONE-03", "DNS-PARK-07"},
    "transfer_stuck": {"DNS-ZONE-12"},
    "signatures_expired": {"DNS-ZONE-07"},
    "null_mx": {"DNS-MX-01", "DNS-DANE-01", "DNS-DANE-02"},
    "mail_host_silent": {"TEN-06"},
    "stranger_in_mx": {"DNS-MX-01"},
    "final_dot_missing": {"DNS-MX-01"},
    "ownership_record_is_best": {"DNS-MX-01", "DNS-MX-02"},
    "ttl_forgotten": {"DNS-TTL-03"},
    "parked_at_nothing": {"DNS-MX-01", "DNS-PARK-04", "DNS-PROP-01", "DNS-ZONE-12"},
    "policy_without_the_parking_host": {"DNS-STS-02"},
    "parked_since_yesterday": {"DNS-PARK-06W"},
    "code_only_at_the_servers": {"DNS-PROP-01"},
    "still_parked": {"DNS-MX-09", "DNS-MX-10", "DNS-PARK-06", "DNS-PARK-06W"},
    "park_host_left": {"DNS-MX-08", "DNS-MX-10"},
    "host_of_china": {"DNS-MX-08", "DNS-MX-09"},
    "host_made_up": {"DNS-MX-08", "DNS-MX-09"},
    "resolver_serves_stale": {"DNS-PROP-01"},
}
Told = dict[str, dict[str, str]]
FAIL, PASS, UNKNOWN = Verdict.FAIL, Verdict.PASS, Verdict.UNDETERMINED


class Fact(NamedTuple):
    """A line of the list of faults that every checker of a cutover should know: what is seen, and what must be said of it."""

    phase: Phase
    plant: Plant
    rule: str
    verdict: Verdict


def _proving(table: str, where: Callable[[dict[str, Any]], bool] = lambda _: True, **facts: Any) -> Plant:
    def plant(scenario: Scenario, domain: str) -> Scenario:
        seen = next(one for one in scenario.observed if one.domain == domain)
        rows = tuple({**row, **facts} if where(row) else row for row in seen.proofs[table])
        return scenario.with_observed(replace(seen, proofs={**seen.proofs, table: rows}))

    return plant


def _spf(**facts: Any) -> Fact:
    verdict = facts.pop("verdict")
    return Fact(after_the_move, _proving("spf", **facts), "DNS-SPF-02", verdict)


def _policy(outcome: str, status: int) -> Fact:
    found: dict[str, Any] = {"record_outcome": "answer", "id": "1", "outcome": outcome, "status": status}
    return Fact(before_parking, _proving("sts_policies", **found), "DNS-STS-01", UNKNOWN if outcome == "unreachable" else FAIL)


def _owner(outcome: str, tenant: str, verdict: Verdict) -> Fact:
    here = _proving("tenancies", lambda row: row["host"] == "login.microsoftonline.com", outcome=outcome, tenant_id=tenant)
    return Fact(after_the_move, here, "TEN-02", verdict)


def _answer(verdict: Verdict, **facts: Any) -> Fact:
    return Fact(after_the_move, _proving("smtp_probes", lambda row: row["role"] == "target", **facts), "TEN-06", verdict)


FACTS = {
    "f37-ten": _spf(lookups=10, verdict=PASS),
    "f37-eleven": _spf(lookups=11, verdict=FAIL),
    "f38-two": _spf(void_lookups=["a A", "b A"], verdict=PASS),
    "f38-three": _spf(void_lookups=["a A", "b A", "c A"], verdict=FAIL),
    "f39-loop": _spf(faults=["a loop of includes"], verdict=FAIL),
    "f39-timeout": _spf(unseen=["contoso.com > x: timeout"], verdict=UNKNOWN),
    "f44-missing": _policy("not_found", 404),
    "f44-certificate": _policy("bad_certificate", 0),
    "f44-redirect": _policy("redirected", 301),
    "f44-unreachable": _policy("unreachable", 0),
    "f58-nobody": _owner("unowned", "", UNKNOWN),
    "f58-third": _owner("owned", "5d0f7a10-7c35-4b59-9a3c-2f7f0a6de111", FAIL),
    "f58-timeout": _owner("timeout", "", UNKNOWN),
    "f59-accepted": _answer(PASS, meaning="accepted"),
    "f59-unowned": _answer(FAIL, meaning="unowned"),
    "f59-region": _answer(UNKNOWN, meaning="wrong_region"),
    "f59-put-off": _answer(UNKNOWN, meaning="deferred"),
    "f59-blocked": _answer(UNKNOWN, meaning="", ending="timeout", stage="connect"),
}


def place_of(fault: str) -> str:
    return f"{fault.replace('_', '')}.example"


def audited(phase: Phase, step: Step, folder: Path) -> Told:
    """What is told of each domain when every fault of the phase stands in a domain of its own: rule → verdict."""
    faults = {name: fault.plant for name, fault in DNS_FAULTS.items() if fault.phase is phase}
    faults |= {name: fact.plant for name, fact in FACTS.items() if fact.phase is phase}
    planted = phase(with_domains(contoso_to_fabrikam(people=1), map(place_of, faults)))
    for name, plant in faults.items():
        planted = plant(planted, place_of(name))
    files = render(planted)
    write({name: text for name, text in files.items() if not name.startswith("dns/")}, folder)
    project, mapping = load(folder / "ctm-audit.toml")
    observe(files, project.dns.bundle)
    for side in SIDES:
        api.import_exports(project, side, [folder / side])
    result = api.audit(project, mapping, step=step)
    told: Told = {}
    with (result.folder / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        for found in csv.DictReader(file):
            unasked = ("due", "info") if found["rule"].startswith(OF_ZONES) else ("due",)
            is_early = found["weight"] in unasked and found["verdict"] == UNKNOWN
            if found["rule"].startswith(FAMILIES) and found["verdict"] != Verdict.ATTESTED and not is_early:
                told.setdefault(found["object_id"].split(" ")[0], {})[found["rule"]] = found["verdict"]
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[Phase, Told]:
    steps = {before_parking: Step.PARK, while_parked: Step.REMOVE_DOMAIN, taken_over: Step.UN_PARK, after_the_move: Step.CLOSE_DOMAIN}
    return {phase: audited(phase, step, tmp_path_factory.mktemp("move")) for phase, step in steps.items()}


def test_every_fault_is_found_in_its_domain_and_nothing_beside_it(told: dict[Phase, Told]) -> None:
    wrong = {}
    for name, fault in DNS_FAULTS.items():
        found = told[fault.phase].get(place_of(name), {})
        open_ = {rule for rule, verdict in found.items() if verdict in (FAIL, UNKNOWN)}
        if fault.rule not in open_ or open_ - {fault.rule} - ALSO.get(name, set()):
            wrong[name] = found
    assert not wrong


def test_what_is_no_fault_yet_and_what_was_not_seen_stay_apart(told: dict[Phase, Told]) -> None:
    found = {name: told[fact.phase].get(place_of(name), {}).get(fact.rule, PASS) for name, fact in FACTS.items()}
    assert found == {name: fact.verdict for name, fact in FACTS.items()}


def test_a_domain_without_faults_has_no_findings(told: dict[Phase, Told]) -> None:
    assert {verdict for found in told.values() for verdict in found.get("contoso.com", {}).values()} <= {Verdict.DUE}


def verdicts(step: Step, folder: Path, *, tables: tuple[str, ...] | None = None, late: bool = False) -> dict[str, dict[str, Any]]:
    """The results of the rules of a clean move, from an observation with some tables only, or from one of long ago."""
    phase = before_parking if step is Step.PARK else after_the_move
    planted = phase(contoso_to_fabrikam(people=1))
    if late:
        planted = planted.with_migration(as_of=planted.migration.as_of + timedelta(hours=3))
    files = render(planted)
    seen = {name: text for name, text in files.items() if name.startswith("dns/")}
    write({name: text for name, text in files.items() if name not in seen}, folder)
    project, mapping = load(folder / "ctm-audit.toml")
    observe({name: text for name, text in seen.items() if tables is None or Path(name).stem in tables}, project.dns.bundle)
    for side in SIDES:
        api.import_exports(project, side, [folder / side])
    result = api.audit(project, mapping, step=step)
    return {rule["id"]: rule for rule in result.document["rules"] if rule["id"].startswith(FAMILIES)}


@pytest.mark.parametrize("step", [Step.PARK, pytest.param(Step.DONE, marks=pytest.mark.slow)])
def test_what_was_not_observed_opens_nothing(step: Step, tmp_path: Path) -> None:
    """Without a bundle, with name servers alone, and with an observation of three hours ago."""
    blocking = {fault.rule for fault in DNS_FAULTS.values()} & set(load_book(data_folder("rules")).steps[step])
    from_tenants = {"TEN-03", "TEN-05", "DNS-DKIM-05"}
    only_dns = ("answers", "zones", "name_servers", "vantages", "history")
    of_proofs = {"TEN-01", "TEN-02", "TEN-06", "TEN-07", "TEN-08", "DNS-SPF-01", "DNS-SPF-02", "DNS-SPF-03"}
    of_proofs |= {"DNS-DMARC-02", "DNS-STS-02", "DNS-STS-03", "DNS-DKIM-04"}
    assert blocking
    without = verdicts(step, tmp_path / "without", tables=())
    assert {rule for rule in blocking if without[rule]["undetermined"] == 0} <= from_tenants
    records = verdicts(step, tmp_path / "records", tables=only_dns)
    assert {rule for rule in blocking if records[rule]["undetermined"] == 0} & of_proofs == set()
    old = verdicts(step, tmp_path / "old", late=True)
    assert {rule for rule in blocking if old[rule]["undetermined"] == 0} == set()
