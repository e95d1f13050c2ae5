"""One number, size or point in time; each that may be absent has a switch beside it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from ctm_audit.evidence.normalise.secrets import shortened
from ctm_audit.evidence.normalise.values import REMEMBERED, NotCollected, by_folded_name, text

WHOLE_NUMBER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
BYTES_IN_BRACKETS = re.compile(r"\(([\d.,'’\s]+)bytes\s*\)", re.IGNORECASE | re.ASCII)
ODD_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " "})
LONGEST_SIZE = 100
LARGEST = 2**63 - 1
JSON_DATE = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/", re.ASCII)
EPOCH = datetime(1970, 1, 1)


def integer(value: Any) -> int:
    """A whole number of at most 64 bits; absent is not collected."""
    if value is None or value == "":
        raise NotCollected("the number is empty")
    if isinstance(value, str) and WHOLE_NUMBER.fullmatch(text(value).strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError(f"{shortened(value)} is not a whole number")
    return value


def at_most(value: Any) -> int:
    """A whole number; Unlimited is the largest one."""
    return LARGEST if isinstance(value, str) and value.strip().lower() == "unlimited" else integer(value)


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
        members = by_folded_name(value)
        value = "Unlimited" if members.get("isunlimited") is True else members.get("value")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) <= LARGEST else "a number beyond 64 bits"
    raw = _without_odd_blanks(text(value))
    if not raw:
        raise NotCollected("the size is empty")
    return raw


@lru_cache(REMEMBERED)
def _without_odd_blanks(raw: str) -> str:
    return raw.translate(ODD_BLANKS).strip()


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
