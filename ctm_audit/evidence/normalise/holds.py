"""The log of holds that Exchange keeps in a mailbox."""

from __future__ import annotations

import json
from typing import Any

from ctm_audit.evidence.normalise.secrets import shortened
from ctm_audit.evidence.normalise.values import NotCollected, text

ORGANIZATION_RETENTION = 4
NEVER = ("0001-01-01", "/Date(-62135596800000")


def tracked_holds(value: Any) -> list[str]:
    """The retention policies that a HoldTracking log calls active, folded and sorted: `mbx` ids of type 4 without an end.

    https://learn.microsoft.com/purview/ediscovery-identify-a-hold-on-an-exchange-online-mailbox
    """
    raw = text(value).strip()
    if not raw:
        raise NotCollected("the log is empty")
    try:
        entries = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError(f"{shortened(raw)} is no log of holds") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"{shortened(raw)} is no log of holds")
    ids = {str(entry.get("hid")).casefold() for entry in entries if entry.get("ht") == ORGANIZATION_RETENTION and _is_active(entry)}
    return sorted(found for found in ids if found.startswith("mbx"))


def _is_active(entry: dict[str, Any]) -> bool:
    end = str(entry.get("ed") or "").strip()
    return not end or end.startswith(NEVER)
