"""Objects as Export-Clixml writes them, for tests; lists, wrappers, references and escapes as PowerShell makes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

HEAD = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
LINE = "\r\n      "
SIZE_TYPES = (
    "Deserialized.Microsoft.Exchange.Data.Unlimited`1[[Microsoft.Exchange.Data.ByteQuantifiedSize]]",
    "Deserialized.System.ValueType",
)
ENUM_TYPES = ("Deserialized.Microsoft.Exchange.Data.Directory.Recipient.RecipientTypeDetails", "Deserialized.System.Enum")
NEEDS_ESCAPE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def escaped(text: str) -> str:
    """PowerShell writes UTF-16: a character beyond 16 bits becomes two escapes."""
    wide = "".join(chr(int.from_bytes(pair, "little")) for pair in _pairs(text.encode("utf-16-le", "surrogatepass")))
    return escape(NEEDS_ESCAPE.sub(lambda found: f"_x{ord(found.group()):04X}_", wide))


def _pairs(data: bytes) -> Iterable[bytes]:
    return (data[place : place + 2] for place in range(0, len(data), 2))


class Writer:
    """Writes one document; types stand once and are referred to after that, as PowerShell does."""

    def __init__(self) -> None:
        self._refs = 0
        self._types: dict[tuple[str, ...], int] = {}

    def document(self, objects: Iterable[Mapping[str, Any]]) -> str:
        """The whole file."""
        return HEAD + "".join(f"\r\n  {self.record(one)}" for one in objects) + "\r\n</Objs>"

    def record(self, members: Mapping[str, Any], name: str = "") -> str:
        """One object: its type, its text and its properties, the remote ones among the extended members."""
        inner = "".join(self.value(value, name) + LINE for name, value in members.items() if name != "RunspaceId")
        extended = "".join(self.value(value, name) + LINE for name, value in members.items() if name == "RunspaceId")
        types = self._type(("Selected.System.Management.Automation.PSCustomObject", "System.Object"))
        return f"{self._obj(name)}{types}<Props>{inner}</Props>{f'<MS>{extended}</MS>' if extended else ''}</Obj>"

    def value(self, value: Any, name: str = "") -> str:
        """One value, with its name where it is a property."""
        label = f" N={quoteattr(name)}" if name else ""
        if value is None:
            return f"<Nil{label} />"
        if isinstance(value, bool):
            return f"<B{label}>{str(value).lower()}</B>"
        if isinstance(value, int):
            return f"<I64{label}>{value}</I64>"
        if isinstance(value, list):
            types = self._type(("System.Object[]", "System.Array", "System.Object"))
            return f"{self._obj(name)}{types}<LST>{LINE.join(self.value(member) for member in value)}</LST></Obj>"
        return self.record(value, name) if isinstance(value, Mapping) else self._text(str(value), name, label)

    def _text(self, text: str, name: str, label: str) -> str:
        if re.fullmatch(r"[\d.]+ [KMGT]?B \([\d,]+ bytes\)|Unlimited", text):
            inner = f'<Props><B N="IsUnlimited">{str(text == "Unlimited").lower()}</B><S N="Value">{escaped(text)}</S></Props>'
            return f"{self._obj(name)}{self._type(SIZE_TYPES)}<ToString>{escaped(text)}</ToString>{inner}</Obj>"
        if name == "RecipientTypeDetails":
            return f"{self._obj(name)}{self._type(ENUM_TYPES)}<ToString>{escaped(text)}</ToString><I32>1</I32></Obj>"
        return f"<S{label}>{escaped(text)}</S>"

    def _obj(self, name: str) -> str:
        self._refs += 1
        return f'<Obj{f" N={quoteattr(name)}" if name else ""} RefId="{self._refs - 1}">'

    def _type(self, names: tuple[str, ...]) -> str:
        if names in self._types:
            return f'<TNRef RefId="{self._types[names]}" />'
        self._types[names] = len(self._types)
        return f'<TN RefId="{self._types[names]}">{"".join(f"<T>{escape(name)}</T>" for name in names)}</TN>'


def clixml(objects: Iterable[Mapping[str, Any]]) -> str:
    """The objects as Export-Clixml writes them."""
    return Writer().document(objects)
