"""Facts of accounts: who vouches for them, which licenses they have and how, and who may synchronise them."""

from __future__ import annotations

from typing import Any

import pytest

from ctm_audit.evidence import normalise as n

E3, E5, GROUP = "05E9A617-0261-4cee-bb44-138d3ef5d965", "06ebc4ee-1bb5-47dd-8120-11324bc54e06", "11111111-0000-4000-8000-000000000001"


def state(sku: str = E3, **changes: Any) -> dict[str, Any]:
    return {"skuId": sku, "assignedByGroup": None, "state": "Active", "error": "None", "disabledPlans": []} | changes


@pytest.mark.parametrize(("value", "found"), [(None, False), ("", False), (True, True), ("False", False)])
def test_a_switch_that_was_never_set_is_off(value: Any, found: bool) -> None:
    assert n.flag_or_never(value) is found


def test_issuers_are_all_who_vouch() -> None:
    home = {"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": None}
    own = {"signInType": "userPrincipalName", "issuer": "Fabrikam.onmicrosoft.com", "issuerAssignedId": "a@fabrikam.com"}
    assert n.issuers([home, own]) == ["externalazuread", "fabrikam.onmicrosoft.com"]
    assert n.issuers({"SignInType": "userPrincipalName", "Issuer": "fabrikam.com"}) == ["fabrikam.com"]
    assert n.issuers([]) == []


def test_licenses_by_group_are_told_apart_whatever_became_of_them() -> None:
    states = [state(), state(E5, assignedByGroup=GROUP, state="Error", error="CountViolation")]
    assert n.assigned_skus(states) == [E3.lower(), E5]
    assert n.group_skus(states) == [E5]
    assert n.failed_licenses(states) == [f"{E5} error countviolation"]


@pytest.mark.parametrize("word", ["ActiveWithError", "Disabled", "Error", "SomethingNew"])
def test_every_state_but_active_is_a_failure(word: str) -> None:
    assert n.failed_licenses([state(state=word, error=None)]) == [f"{E3.lower()} {word.lower()}"]


@pytest.mark.parametrize("read", [n.issuers, n.assigned_skus, n.group_skus, n.failed_licenses])
@pytest.mark.parametrize("value", [None, "", "System.Object[]", ["@{skuId=1}"]])
def test_a_list_that_was_not_fetched_or_cut_is_not_collected(read: n.Normaliser, value: Any) -> None:
    with pytest.raises(n.NotCollected):
        read(value)


def test_an_assignment_without_a_product_is_not_collected() -> None:
    with pytest.raises(n.NotCollected):
        n.assigned_skus([state(sku="")])


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        (None, False),
        ({"userSyncInbound": None}, False),
        ({"tenantId": "x", "userSyncInbound": {"isSyncAllowed": False}}, False),
        ({"UserSyncInbound": {"IsSyncAllowed": True}}, True),
    ],
)
def test_a_partner_may_synchronise_only_when_somebody_said_so(value: Any, allowed: bool) -> None:
    assert n.sync_allowed(value) is allowed


def test_a_policy_that_was_cut_to_text_is_not_collected() -> None:
    with pytest.raises(n.NotCollected):
        n.sync_allowed("@{userSyncInbound=}")
