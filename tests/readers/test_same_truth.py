"""One truth, exported in each format, gives the same table; and real objects of Exchange Online and Graph are read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ctm_audit.evidence.bundle import write_bundle
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.tables import Side
from ctm_audit.readers.files import read
from tests.evidence.exported import WHEN

Objects = Sequence[dict[str, Any]]
NAMES = ["DomainName", "DomainType", "MatchSubDomains", "RunspaceId"]
HOSTILE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=10) | st.sampled_from(
    ["=1+1", "NA", "null", "007", "a,b;c\td", 'say "a"', "a\r\nb", "Straße.de", "😀", "System.String[]", "\u202e", "'; drop table x"]
)
DOMAINS = st.lists(
    st.fixed_dictionaries(
        {"DomainName": HOSTILE, "DomainType": HOSTILE, "MatchSubDomains": st.booleans() | st.none(), "RunspaceId": HOSTILE}
    ),
    max_size=6,
)


def as_csv(objects: Objects, separator: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([NAMES, *([one[name] for name in NAMES] for one in objects)])
    return text.getvalue()


def as_pages(objects: Objects) -> str:
    pages = [{"value": [one], "@odata.nextLink": "https://next"} for one in objects]
    return "\r\n".join(json.dumps(page) for page in [*pages, {"value": []}])


FORMATS: dict[str, tuple[str, Callable[[Objects], str], str]] = {
    "list": ("json", lambda objects: json.dumps(objects, ensure_ascii=False), "utf-8"),
    "escaped list with mark": ("json", lambda objects: json.dumps(objects, indent=2), "utf-8-sig"),
    "lines of UTF-16": ("json", lambda objects: "\r\n".join(map(json.dumps, objects)) or "[]", "utf-16"),
    "pages": ("json", as_pages, "utf-8"),
    "commas": ("csv", lambda objects: as_csv(objects, ","), "utf-8"),
    "semicolons": ("csv", lambda objects: as_csv(objects, ";"), "utf-8-sig"),
    "tabs in UTF-16, with type line": ("csv", lambda objects: "#TYPE System.Object\r\n" + as_csv(objects, "\t"), "utf-16"),
}


def take(folder: Path, objects: Objects, form: str) -> Intake:
    suffix, write, encoding = FORMATS[form]
    path = folder / f"Get-AcceptedDomain.{suffix}"
    path.write_bytes(write(objects).encode(encoding))
    reading = read(path)
    return intake("accepted_domains", reading.items, Meta("target", path.name, WHEN, properties=reading.properties))


def parquet(folder: Path, made: Intake) -> bytes:
    bundle = write_bundle(folder, side="target", tenant_id="", initial_domain="", cloud="", collected_how="", tables=[made], absent={})
    return bundle.parquet("accepted_domains").read_bytes()


@settings(max_examples=25)
@given(DOMAINS)
def test_every_format_gives_the_same_bytes(tmp_path_factory: pytest.TempPathFactory, objects: Objects) -> None:
    folder = tmp_path_factory.mktemp("truth")
    assume(not objects or any(one["DomainName"] != "System.String[]" for one in objects))  # else there is no table
    made = [take(folder, objects, form) for form in FORMATS]
    for other in made[1:]:
        assert other.table.equals(made[0].table)
        assert other.missing.keys() == made[0].missing.keys()
        assert (other.losses, other.holes, other.received) == (made[0].losses, made[0].holes, made[0].received)
    assert len({parquet(folder, one) for one in made}) == 1


CASES = Path(__file__).parents[3] / "shared" / "cases" / "exchange-objects.json"
REAL = json.loads(CASES.read_text(encoding="utf-8-sig")) if CASES.exists() else {}
# The same shapes by hand, so that the test means something where the shared cases are not present.
BY_HAND = {
    "org_relationships": [
        {
            "Name": "example",
            "DomainNames": ["Tenant.onmicrosoft.com"],
            "Enabled": True,
            "MailboxMoveEnabled": False,
            "MailboxMoveCapability": "None",
            "MailboxMovePublishedScopes": [],
            "OAuthApplicationId": None,
            "WhenChanged": "/Date(1776320086000)/",
        }
    ],
    "accepted_domains": [
        {"DomainName": "example.com", "DomainType": "Authoritative", "MatchSubDomains": False, "WhenChanged": "/Date(1723810171000)/"}
    ],
    "license_information": [
        {
            "SkuPartNumber": "M365_G5_GCC",
            "SkuId": "e2be619b-b125-455f-8660-fb503e431a5d",
            "ConsumedUnits": 28,
            "PrepaidUnits": {"Enabled": 30},
        }
    ],
    "domain_settings": {
        "Id": "tenant.onmicrosoft.com",
        "AuthenticationType": "Managed",
        "IsVerified": True,
        "State": None,
        "SupportedServices": ["Email"],
    },
}


@pytest.mark.parametrize("cases", [BY_HAND, *([REAL] if REAL else [])], ids=["by hand", "shared"][: 1 + bool(REAL)])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    ("name", "table", "side", "missing"),
    [
        ("org_relationships", "organization_relationships", "source", []),
        ("accepted_domains", "accepted_domains", "target", []),
        ("license_information", "subscribed_skus", "target", ["capability_status", "plans"]),
        ("domain_settings", "domains", "target", []),
    ],
)
def test_real_shapes(tmp_path: Path, cases: dict[str, Any], encoding: str, name: str, table: str, side: Side, missing: list[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(cases[name]), encoding=encoding)
    found = intake(table, read(path).items, Meta(side, path.name, WHEN))
    count = len(cases[name]) if isinstance(cases[name], list) else 1
    assert (found.table.num_rows, found.received, found.losses, found.holes) == (count, count, (), ())
    assert list(found.missing) == missing
    assert all(found.table[column].null_count == 0 for column in found.table.column_names)
