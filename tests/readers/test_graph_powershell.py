"""What Microsoft Graph PowerShell exports: capitalised names, nested objects, dictionaries of additional properties."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.evidence.tables import Side
from ctm_audit.readers.files import read
from tests.readers.clixml_writer import clixml

WHEN = datetime(2026, 11, 20, 17)
ID = "c505fea7-83dd-4a9e-940b-92b8764f2856"
SKU: dict[str, Any] = {
    "AppliesTo": "User",
    "CapabilityStatus": "Enabled",
    "ConsumedUnits": 28,
    "Id": f"{ID}_{ID}",
    "PrepaidUnits": {"Enabled": 30, "LockedOut": 0, "Suspended": 0, "Warning": 0, "AdditionalProperties": {}},
    "ServicePlans": [{"ServicePlanName": "exchange_s_standard", "ProvisioningStatus": "Success", "ServicePlanId": ID}],
    "SkuId": ID,
    "SkuPartNumber": "M365",
    "AdditionalProperties": {},
}


def take(path: Path, table: str, side: Side) -> Intake:
    reading = read(path)
    return intake(table, reading.items, Meta(side, path.name, WHEN, properties=reading.properties, remarks=reading.remarks))


def test_json_and_clixml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "Get-MgSubscribedSku.json").write_text(json.dumps(SKU), encoding="utf-16")
    (tmp_path / "Get-MgSubscribedSku.xml").write_text(clixml([SKU]), encoding="utf-16")
    made = [take(tmp_path / f"Get-MgSubscribedSku.{form}", "subscribed_skus", "target") for form in ("json", "xml")]
    assert made[0].table.equals(made[1].table)
    assert (dict(made[0].missing), made[0].holes, made[0].losses) == ({}, (), ())
    assert made[0].table.to_pylist()[0]["enabled_units"] == 30


def test_a_csv_of_nested_objects_says_what_it_lost(tmp_path: Path) -> None:
    path = tmp_path / "Get-MgSubscribedSku.csv"
    cells = {**SKU, "PrepaidUnits": "Microsoft.Graph.PowerShell.Models.MicrosoftGraphLicenseUnitsDetail"}
    cells["ServicePlans"] = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphServicePlanInfo[]"
    lines = [",".join(f'"{cell}"' for cell in row) + "\r\n" for row in (cells, cells.values())]
    path.write_text("".join(lines), encoding="utf-8", newline="")
    found = take(path, "subscribed_skus", "target")
    assert sorted(found.missing) == ["enabled_units", "plans"]
    assert found.table.to_pylist()[0]["consumed_units"] == 28


def test_additional_properties_are_added_and_never_override(tmp_path: Path) -> None:
    other = {"userPrincipalName": "other@x.com", "ID": "x", "mail": "a@x.com"}
    for number, (own, upn) in enumerate([({"Id": ID}, "other@x.com"), ({"Id": ID, "UserPrincipalName": "own@x.com"}, "own@x.com")]):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps([{**own, "AdditionalProperties": other}]), encoding="utf-8")
        assert take(path, "users", "target").table.to_pylist()[0] == {"object_id": ID, "upn": upn}


def test_a_property_that_was_not_asked_for_is_not_collected(tmp_path: Path) -> None:
    path = tmp_path / "Get-MgUser.json"
    path.write_text(json.dumps([{"Id": ID, "UserPrincipalName": None, "AdditionalProperties": {}}]), encoding="utf-8")
    assert "never fetched" in take(path, "users", "target").missing["upn"]


def test_license_details_without_their_user_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "Get-MgUserLicenseDetail.json"
    path.write_text(json.dumps([SKU]), encoding="utf-8")
    with pytest.raises(NotCollected, match="userId is in none of the objects"):
        take(path, "license_details", "target")
