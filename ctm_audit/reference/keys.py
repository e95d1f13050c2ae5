"""Every key of the reference files and what it may hold. What is not listed here is refused."""

from __future__ import annotations

import re
from typing import Any

from ctm_audit.project_keys import Key, Reader, Table, day, domain, flag, guid, kind_of, one_of, text

LINK = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#][^\s<>\"']*)?", re.IGNORECASE)
RULE_ID = re.compile(r"[A-Z]{2,5}(?:-[A-Z]{1,6})?-\d{2}W?")
GIGABYTE = 1024**3


def link(value: Any) -> str:
    """An https link."""
    found = text(value)
    if not LINK.fullmatch(found):
        raise ValueError(f"{found!r} is no https link")
    return found


def part_number(value: Any) -> str:
    """A part number as Microsoft prints it; one of them has no-break spaces."""
    if isinstance(value, str):
        text(value.replace("\N{NO-BREAK SPACE}", " "))
        return value
    return text(value)


def number(value: Any) -> int:
    """A whole number, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"a whole number is needed, this is {kind_of(value)}")
    if value < 0:
        raise ValueError("must not be negative")
    return value


def gigabytes(value: Any) -> int:
    """Bytes of a whole number of gigabytes."""
    return number(value) * GIGABYTE


def rule_id(value: Any) -> str:
    """The id of a rule of the product's own book."""
    found = text(value)
    if not RULE_ID.fullmatch(found):
        raise ValueError(f"{found!r} is no rule id such as STP-01")
    return found


def prefix(value: Any) -> str:
    """A text that may be empty."""
    return text(value) if value != "" else ""


def several(read: Reader) -> Reader:
    """A reader for an array of at least one value, each once."""

    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError(f"an array is needed, this is {kind_of(value)}")
        found = tuple(map(read, value))
        if not found:
            raise ValueError("needs at least one value")
        if len(set(found)) < len(found):
            raise ValueError("names something twice")
        return found

    return read_all


CONFIDENCE = Key(one_of("high", "medium", "low"))
STAMP = {"checked": Key(day), "sources": Key(several(link))}
PLAN = {"name": Key(text), "id": Key(guid), "mailbox": Key(flag), "note": Key(text, "")}
SKU = {"id": Key(guid), "part_number": Key(part_number), "product": Key(text), "plans": Key(several(text)), "note": Key(text, "")}
TRAP = {"sku": Key(guid), "kind": Key(one_of("teams", "entitlement")), "why": Key(text)}
MIGRATION = {
    "part_number": Key(text),
    "part_number_contains": Key(text),
    "sku_id": Key(guid),
    "exchange_plan": Key(text),
    "sharepoint_plan": Key(text),
    "capability": Key(text),
    "confidence": CONFIDENCE,
    "source": Key(link),
}
QUOTA = {
    "name": Key(text),
    "primary_gb": Key(gigabytes, None),
    "archive_gb": Key(gigabytes, None),
    "auto_expanding": Key(flag, None),
    "mailbox_plan": Key(text, ""),
}
CHANGE = {"plan": Key(text), "primary_gb": Key(gigabytes), "begins": Key(day), "ends": Key(day), "skus": Key(several(guid))}
OTHER_QUOTAS = (
    "archive_ceiling_gb",
    "shared_without_license_gb",
    "shared_with_plan_2_gb",
    "recoverable_items_gb",
    "recoverable_items_on_hold_gb",
)
LIMIT = {
    "name": Key(text),
    "value": Key(number),
    "unit": Key(text),
    "meaning": Key(text),
    "source": Key(link),
    "seen": Key(day),
    "confidence": CONFIDENCE,
}
CLOUD = {
    "name": Key(text),
    "authority_hosts": Key(several(domain)),
    "graph_host": Key(domain),
    "exchange_hosts": Key(several(domain)),
    "exchange_api_hosts": Key(several(domain)),
    "powershell_environment": Key(text, ""),
    "autodiscover_host": Key(domain, ""),
    "spf_include": Key(domain, ""),
    "msoid": Key(domain, ""),
    "mail_suffixes": Key(several(text), ()),
    "confidence": CONFIDENCE,
    "contradiction": Key(text, ""),
}
HOLD = {
    "prefix": Key(prefix),
    "form": Key(text),
    "meaning": Key(text),
    "retains": Key(one_of("yes", "no", "by suffix")),
    "owner": Key(text),
    "confidence": CONFIDENCE,
}
SUFFIX = {"value": Key(text), "meaning": Key(text), "retains": Key(one_of("yes", "no"))}
ERROR = {
    "name": Key(text),
    "kind": Key(one_of("exception", "text", "code", "status")),
    "route": Key(one_of("mrs", "orchestrator")),
    "documented": Key(flag),
    "meaning": Key(text),
    "rules": Key(several(rule_id), ()),
    "unforeseen": Key(text, ""),
    "source": Key(link),
    "confidence": CONFIDENCE,
}
FILES: dict[str, Table] = {
    "licenses": Table(
        {
            **STAMP,
            "plan": Table(PLAN, many=True),
            "sku": Table(SKU, many=True),
            "scrubbing": Table({"name": Key(text), "id": Key(guid)}, many=True),
            "trap": Table(TRAP, many=True),
            "migration": Table(MIGRATION),
        }
    ),
    "quotas": Table(
        {
            **STAMP,
            "confidence": CONFIDENCE,
            "plan": Table(QUOTA, many=True),
            "change": Table(CHANGE, many=True),
            "other": Table({name: Key(gigabytes) for name in OTHER_QUOTAS}),
        }
    ),
    "limits": Table({**STAMP, "limit": Table(LIMIT, many=True)}),
    "clouds": Table({**STAMP, "cloud": Table(CLOUD, many=True)}),
    "holds": Table({**STAMP, "hold": Table(HOLD, many=True), "suffix": Table(SUFFIX, many=True)}),
    "errors": Table({**STAMP, "error": Table(ERROR, many=True)}),
}
# What names an entry of an array: no two share it, and a file that replaces a bundled one keeps every one of them.
NAMED_BY: dict[tuple[str, str], str] = {
    ("licenses", "plan"): "name",
    ("licenses", "sku"): "id",
    ("licenses", "scrubbing"): "name",
    ("licenses", "trap"): "sku",
    ("quotas", "plan"): "name",
    ("limits", "limit"): "name",
    ("clouds", "cloud"): "name",
    ("holds", "hold"): "prefix",
    ("holds", "suffix"): "value",
    ("errors", "error"): "name",
}
