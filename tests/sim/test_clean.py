"""The clean scenario is what a move asks for, pair by pair, computed here without the engine."""

from __future__ import annotations

import csv
import io
import tomllib

import pytest

from ctm_audit.evidence.tables import SIDES, tables_of
from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.examples import clean
from ctm_audit.sim.export import Files, render
from tests.sim.exported import Row, by, rows

FILES = clean()
PROJECT = tomllib.loads(FILES["ctm-audit.toml"])
MAPPING = list(csv.DictReader(io.StringIO(FILES["mapping.csv"])))
TABLES = {(side, table.name): rows(FILES, side, table.name) for side in SIDES for table in tables_of(side)}
BOXES = by("upn", TABLES["source", "mailboxes"])
USERS = by("upn", TABLES["target", "mail_users"])
PAIRS = [pytest.param(BOXES[one["source"]], USERS[one["target"]], id=one["source"]) for one in MAPPING]


@pytest.mark.parametrize(("box", "user"), PAIRS)
def test_the_mail_user_is_stamped(box: Row, user: Row) -> None:
    assert box["exchange_guid"]
    assert (user["exchange_guid"], user["archive_guid"]) == (box["exchange_guid"], box["archive_guid"])
    assert {box["legacy_exchange_dn_key"], *box["x500"]} <= set(user["x500"])
    assert user["external_address"] in box["smtp"]


@pytest.mark.parametrize(("box", "user"), PAIRS)
def test_addresses_of_the_mail_user_are_accepted(box: Row, user: Row) -> None:
    accepted = {one["name"]: one["match_subdomains"] for one in TABLES["target", "accepted_domains"]}
    assert box["smtp"]
    assert user["primary_domain"] in accepted
    for domain in (address.rpartition("@")[2] for address in user["smtp"]):
        assert domain in accepted or any(wide and domain.endswith(f".{name}") for name, wide in accepted.items())
    assert any(address.endswith(f"@{PROJECT['migration']['delivery_domain']}") for address in user["smtp"])


@pytest.mark.parametrize(("box", "user"), PAIRS)
def test_nothing_holds_or_fills_the_mailbox(box: Row, user: Row) -> None:
    sizes = by("mailbox_guid", TABLES["source", "mailbox_statistics"])
    archives = by("mailbox_guid", TABLES["source", "archive_statistics"])
    assert user["object_id"]
    flags = ("litigation_hold", "delay_hold", "delay_release_hold", "label_hold", "is_inactive", "is_soft_deleted")
    assert not any(box[name] for name in flags)
    assert [hold.partition(":")[0] for hold in TABLES["source", "organization_config"][0]["in_place_holds"]] == [
        box["in_place_holds"][0].removeprefix("-"),
        "grp8a1be0c5f3d74c2d9b60e74a15c2d3f8",
    ]
    assert box["aux_archives"] <= 12
    assert sizes[box["exchange_guid"]]["total_item_size"] < 0.9 * box["quota"]
    assert (
        not box["archive_guid"]
        or not box["has_archive_quota"]
        or archives[box["archive_guid"]]["total_item_size"] < 0.9 * box["archive_quota"]
    )


@pytest.mark.parametrize(("box", "user"), PAIRS)
def test_every_person_has_one_migration_license_and_is_in_the_scope_group(box: Row, user: Row) -> None:
    plans = [one["success_plans"] for one in TABLES["source", "license_details"] if one["user_id"] == box["object_id"]]
    plans += [one["success_plans"] for one in TABLES["target", "license_details"] if one["user_id"] == user["object_id"]]
    held = sum("EXCHANGEONLINE_T2TMBXMOVE" in names for names in plans)
    assert held == (box["recipient_type_details"] == "UserMailbox")
    assert held == sum("exchanget2tmbxmove" in one["capabilities"] for one in (box, user))
    assert box["object_id"] in {one["object_id"] for one in TABLES["source", "group_members"]}


def test_no_more_seats_are_assigned_than_were_bought() -> None:
    skus = TABLES["source", "subscribed_skus"] + TABLES["target", "subscribed_skus"]
    assert all(one["consumed_units"] <= one["enabled_units"] for one in skus)
    assert sum(one["consumed_units"] for one in skus if one["sku_part_number"] == "Cross_tenant_user_data_migration") == 20


def test_both_relationships_and_the_endpoint_name_the_partner() -> None:
    app = PROJECT["migration"]["app_id"]
    out = [one for one in TABLES["source", "organization_relationships"] if PROJECT["target"]["tenant_id"] in one["domain_names"]]
    into = [one for one in TABLES["target", "organization_relationships"] if PROJECT["source"]["tenant_id"] in one["domain_names"]]
    endpoint = by("name", TABLES["target", "migration_endpoints"])["ctm-endpoint"]
    assert [(one["move_capability"], one["oauth_application_id"], one["move_scopes"]) for one in out] == [
        (["remoteoutbound"], app, ["ctmallowed"])
    ]
    assert [(one["move_capability"], one["enabled"], one["move_enabled"]) for one in into] == [(["inbound"], True, True)]
    assert (endpoint["remote_tenant"], endpoint["application_id"]) == (PROJECT["source"]["initial_domain"], app)


def test_the_scenario_holds_the_traps_that_real_tenants_hold() -> None:
    boxes = [BOXES[one["source"]] for one in MAPPING]
    addresses = [address for box in boxes for address in box["x500"]]
    assert {box["recipient_type_details"] for box in boxes} == {"UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox"}
    assert {USERS[one["target"]]["is_dir_synced"] for one in MAPPING} == {True, False}
    assert 12 in {box["aux_archives"] for box in boxes}
    assert all(len(box["x500"]) >= 2 for box in boxes)
    assert all(any(trap in address for address in addresses) for trap in ("  ", ",", "(", "[", "@", "王", "ø"))
    assert any(box["upn"] != box["primary_smtp"] for box in boxes)
    assert any("'" in box["primary_smtp"] for box in boxes)
    assert any(not box["object_id"] for box in BOXES.values())
    assert set(BOXES) - {one["source"] for one in MAPPING}
    details = {one["recipient_type_details"] for one in TABLES["target", "recipients"]}
    assert {"MailUser", "GuestMailUser", "MailContact", "UserMailbox", "RoomMailbox", "MailUniversalDistributionGroup"} <= details


def test_the_waves_of_the_mapping_are_those_of_the_project() -> None:
    assert [wave["name"] for wave in PROJECT["wave"]] == list(dict.fromkeys(one["wave"] for one in MAPPING))
    assert PROJECT["wave"][0]["pilot"]
    assert len(MAPPING) == 24


def test_the_same_arguments_give_the_same_files() -> None:
    assert render(contoso_to_fabrikam(people=24)) == FILES
    assert render(contoso_to_fabrikam(people=24, seed=2)) != FILES


def test_more_people_do_not_change_the_ones_that_were_there() -> None:
    larger: Files = render(contoso_to_fabrikam(people=90))
    users = by("upn", rows(larger, "target", "mail_users"))
    people = [one for one in MAPPING if BOXES[one["source"]]["recipient_type_details"] == "UserMailbox"]
    assert all(users[one["target"]] == USERS[one["target"]] for one in people)
    assert len(by("upn", rows(larger, "source", "mailboxes"))) == len(rows(larger, "source", "mailboxes"))
