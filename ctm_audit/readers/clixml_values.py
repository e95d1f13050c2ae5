"""What the elements of Export-Clixml stand for.

https://learn.microsoft.com/openspecs/windows_protocols/ms-psrp/ (2.2.5, serialization of objects)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NOT_KEPT = "@{a value that the export does not hold}"  # looks like a flattened object, so the normalisers refuse it
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
SURROGATE = re.compile("[\ud800-\udfff]")
LISTS = frozenset({"LST", "IE", "STK", "QUE"})
MEMBERS = frozenset({"Props", "MS"})
SECTIONS = LISTS | MEMBERS | {"DCT"}
SHOWN_TYPES = re.compile(r"(Deserialized\.)?(Microsoft\.Exchange\.|System\.(?!Management\.Automation\.PS|Object$|Collections\.))")


def unescaped(text: str) -> str:
    """The text with `_x000A_` and the like replaced by their characters; a character beyond 16 bits comes as two of them."""
    if "_x" not in text:
        return text
    plain = ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass") if SURROGATE.search(plain) else plain


def _flag(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text, text)


def _whole(text: str) -> int | str:
    """The number; what is none, or has thousands of digits, stays text for the normalisers to name."""
    try:
        return int(text)
    except ValueError:
        return text


PRIMITIVES: dict[str, Callable[[str], Any]] = {
    "S": unescaped,
    "Nil": lambda _: None,
    "B": _flag,
    **dict.fromkeys(("I16", "I32", "I64", "U16", "U32", "U64", "By", "SB"), _whole),
    **dict.fromkeys(("G", "DT", "TS", "Db", "Sg", "D", "BA", "C"), str),
    **dict.fromkeys(("URI", "Version", "XD", "SBK"), unescaped),
    **dict.fromkeys(("SS", "PR"), lambda _: NOT_KEPT),  # a secret, and the progress of the export
}


@dataclass(frozen=True, slots=True)
class TypeMarks:
    """What matters of an object's types: an enumeration's text is its name; a size, an address or an id inside an object is its text."""

    is_enum: bool = False
    is_shown: bool = False


UNMARKED = TypeMarks()


def marks_of(types: Sequence[str] | None) -> TypeMarks:
    """The marks of an object whose type and base types have these names."""
    is_enum = any(name in ("System.Enum", "Deserialized.System.Enum") for name in types or ())
    return TypeMarks(is_enum, bool(types and SHOWN_TYPES.match(types[0])))


class Open:
    """An object that is being read: its members, its list or its own value so far."""

    __slots__ = ("_key", "_list", "_members", "_own", "marks", "name", "ref", "section", "shown", "type_ref", "types")

    def __init__(self, name: str, ref: str) -> None:
        self.name = name
        self.ref = ref
        self.section = ""
        self.shown: str | None = None
        self.types: list[str] | None = None
        self.type_ref = ""
        self.marks = UNMARKED
        self._members: dict[str, Any] | None = None
        self._list: list[Any] | None = None
        self._own: Any = NOT_KEPT
        self._key: Any = None

    def begin(self, section: str) -> None:
        """A section begins: of members, of a list, of a dictionary."""
        self.section = section
        if section in LISTS:
            self._list = self._list or []
        else:
            self._members = self._members or {}

    def put(self, name: str, value: Any) -> str:
        """Take a value of the section that is open, without one as the object's own; gives the name when it was taken already."""
        section = self.section
        if section in MEMBERS and self._members is not None:
            doubled = name if name in self._members else ""
            self._members[name] = value
            return doubled
        if self.section == "DCT" and self._members is not None:
            return self._put_in_dictionary(name, value)
        if self.section and self._list is not None:
            self._list.append(value)
        else:
            self._own = value
        return ""

    def _put_in_dictionary(self, name: str, value: Any) -> str:
        if name == "Key":
            self._key = value
            return ""
        assert self._members is not None
        name = str(self._key)
        doubled = name if name in self._members else ""
        self._members[name] = value
        return doubled

    def value(self, *, nested: bool) -> Any:
        """What the object stands for: a list, a text, a number or its members."""
        if self._list is not None:
            return self._list
        if self.shown is not None and (self.marks.is_enum or (nested and self.marks.is_shown) or self._members is None):
            return self.shown
        if self._own is not NOT_KEPT:
            return self._own
        return NOT_KEPT if self._members is None else self._members
