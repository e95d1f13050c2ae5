"""Service plans and units of a license, as Microsoft Graph writes them."""

from __future__ import annotations

from typing import Any

from ctm_audit.evidence.joined import PLAN_NAME, split_tokens
from ctm_audit.evidence.normalise.quantities import integer
from ctm_audit.evidence.normalise.values import Normaliser, NotCollected, by_folded_name, text


def plans_with(*statuses: str) -> Normaliser:
    """A normaliser for Graph's servicePlans: the plan names whose provisioningStatus is one of `statuses`."""

    def plans(value: Any) -> list[str]:
        return sorted({_plan_name(plan) for plan in _service_plans(value) if _plan_status(plan) in statuses})

    return plans


def plans_without(*statuses: str) -> Normaliser:
    """Like `plans_with`, for every other status, so that a status nobody has heard of is not overlooked."""

    def plans(value: Any) -> list[str]:
        return sorted({_plan_name(plan) for plan in _service_plans(value) if _plan_status(plan) not in statuses})

    return plans


def plan_names(value: Any) -> list[str]:
    """All service plan names of a SKU; also of a text that joins nothing but such names."""
    joined = split_tokens(value.strip(), PLAN_NAME) if isinstance(value, str) else None
    if joined and any("_" in name for name in joined):  # a word alone, such as NONE, may be something else
        return sorted({name.upper() for name in joined})
    return sorted({_plan_name(plan) for plan in _service_plans(value)})


def _service_plans(value: Any) -> list[dict[str, Any]]:
    if value is None or value == "":
        raise NotCollected("the list of service plans is empty text or null")
    members = value if isinstance(value, list) else [value]
    if not all(isinstance(member, dict) for member in members):
        raise NotCollected("a service plan was cut to text by the export")
    return [by_folded_name(member) for member in members]


def _plan_name(plan: dict[str, Any]) -> str:
    return _plan_part(plan, "serviceplanname").upper()


def _plan_status(plan: dict[str, Any]) -> str:
    return _plan_part(plan, "provisioningstatus").casefold()


def _plan_part(plan: dict[str, Any], name: str) -> str:
    part = text(plan.get(name)).strip()
    if not part:
        raise NotCollected(f"a service plan has no {name}")
    return part


def units(state: str) -> Normaliser:
    """A normaliser for Graph's prepaidUnits: the number of units in `state` ('enabled', 'warning', 'suspended')."""

    def count(value: Any) -> int:
        if not isinstance(value, dict):
            raise NotCollected("prepaidUnits was cut to text by the export")
        return integer(by_folded_name(value).get(state))

    return count
