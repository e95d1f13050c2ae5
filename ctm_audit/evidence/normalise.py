"""How one exported value becomes one column value.

Every function takes what a reader found (JSON or CSV types) and returns the column's value. A value that was
flattened, cut or never fetched raises `NotCollected`; a value that makes no sense raises `ValueError`; nothing else is raised.
What is absent but known to be absent becomes the column's none-value ('' or [] or False or 0).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ctm_audit.evidence.joined import DOMAIN_OR_ID, HOLD_ID, PLAN_NAME, SEPARATOR, split_addresses, split_tokens

ZERO_GUID = "00000000-0000-0000-0000-000000000000"
FLATTENED = re.compile(r"(System\.|Microsoft\.|Deserialized\.)[\w.+`]+(\[.*\])?|@\{.*\}", re.DOTALL)
GUID = re.compile(r"[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[})]?")
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
BYTES_IN_BRACKETS = re.compile(r"\(([\d.,'’\s]+)bytes\s*\)", re.IGNORECASE | re.ASCII)
ODD_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " "})
LONGEST_SIZE = 100
LARGEST = 2**63 - 1
JSON_DATE = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/", re.ASCII)
EPOCH = datetime(1970, 1, 1)
ADDRESS_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
JOINED_ADDRESSES = re.compile(r"[\s,;|](smtp|x500|x400|sip|spo|eum):", re.IGNORECASE)
SECRET_HINTS = (
    "eyJ",
    "Q~",
    "PRIVATE KEY",
    "earer ",
    "asswor",
    "ASSWOR",
    "pwd",
    "Pwd",
    "PWD",
    "ecret",
    "ECRET",
    "haredAccess",
    "AccountKey",
)
SECRET = re.compile(
    r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}|\w{3}\dQ~[\w~.-]{20,}|PRIVATE KEY-----|[Bb]earer +[\w~+/.-]{16,}"
    r"|(?i:password|pwd|secret|sharedaccesskey|sharedaccesssignature|accountkey)\s*[=:]\s*\S"
)
SPREADSHEET_NUMBER = re.compile(r"\d[.,]\d+E\+\d+")
TRUE_FALSE = {"true": True, "false": False, "$true": True, "$false": False}

Normaliser = Callable[[Any], Any]


class NotCollected(Exception):
    """The export flattened, cut or never fetched the value, so it was not collected."""


def is_secret(value: str) -> bool:
    """True when the text holds what looks like a password, a client secret, a token or a private key: it must never be kept or shown."""
    return any(map(value.__contains__, SECRET_HINTS)) and bool(SECRET.search(value))


def shortened(value: object, length: int = 60) -> str:
    """The value in about `length` characters that are safe to print; lists and objects only by their kind, secrets not at all."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, str) and is_secret(value):
        return "a text that looks like a secret"
    literal = repr(value[: length + 1] if isinstance(value, str) else value)
    return literal if len(literal) <= length + 2 else f"{literal[:length]}…"


