"""Whether a server holds what is planned. A record set is a tuple of `TYPE DATA`, sorted."""

from __future__ import annotations

from collections.abc import Iterable

Records = tuple[str, ...]
SPF = "TXT v=spf1"


def agrees(held: Iterable[str], planned: Iterable[str]) -> bool:
    """True when the records do the same: an MX by its hosts, whatever their preferences, texts of a domain by the SPF record among them.

    Other people's texts come and go beside SPF.
    """
    return _weight(held) == _weight(planned)


def _weight(records: Iterable[str]) -> frozenset[str]:
    found = list(records)
    spf = [record for record in found if record == SPF or record.startswith(f"{SPF} ")]
    return frozenset(_meaning(record) for record in spf or found)


def _meaning(record: str) -> str:
    kind, _, data = record.partition(" ")
    return f"MX {data.rpartition(' ')[2]}" if kind == "MX" else record
