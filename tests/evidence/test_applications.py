"""Apps as Graph and Graph PowerShell write them: roles, permissions asked for, ends of secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ctm_audit.evidence import normalise as n

ROLE = "f7264778-fba9-422d-8e9e-2675a2c4b513"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"


def test_roles_by_name_and_those_without_a_name_are_left_out() -> None:
    raw = [{"id": ROLE.upper(), "value": "Mailbox.Migration"}, {"id": "0" * 31 + "1", "value": None}]
    assert n.role_ids(raw) == [f"mailbox.migration {ROLE}"]
    assert n.role_ids([{"Id": ROLE, "Value": "Mailbox.Migration", "IsEnabled": True}]) == [f"mailbox.migration {ROLE}"]
    assert n.role_ids([]) == []


def test_permissions_name_resource_role_and_kind() -> None:
    raw = [{"resourceAppId": EXCHANGE, "resourceAccess": [{"id": ROLE, "type": "Role"}, {"id": ROLE, "type": "Scope"}]}]
    assert n.requested_roles(raw) == [f"{EXCHANGE} {ROLE} role", f"{EXCHANGE} {ROLE} scope"]
    one = {"ResourceAppId": EXCHANGE, "ResourceAccess": {"Id": ROLE, "Type": "Role"}}
    assert n.requested_roles(one) == [f"{EXCHANGE} {ROLE} role"]


def test_of_a_secret_only_its_end_is_read() -> None:
    raw = [{"endDateTime": "2027-01-31T21:00:00.1234567+01:00", "hint": "abc"}, {"EndDateTime": "/Date(1735689600000)/"}]
    assert n.ends(raw) == ["2025-01-01T00:00:00Z", "2027-01-31T20:00:00Z"]
    assert n.ends([]) == []


def test_redirect_uris_of_the_web_platform() -> None:
    assert n.redirect_uris({"redirectUris": ["https://office.com/", "https://contoso.com/x"]}) == [
        "https://office.com",
        "https://contoso.com/x",
    ]


@pytest.mark.parametrize("read", [n.role_ids, n.requested_roles, n.ends, n.redirect_uris])
@pytest.mark.parametrize("value", [None, "", "System.Object[]", "@{Value=Mailbox.Migration}", ["cut"]])
def test_what_was_flattened_was_not_collected(read: n.Normaliser, value: Any) -> None:
    with pytest.raises(n.NotCollected):
        read(value)


@pytest.mark.parametrize("raw", [[{"endDateTime": None}], [{}]])
def test_a_secret_without_an_end_is_not_collected(raw: Any) -> None:
    with pytest.raises(n.NotCollected):
        n.ends(raw)
