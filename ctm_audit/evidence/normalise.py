"""How one exported value becomes one column value.

Every function takes what a reader found (JSON or CSV types) and returns the column's value. A value that was
flattened or cut by the export raises `NotCollected`; a value that makes no sense raises `ValueError`.
What is absent but known to be absent becomes the column's none-value ('' or [] or False or 0).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
FLATTENED = re.compile(r"(System\.|Microsoft\.|Deserialized\.)[\w.]+(`\d+)?(\[.*\])?|@\{.*\}", re.DOTALL)
GUID = re.compile(r"[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[})]?")
BYTES_IN_BRACKETS = re.compile(r"\(\s*([\d.,'’\s\u00a0\u202f]+?)\s*bytes\s*\)", re.IGNORECASE)
JSON_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
ADDRESS_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
TRUE_FALSE = {"true": True, "false": False, "$true": True, "$false": False}

Normaliser = Callable[[Any], Any]


class NotCollected(Exception):
    """The export flattened or cut the value, so it was not collected."""


def text(value: Any) -> str:
    """The text as it stands; absent is ''."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    if not isinstance(value, str):
        raise NotCollected(f"an object stands where text is meant ({type(value).__name__})")
    if FLATTENED.fullmatch(value):
        raise NotCollected(f"the export wrote the type name {value[:60]!r} instead of the value")
    return value


def fold(value: Any) -> str:
    """The text in folded case, for comparing names, domains and addresses."""
    return text(value).casefold()


def key(value: Any) -> str:
    """Folded text without surrounding blanks, for names that people look up."""
    return fold(value).strip()


def guid(value: Any) -> str:
    """The GUID in lower case with dashes; null, empty and the zero GUID are ''."""
    raw = text(value).strip().lower()
    if not raw:
        return ""
    found = GUID.fullmatch(raw)
    if not found:
        raise ValueError(f"{raw[:60]!r} is not a GUID")
    plain = "-".join(found.groups())
    return "" if plain == ZERO_GUID else plain


def flag(value: Any) -> bool:
    """A switch that Exchange always prints; absent or empty is not collected."""
    if value is None or value == "":
        raise NotCollected("the switch is empty")
    if isinstance(value, bool):
        return value
    known = TRUE_FALSE.get(text(value).strip().lower())
    if known is None:
        raise ValueError(f"{value!r} is neither true nor false")
    return known


def flag_or_false(value: Any) -> bool:
    """A switch for which null means false, as in Graph's onPremisesSyncEnabled."""
    return False if value is None or value == "" else flag(value)


def integer(value: Any) -> int:
    """A whole number; absent is not collected."""
    if value is None or value == "":
        raise NotCollected("the number is empty")
    try:
        return int(text(value))
    except ValueError:
        raise ValueError(f"{value!r} is not a whole number") from None


def is_limited(value: Any) -> bool:
    """False when a size says Unlimited; absent is not collected."""
    return _size_text(value).strip().lower() != "unlimited"


def size(value: Any) -> int:
    """Bytes, from the exact count in brackets; Unlimited is 0 (see `is_limited`).

    The rounded figure before the brackets is never used: https://learn.microsoft.com/powershell/module/exchange/get-mailboxstatistics
    """
    raw = _size_text(value)
    if raw.strip().lower() == "unlimited":
        return 0
    found = BYTES_IN_BRACKETS.search(raw)
    digits = re.sub(r"\D", "", found.group(1)) if found else raw.strip()
    if not digits.isdecimal():
        raise ValueError(f"{raw[:60]!r} has no byte count in brackets")
    return int(digits)


def _size_text(value: Any) -> str:
    if isinstance(value, dict):
        members = {name.casefold(): member for name, member in value.items()}
        if members.get("isunlimited") is True:
            return "Unlimited"
        value = members.get("value")
    if value is None or value == "":
        raise NotCollected("the size is empty")
    return text(value)


def has_time(value: Any) -> bool:
    """True when a point in time is given; absent is False."""
    return value is not None and value != ""


