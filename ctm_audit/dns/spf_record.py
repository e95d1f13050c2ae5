"""An SPF record as its terms, or every fault in it (RFC 7208 sections 4.5, 4.6.1, 5, 6 and 12)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

from ctm_audit.dns.spf_macros import MacroError, check_macros

Qualifier = Literal["+", "-", "~", "?"]
Network = IPv4Network | IPv6Network
VERSION = "v=spf1"
MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
MECHANISM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)(?::(.*?))?((?:/.*)?)", re.DOTALL)
CIDR = re.compile(r"(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?")
UNPRINTABLE = re.compile(r"[^\x20-\x7e]|\\x[0-9a-f]{2}")
TOP_LABEL = re.compile(r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])")
ENDS_IN_MACRO = re.compile(r"%(?:\{[A-Za-z]\d*r?[.+,/_=-]*\}|%|_|-)$")
WITH_HOST = frozenset({"a", "mx"})
NEEDS_DOMAIN = frozenset({"include", "exists"})
LOOKS_UP = frozenset({"include", "a", "mx", "ptr", "exists"})
QUALIFIERS: dict[str, Qualifier] = {"": "+", "+": "+", "-": "-", "~": "~", "?": "?"}


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism. `domain` is '' for the domain of the record; `v4` and `v6` are prefix lengths; `network` that of ip4 and ip6."""

    qualifier: Qualifier
    name: str
    domain: str = ""
    v4: int = 32
    v6: int = 128
    network: Network | None = None

    @property
    def looks_up(self) -> bool:
        """True when it counts towards the ten lookups (RFC 7208 section 4.6.4)."""
        return self.name in LOOKS_UP


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """The terms of a record in their order; `redirect` and `exp` are '' when it has none. With `faults` it is a permerror."""

    text: str
    mechanisms: tuple[Mechanism, ...] = ()
    redirect: str = ""
    exp: str = ""
    faults: tuple[str, ...] = ()

    @property
    def all(self) -> Qualifier | None:
        """The qualifier of `all`, None when the record has none."""
        return next((one.qualifier for one in self.mechanisms if one.name == "all"), None)


def is_spf(text: str) -> bool:
    """True for a TXT record that claims to be SPF version 1 (section 4.5)."""
    return text[: len(VERSION)].casefold() == VERSION and text[len(VERSION) : len(VERSION) + 1] in ("", " ")


def parse_spf(text: str) -> SpfRecord:
    """The record, with every fault of its syntax."""
    if UNPRINTABLE.search(text):
        return SpfRecord(text, faults=("it holds a character that is not printable ASCII",))
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    faults: list[str] = []
    for term in text[len(VERSION) :].split(" "):
        try:
            if found := MODIFIER.fullmatch(term):
                _take_modifier(modifiers, found[1].casefold(), found[2])
            elif term:
                mechanisms.append(_mechanism(term))
        except (ValueError, MacroError) as reason:
            faults.append(f"{term}: {reason}")
    return SpfRecord(text, tuple(mechanisms), modifiers.get("redirect", ""), modifiers.get("exp", ""), tuple(faults))


def _take_modifier(modifiers: dict[str, str], name: str, value: str) -> None:
    if name not in ("redirect", "exp"):
        check_macros(value)
        return
    if name in modifiers:
        raise ValueError(f"there are two {name}= modifiers")
    modifiers[name] = _domain(value)


def _mechanism(term: str) -> Mechanism:
    found = MECHANISM.fullmatch(term)
    name = found[2].casefold() if found else ""
    if not found or (name not in LOOKS_UP and name not in ("all", "ip4", "ip6")):
        raise ValueError("this is no mechanism")
    qualifier, value, length = QUALIFIERS[found[1]], found[3], found[4]
    if name in ("ip4", "ip6"):
        return Mechanism(qualifier, name, network=_network(name, f"{value or ''}{length}"))
    if name == "all":
        if value is not None or length:
            raise ValueError("all takes nothing behind it")
        return Mechanism(qualifier, name)
    return _with_domain(qualifier, name, value, length)


def _with_domain(qualifier: Qualifier, name: str, value: str | None, length: str) -> Mechanism:
    if name not in WITH_HOST:
        value, length = (None if value is None else value + length), "" if value is not None else length
    if value is None and name in NEEDS_DOMAIN:
        raise ValueError("a domain is missing")
    v4, v6 = 32, 128
    if name in WITH_HOST:
        value, length = _macro_slash(value, length)
        v4, v6 = _lengths(length)
    elif length:
        raise ValueError(f"{length} has no place here")
    return Mechanism(qualifier, name, "" if value is None else _domain(value), v4, v6)


def _macro_slash(value: str | None, length: str) -> tuple[str | None, str]:
    """Domain and lengths apart: a slash inside a macro (`%{d/}`) belongs to the domain."""
    whole = None if value is None else value + length
    if whole is None:
        return None, length
    end = re.search(r"(/\d+)?(//\d+)?$", whole)
    assert end
    return whole[: end.start()], whole[end.start() :]


def _lengths(text: str) -> tuple[int, int]:
    found = CIDR.fullmatch(text)
    v4, v6 = (int(found[1] or 32), int(found[2] or 128)) if found else (99, 999)
    if found and found[1] == "0":
        v4 = 0
    if found and found[2] == "0":
        v6 = 0
    if v4 > 32 or v6 > 128:
        raise ValueError(f"{text} is no prefix length")
    return v4, v6


def _network(name: str, text: str) -> Network:
    address, slash, length = text.partition("/")
    if slash and not re.fullmatch(r"0|[1-9]\d{0,2}", length):
        raise ValueError(f"/{length} is no prefix length")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text or 'nothing'} is no network") from None
    if network.version != int(name[2]) or "%" in address:
        raise ValueError(f"{text} is no IPv{name[2]} network")
    return network


def _domain(text: str) -> str:
    """The domain-spec as it stands. ValueError when it does not end in a top label or a macro."""
    if not text:
        raise ValueError("the domain is empty")
    check_macros(text)
    if ENDS_IN_MACRO.search(text):
        return text
    *above, top = text.removesuffix(".").split(".")
    if not above or not TOP_LABEL.fullmatch(top) or top.isdigit():
        raise ValueError(f"{text} is no domain")
    return text
