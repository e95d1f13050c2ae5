"""What Graph and Exchange print of DNS records."""

from __future__ import annotations

from typing import Any

from ctm_audit.evidence.normalise.quantities import integer
from ctm_audit.evidence.normalise.secrets import shortened
from ctm_audit.evidence.normalise.values import NotCollected, key

KINDS = ("mx", "txt", "cname", "srv", "unavailable")


def record_kind(value: Any) -> str:
    """The kind of a domainDnsRecord, told by its type, which comes with and without `#`: mx, txt, cname, srv or unavailable."""
    raw = key(value)
    if not raw:
        raise NotCollected("the type of the record is empty")
    found = raw.rpartition(".")[2].removeprefix("domaindns").removesuffix("record")
    if found not in KINDS:
        raise ValueError(f"{shortened(raw)} is not a kind of DNS record")
    return found


def host(value: Any) -> str:
    """A host name in folded case without a final dot; absent is ''."""
    return key(value).removesuffix(".")


def number_or_zero(value: Any) -> int:
    """A whole number; absent is 0, and the kind of the record says that there is none."""
    return 0 if value is None or value == "" else integer(value)