def time(value: Any) -> datetime:
    """Naive UTC; absent is 1970-01-01 (see `has_time`). A time without zone is UTC, as Exchange Online treats it."""
    if not has_time(value):
        return datetime(1970, 1, 1)
    raw = text(value).strip()
    found = JSON_DATE.fullmatch(raw)
    if found:
        return datetime(1970, 1, 1) + timedelta(milliseconds=int(found.group(1)))
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise ValueError(f"{raw[:60]!r} is not an ISO time") from None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def texts(value: Any) -> list[str]:
    """A list of texts; a lone value is a list of one. JSON null is not collected: Exchange prints [] for none."""
    if value is None:
        raise NotCollected("the list is null")
    members = value if isinstance(value, list) else [value]
    return [text(member) for member in members if member not in (None, "")]


def folds(value: Any) -> list[str]:
    """A list of folded texts, in the order given."""
    return [member.casefold() for member in texts(value)]


def words(value: Any) -> list[str]:
    """A set of names that may come as a list or as 'Inbound, RemoteOutbound', folded and sorted."""
    if value is None:
        raise NotCollected("the set is null")
    members = texts(value)
    return sorted({word.strip().casefold() for member in members for word in member.split(",") if word.strip()})


def split_address(proxy: str) -> tuple[str, str]:
    """Scheme in lower case and value, split at the first colon; a value without a scheme is SMTP."""
    scheme, colon, value = proxy.partition(":")
    if colon and ADDRESS_TYPE.fullmatch(scheme):
        return scheme.lower(), value
    return "smtp", proxy


def address(value: Any) -> str:
    """One SMTP address, folded, without its scheme; absent is ''."""
    return split_address(text(value).strip())[1].casefold()


def domain_of(value: Any) -> str:
    """The folded text after the last @ of an address or UPN; '' when there is none."""
    local, at, domain = address(value).rpartition("@")
    return domain if at and local else ""


def smtp(value: Any) -> list[str]:
    """The folded SMTP addresses of an EmailAddresses list, in order."""
    return _values_of("smtp", value)


def x500(value: Any) -> list[str]:
    """The folded X500 addresses of an EmailAddresses list, in order, inner blanks untouched."""
    return _values_of("x500", value)


def _values_of(scheme: str, value: Any) -> list[str]:
    return [found.casefold() for kind, found in map(split_address, texts(value)) if kind == scheme]


def aux_archives(value: Any) -> int:
    """How many auxiliary archives a MailboxLocations list names."""
    return sum("auxarchive" in location.casefold() for location in texts(value))


def plans_with(*statuses: str) -> Normaliser:
    """A normaliser for Graph's servicePlans: the plan names whose provisioningStatus is one of `statuses`."""

    def plans(value: Any) -> list[str]:
        return sorted({name for name, status in _service_plans(value) if status in statuses})

    return plans


def plans_without(*statuses: str) -> Normaliser:
    """Like `plans_with`, for every other status, so that a status nobody has heard of is not overlooked."""

    def plans(value: Any) -> list[str]:
        return sorted({name for name, status in _service_plans(value) if status not in statuses})

    return plans


def plan_names(value: Any) -> list[str]:
    """All service plan names of a SKU."""
    return sorted({name for name, _ in _service_plans(value)})


def _service_plans(value: Any) -> list[tuple[str, str]]:
    if value is None:
        raise NotCollected("the list of service plans is null")
    members = value if isinstance(value, list) else [value]
    found = []
    for member in members:
        if not isinstance(member, dict):
            raise NotCollected("a service plan was cut to text by the export")
        plan = {name.casefold(): part for name, part in member.items()}
        status = text(plan.get("provisioningstatus")).casefold()
        found += [(name.upper(), status) for name in text(plan.get("serviceplanname")).split()]
    return found


def units(state: str) -> Normaliser:
    """A normaliser for Graph's prepaidUnits: the number of units in `state` ('enabled', 'warning', 'suspended')."""

    def count(value: Any) -> int:
        if not isinstance(value, dict):
            raise NotCollected("prepaidUnits was cut to text by the export")
        return integer({name.casefold(): part for name, part in value.items()}.get(state))

    return count
