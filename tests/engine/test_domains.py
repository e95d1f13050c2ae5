"""Which domains there are to judge, and what each tenant says of them, against a plain loop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.mapping import MappingTable
from tests.engine.tenants import DELIVERY, Evidence, Row, loaded, mapping_of, project_of, relation_rows
from tests.nightly import examples

NAMES = ("con.com", "sub.con.com", "fab.com", "eu.fab.com", "de.eu.fab.com", DELIVERY, "stranger.net")


def answer(evidence: Evidence, mapping: MappingTable, *waves: str) -> dict[str, Row]:
    with loaded(evidence, mapping, project_of(waves=waves)) as connection:
        return {row["id"]: row for row in relation_rows(connection, "domains")}


def mapped(*rows: Row) -> MappingTable:
    """A mapping with planned addresses."""
    plain = mapping_of((f"u{number}@con.com", f"u{number}@fab.com", row.get("wave", "")) for number, row in enumerate(rows))
    table = plain.rows
    for name in ("primary", "final_upn", "final_primary"):
        column = pa.array([row.get(name, "") for row in rows], pa.string())
        table = table.set_column(table.column_names.index(name), name, column)
    return replace(plain, rows=table)


def user(number: int, domain: str | None) -> Row:
    return {
        "object_id": str(number),
        "upn": f"u{number}@fab.com",
        "primary_smtp": "" if domain is None else f"u{number}@{domain}",
        "primary_domain": domain,
        "exchange_guid": "",
    }


def test_the_rows_are_the_domains_that_play_a_part() -> None:
    evidence = Evidence({"target.mail_users": [user(0, "fab.com"), user(1, "eu.fab.com"), user(9, "elsewhere.net")]})
    found = answer(evidence, mapped({"primary": "A@New.com"}, {"final_upn": "b@con.com", "final_primary": "b@con.com"}))
    assert list(found) == ["con.com", "eu.fab.com", "fab.com", DELIVERY, "new.com"]
    parts = ("is_moving", "is_delivery", "planned", "final", "used")
    assert {name: tuple(row[part] for part in parts) for name, row in found.items()} == {
        "con.com": (True, False, 0, 1, 0),
        "eu.fab.com": (False, False, 0, 0, 1),
        "fab.com": (False, False, 0, 0, 1),
        DELIVERY: (False, True, 0, 0, 0),
        "new.com": (False, False, 1, 0, 0),
    }


def test_a_wave_that_completes_with_the_domain_plans_nothing_too_early() -> None:
    project = project_of(waves=("1", "2"))
    with_cutover = replace(project, waves=(project.waves[0], replace(project.waves[1], with_domain_cutover=True)))
    mapping = mapped({"wave": "1", "primary": "a@con.com"}, {"wave": "2", "primary": "b@con.com"})
    with loaded(Evidence(), mapping, with_cutover) as connection:
        assert [row["planned"] for row in relation_rows(connection, "domains") if row["id"] == "con.com"] == [1]


def test_what_a_cut_export_does_not_hold_is_unknown() -> None:
    whole = answer(Evidence(), mapped({}))["con.com"]
    cut = answer(
        Evidence(incomplete=frozenset({"source.domains", "target.domains", "target.accepted_domains", "target.mail_users"})), mapped({})
    )
    told = (
        "used",
        "source.is_verified",
        "source.children",
        "source.authentication",
        "target.is_verified",
        "target.services",
        "target.accepted_as",
    )
    assert [whole[name] for name in told] == [0, False, [], "", False, [], ""]
    assert [cut["con.com"][name] for name in told] == [None] * len(told)


@pytest.mark.parametrize("absent", ["source.domains", "target.accepted_domains.type", "target.domains.services"])
def test_what_was_not_collected_is_no_field(absent: str) -> None:
    evidence = Evidence(absent=frozenset({absent}))
    names = set(answer(evidence, mapped({}))["con.com"])
    lost = {
        "source.domains": "source.is_verified",
        "target.accepted_domains.type": "target.accepted_as",
        "target.domains.services": "target.services",
    }
    assert lost[absent] not in names


def accepted_as(domain: str, accepted: list[Row]) -> str | None:
    """Its own entry decides; else every entry above that accepts subdomains, the nearest first; unknown switches leave it open."""
    for row in accepted:
        if row["name"] == domain:
            return str(row["type"])
    if any(row["match_subdomains"] is None for row in accepted):
        return None
    above = [row for row in accepted if row["match_subdomains"] and domain.endswith(f".{row['name']}")]
    return str(max(above, key=lambda row: len(row["name"]))["type"]) if above else ""


@settings(max_examples=examples(40, 100), deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(NAMES),
                "type": st.sampled_from(["authoritative", "internalrelay"]),
                "match_subdomains": st.sampled_from([True, False, None]),
            }
        ),
        unique_by=lambda row: row["name"],
        max_size=5,
    )
)
def test_the_nearest_accepted_domain_decides(accepted: list[dict[str, Any]]) -> None:
    evidence = Evidence({"target.accepted_domains": accepted})
    found = answer(evidence, mapped(*({"primary": f"a@{name}"} for name in NAMES)))
    homes = {name: accepted_as(name, accepted) for name in NAMES}
    if any(row["match_subdomains"] is None for row in accepted):  # an accepted domain above may be overlooked, never invented
        assert all(found[name]["target.accepted_as"] in (home, None) for name, home in homes.items())
    else:
        assert {name: found[name]["target.accepted_as"] for name in NAMES} == homes


def test_a_subdomain_is_as_verified_as_the_domain_that_accepts_it() -> None:
    rows = {
        "target.accepted_domains": [{"name": "fab.com", "type": "authoritative", "match_subdomains": True}],
        "target.domains": [{"name": "fab.com", "is_verified": True, "services": ["email"]}],
        "source.domains": [
            {"name": "con.com", "is_verified": True},
            {"name": "eu.con.com", "is_verified": True},
            {"name": "us.con.com", "is_verified": False},
        ],
    }
    found = answer(Evidence(rows), mapped({"primary": "a@eu.fab.com"}))
    assert (found["eu.fab.com"]["target.is_verified"], found["eu.fab.com"]["target.services"]) == (True, ["email"])
    assert found["con.com"]["source.children"] == ["eu.con.com"]
