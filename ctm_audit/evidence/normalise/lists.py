"""Lists of texts and names, also where an export joined them."""

from __future__ import annotations

import re
from typing import Any

from ctm_audit.evidence.joined import DOMAIN_OR_ID, HOLD_ID, SEPARATOR, split_tokens
from ctm_audit.evidence.normalise.secrets import shortened
from ctm_audit.evidence.normalise.values import Normaliser, NotCollected, by_folded_name, text


def members_of(value: Any) -> list[str]:
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
    members = by_folded_name(value)
    found = members.get("value")
    if members.keys() != {"value", "count"} or not isinstance(found, list) or members["count"] != len(found):
        raise NotCollected("an object stands where a list is meant")
    return found


def texts(value: Any) -> list[str]:
    """A list of texts; a lone value is a list of one.

    Null and '' are not collected: Exchange prints [] for none. A lone text with a separator in it may be several
    values that the export joined, so it was not collected either.
    """
    if isinstance(value, str) and SEPARATOR.search(value.strip()):
        raise NotCollected(f"{shortened(value)} may be several values joined in one text")
    return members_of(value)


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


def or_none(read: Normaliser) -> Normaliser:
    """The normaliser of a list of which Exchange prints null, and not [], when it is empty."""
    return lambda value: read([] if value is None or value == "" else value)


domains_or_ids = listed(DOMAIN_OR_ID)
domains_or_none = or_none(domains_or_ids)
hold_ids = listed(HOLD_ID)


def has_members(value: Any) -> bool:
    """True when a list has members, whatever they are; null and '' are not collected."""
    return bool(members_of(value))


def words(value: Any) -> list[str]:
    """A set of names that may come as a list or as 'Inbound, RemoteOutbound', folded and sorted."""
    return sorted({word.casefold() for member in members_of(value) for word in SEPARATOR.split(member) if word})


def rights(value: Any) -> str:
    """The access rights of one entry, folded, sorted and joined by commas; an entry without any is not collected."""
    found = words(value)
    if not found:
        raise NotCollected("the entry names no right")
    return ", ".join(found)


def aux_archives(value: Any) -> int:
    """How many auxiliary archives a MailboxLocations list names, also when the export joined the list."""
    return sum(location.casefold().count("auxarchive") for location in members_of(value))
