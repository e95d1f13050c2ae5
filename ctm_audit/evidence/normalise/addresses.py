"""Addresses and UPNs: schemes, SMTP and X500 addresses, domains."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ctm_audit.evidence.joined import SEPARATOR, split_addresses
from ctm_audit.evidence.normalise.lists import members_of
from ctm_audit.evidence.normalise.secrets import shortened
from ctm_audit.evidence.normalise.values import REMEMBERED, NotCollected, text

ADDRESS_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9]*")
JOINED_ADDRESSES = re.compile(r"[\s,;|](smtp|x500|x400|sip|spo|eum):", re.IGNORECASE)
HOST = re.compile(r"https?://([a-z0-9.-]+)(?:[:/?#]|$)")
SPREADSHEET_NUMBER = re.compile(r"\d[.,]\d+E\+\d+")


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


def host_of(value: Any) -> str:
    """The folded host of a URI; absent is ''."""
    raw = text(value).strip().casefold()
    found = HOST.match(raw)
    if raw and not found:
        raise ValueError(f"{shortened(raw)} is not a URI")
    return found[1] if found else ""


def smtp(value: Any) -> list[str]:
    """The folded SMTP addresses of an EmailAddresses list, in order."""
    return [found.strip().casefold() for scheme, found in _proxies(value) if scheme == "smtp"]


def x500(value: Any) -> list[str]:
    """The folded X500 addresses of an EmailAddresses list, in order, blanks untouched."""
    return [found.casefold() for scheme, found in _proxies(value) if scheme == "x500"]


def x400(value: Any) -> list[str]:
    """The folded X400 addresses of an EmailAddresses list, in order, blanks untouched."""
    return [found.casefold() for scheme, found in _proxies(value) if scheme == "x400"]


def sip_domains(value: Any) -> list[str]:
    """The folded domains of the SIP addresses of an EmailAddresses list, each once, sorted."""
    return sorted({found.strip().rpartition("@")[2].casefold() for scheme, found in _proxies(value) if scheme == "sip"})


def address_count(value: Any) -> int:
    """How many addresses of any type an EmailAddresses list holds."""
    return len(_proxies(value))


def _proxies(value: Any) -> list[tuple[str, str]]:
    """The addresses of a list, split. A joined text is taken apart where that can be done in one way only, else it was not collected."""
    members = members_of(split_addresses(value) or value if isinstance(value, str) else value)
    return [_proxy(member) for member in members]


@lru_cache(REMEMBERED)
def _proxy(member: str) -> tuple[str, str]:
    """One address, split; remembered, because several columns read the same list."""
    scheme, rest = split_address(member.lstrip())
    if member.count(":") > 1 and JOINED_ADDRESSES.search(member):
        raise NotCollected(f"{shortened(member)} holds several addresses in one text, and there is no sure way to take them apart")
    if scheme == "smtp" and (":" in rest or SEPARATOR.search(rest.strip())):
        raise NotCollected(f"{shortened(member)} may be several addresses joined in one text")
    return scheme, rest
