"""Facts of an account of Entra ID: who vouches for it, and which licenses were assigned to it how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ctm_audit.evidence.normalise.values import NotCollected, by_folded_name, flag, guid, key


def flag_or_never(value: Any) -> bool:
    """A switch that is null where it was never set, such as onPremisesSyncEnabled of accounts that were never synchronised."""
    return False if value is None or value == "" else flag(value)


def issuers(value: Any) -> list[str]:
    """Who vouches for the account, folded and sorted: a domain of the tenant, or somebody else such as externalazuread."""
    return sorted({key(found.get("issuer")) for found in _members(value, "identities")} - {""})


def assigned_skus(value: Any) -> list[str]:
    """The ids of the SKUs of licenseAssignmentStates, in whatever state."""
    return sorted({_sku(state) for state in _members(value, "licenseAssignmentStates")})


def group_skus(value: Any) -> list[str]:
    """The ids of the SKUs that a group assigns, in whatever state: what failed today is assigned once a seat is free."""
    return sorted({_sku(state) for state in _members(value, "licenseAssignmentStates") if guid(state.get("assignedbygroup"))})


def failed_licenses(value: Any) -> list[str]:
    """Every assignment in another state than Active, as `sku state error`.

    https://learn.microsoft.com/graph/api/resources/licenseassignmentstate
    """
    found = ((_sku(state), key(state.get("state")), key(state.get("error"))) for state in _members(value, "licenseAssignmentStates"))
    return sorted({" ".join(word for word in words if word not in ("", "none")) for words in found if words[1] != "active"})


def sync_allowed(value: Any) -> bool:
    """True when a partner may synchronise users into this tenant; null means that nobody has ever set it, which forbids it.

    https://learn.microsoft.com/graph/api/resources/crosstenantidentitysyncpolicypartner
    """
    if value is None or value == "":
        return False
    inbound = by_folded_name(_object(value)).get("usersyncinbound")
    return False if inbound is None else flag_or_never(by_folded_name(_object(inbound)).get("issyncallowed"))


def _sku(state: dict[str, Any]) -> str:
    found = guid(state.get("skuid"))
    if not found:
        raise NotCollected("a license assignment has no skuId")
    return found


def _members(value: Any, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list by folded names; a list that is not there was not asked for."""
    if value is None or value == "":
        raise NotCollected(f"{name} is null")
    members = value if isinstance(value, list) else [value]
    return (by_folded_name(_object(member)) for member in members)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotCollected("an object was cut to text by the export")
    return value