def text(value: Any) -> str:
    """The text as it stands; absent is ''. A number is no text: `ConvertTo-Json` writes enumerations as numbers."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise NotCollected(f"text is meant, but the export holds {shortened(value)}")
    if FLATTENED.fullmatch(value):
        raise NotCollected(f"the export wrote {shortened(value)} instead of the value")
    if is_secret(value):
        raise NotCollected("a value looks like a secret, so it was not kept")
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
        raise ValueError(f"{shortened(raw)} is not a GUID")
    plain = "-".join(found.groups())
    return "" if plain == ZERO_GUID else plain


def flag(value: Any) -> bool:
    """A switch that Exchange always prints; absent or empty is not collected."""
    if isinstance(value, bool):
        return value
    raw = text(value).strip().lower()
    if not raw:
        raise NotCollected("the switch is empty")
    if raw not in TRUE_FALSE:
        raise ValueError(f"{shortened(value)} is neither true nor false")
    return TRUE_FALSE[raw]


def integer(value: Any) -> int:
    """A whole number of at most 64 bits; absent is not collected."""
    if value is None or value == "":
        raise NotCollected("the number is empty")
    if isinstance(value, str) and WHOLE_NUMBER.fullmatch(text(value).strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError(f"{shortened(value)} is not a whole number")
    return value


def is_limited(value: Any) -> bool:
    """False when a size says Unlimited; absent is not collected."""
    return _size_text(value).lower() != "unlimited"


def size(value: Any) -> int:
    """Bytes, from the exact count in brackets; Unlimited is 0 (see `is_limited`).

    The rounded figure before the brackets is never used: https://learn.microsoft.com/powershell/module/exchange/get-mailboxstatistics
    """
    raw = _size_text(value)
    if raw.lower() == "unlimited":
        return 0
    found = BYTES_IN_BRACKETS.search(raw) if len(raw) <= LONGEST_SIZE else None
    digits = re.sub(r"\D", "", found.group(1)) if found else raw
    if not WHOLE_NUMBER.fullmatch(digits) or not 0 <= int(digits) <= LARGEST:
        raise ValueError(f"{shortened(raw)} has no byte count in brackets")
    return int(digits)


def _size_text(value: Any) -> str:
    """The size as text without outer blanks; a size may come as an object with the members IsUnlimited and Value."""
    if isinstance(value, dict):
        members = _folded(value)
        value = "Unlimited" if members.get("isunlimited") is True else members.get("value")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) <= LARGEST else "a number beyond 64 bits"
    raw = text(value).translate(ODD_BLANKS).strip()
    if not raw:
        raise NotCollected("the size is empty")
    return raw


def has_time(value: Any) -> bool:
    """True when a point in time is given; absent is False."""
    return bool(text(value).strip())


def time(value: Any) -> datetime:
    """Naive UTC; absent is 1970-01-01 (see `has_time`). A time without zone is UTC, as Exchange Online treats it."""
    raw = text(value).strip()
    if not raw:
        return EPOCH
    try:
        found = JSON_DATE.fullmatch(raw)
        if found:
            return EPOCH + timedelta(milliseconds=int(found.group(1)))
        moment = datetime.fromisoformat(raw)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise ValueError(f"{shortened(raw)} is not an ISO time") from None


def texts(value: Any) -> list[str]:
    """A list of texts; a lone value is a list of one.

    Null and '' are not collected: Exchange prints [] for none. A lone text with a separator in it may be several
    values that the export joined, so it was not collected either.
    """
    if isinstance(value, str) and SEPARATOR.search(value.strip()):
        raise NotCollected(f"{shortened(value)} may be several values joined in one text")
    return _members(value)


def _members(value: Any) -> list[str]:
    """The texts of a list, empty ones left out. Windows PowerShell 5.1 may wrap a list: {"value": [...], "Count": 2}."""
    if isinstance(value, dict):
        value = _unwrapped(value)
    if value is None or value == "":
        raise NotCollected("the list is empty text or null")
    if isinstance(value, str) and value.startswith("{"):
        raise NotCollected(f"{shortened(value)} is a list as a console shows it")
    members = value if isinstance(value, list) else [value]
    if None in members:
        raise NotCollected("the list holds a null")
    return [found for found in map(text, members) if found]


def _unwrapped(value: dict[str, Any]) -> list[Any]:
    members = _folded(value)
    found = members.get("value")
    if members.keys() != {"value", "count"} or not isinstance(found, list) or members["count"] != len(found):
        raise NotCollected("an object stands where a list is meant")
    return found


def folds(value: Any) -> list[str]:
    """A list of folded texts, in the order given."""
    return [member.casefold() for member in texts(value)]


def listed(token: re.Pattern[str]) -> Normaliser:
    """A normaliser like `folds` that also takes a joined text apart when every piece of it is such a token."""

    def tokens(value: Any) -> list[str]:
        if isinstance(value, str) and SEPARATOR.search(value.strip()):
            pieces = split_tokens(value.strip(), token)
            return folds(pieces if pieces is not None else value)
        return folds(value)

    return tokens


domains_or_ids = listed(DOMAIN_OR_ID)
hold_ids = listed(HOLD_ID)


def words(value: Any) -> list[str]:
    """A set of names that may come as a list or as 'Inbound, RemoteOutbound', folded and sorted."""
    return sorted({word.casefold() for member in _members(value) for word in SEPARATOR.split(member) if word})


def split_address(proxy: str) -> tuple[str, str]:
    """Scheme in lower case and value, split at the first colon; a value without a scheme is SMTP."""
    scheme, colon, value = proxy.partition(":")
    if colon and ADDRESS_TYPE.fullmatch(scheme):
        return scheme.lower(), value
    return "smtp", proxy


def address(value: Any) -> str:
    """One SMTP address, folded, without its scheme; absent is ''."""
    if SPREADSHEET_NUMBER.fullmatch(text(value)):
        raise ValueError(f"{shortened(value)} is a number as a spreadsheet writes it")
    return split_address(text(value).strip())[1].strip().casefold()


def domain_of(value: Any) -> str:
    """The folded text after the last @ of an address or UPN; '' when there is none."""
    local, at, domain = address(value).rpartition("@")
    return domain if at and local else ""


def smtp(value: Any) -> list[str]:
    """The folded SMTP addresses of an EmailAddresses list, in order."""
    return [found.strip().casefold() for scheme, found in _proxies(value) if scheme == "smtp"]


def x500(value: Any) -> list[str]:
    """The folded X500 addresses of an EmailAddresses list, in order, blanks untouched."""
    return [found.casefold() for scheme, found in _proxies(value) if scheme == "x500"]


def _proxies(value: Any) -> list[tuple[str, str]]:
    """The addresses of a list, split. A joined text is taken apart where that can be done in one way only, else it was not collected."""
    members = _members(split_addresses(value) or value if isinstance(value, str) else value)
    found = [split_address(member.lstrip()) for member in members]
    for member, (scheme, rest) in zip(members, found, strict=True):
        if member.count(":") > 1 and JOINED_ADDRESSES.search(member):
            raise NotCollected(f"{shortened(member)} holds several addresses in one text, and there is no sure way to take them apart")
        if scheme == "smtp" and (":" in rest or SEPARATOR.search(rest.strip())):
            raise NotCollected(f"{shortened(member)} may be several addresses joined in one text")
    return found


def aux_archives(value: Any) -> int:
    """How many auxiliary archives a MailboxLocations list names, also when the export joined the list."""
    return sum(location.casefold().count("auxarchive") for location in _members(value))


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
    return [_folded(member) for member in members]


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
        return integer(_folded(value).get(state))

    return count


def _folded(members: dict[str, Any]) -> dict[str, Any]:
    """The members of an object by their names in folded case; property names match without letter case."""
    found = {name.casefold(): member for name, member in members.items()}
    if len(found) != len(members):
        raise NotCollected("an object has two members whose names differ only in letter case")
    return found
