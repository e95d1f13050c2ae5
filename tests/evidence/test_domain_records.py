"""The DNS records that a tenant wants come in as told: of every kind, ready or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.sim import contoso_to_fabrikam, domain_records
from ctm_audit.sim.printing import Printed
from ctm_audit.sim.tenants import Tenant

SOURCE, TARGET = (getattr(contoso_to_fabrikam(people=1), side) for side in ("source", "target"))
META = Meta(side="target", source="records.json", collected_at=datetime(2026, 11, 20))


def taken(name: str, objects: list[Printed]) -> Intake:
    found = intake(name, objects, META)
    assert not found.missing
    assert not found.holes
    assert not found.losses
    return found


@pytest.mark.parametrize("tenant", [SOURCE, TARGET], ids=["source", "target"])
def test_records_of_every_kind_have_no_holes(tenant: Tenant) -> None:
    rows = taken("service_records", domain_records.service_records(tenant)).table.to_pylist()
    assert {row["kind"] for row in rows} == {"mx", "txt", "cname", "srv"}
    assert {(row["mx_host"] != "") for row in rows if row["kind"] == "mx"} == {True}
    assert {row["mx_host"] for row in rows if row["kind"] != "mx"} == {""}
    assert taken("dkim_configs", domain_records.get_dkim_signing_config(tenant)).table.num_rows


def test_what_is_not_ready_is_a_record_of_its_own() -> None:
    waiting = replace(TARGET, domains=(replace(TARGET.domains[0], records_ready=False),))
    (row,) = taken("service_records", domain_records.service_records(waiting)).table.to_pylist()
    assert (row["kind"], row["mx_host"]) == ("unavailable", "")


def test_the_code_of_a_domain_differs_between_the_tenants() -> None:
    texts = [
        {row["text"] for row in taken("verification_records", domain_records.verification_records(tenant)).table.to_pylist()}
        for tenant in (SOURCE, TARGET)
    ]
    assert not (texts[0] & texts[1]) - {""}


@pytest.mark.parametrize("printed", ["#microsoft.graph.domainDnsMxRecord", "microsoft.graph.domainDnsMxRecord"])
def test_the_type_comes_with_and_without_a_hash(printed: str) -> None:
    assert n.record_kind(printed) == "mx"


@pytest.mark.parametrize(("value", "error"), [(None, n.NotCollected), ("#microsoft.graph.user", ValueError)])
def test_a_type_that_is_none_is_not_guessed(value: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        n.record_kind(value)
