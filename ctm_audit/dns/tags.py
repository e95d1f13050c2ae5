"""Records that are lists of `tag=value`: DMARC, TLS-RPT, BIMI, DKIM keys and the MTA-STS record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of one record by lower-case name, in their order, and what is wrong with the list."""

    values: dict[str, str]
    faults: tuple[str, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The value of a tag, or the default when the record has none."""
        return self.values.get(name, default)


def read_tags(text: str) -> Tags:
    """The tags of a record; of a tag that stands twice the first counts, and it is a fault."""
    values: dict[str, str] = {}
    faults = []
    for part in text.split(";"):
        found = TAG.fullmatch(part)
        if found and found[1].lower() not in values:
            values[found[1].lower()] = found[2]
        elif found:
            faults.append(f"{found[1]} stands twice")
        elif part.strip():
            faults.append(f"{part.strip()[:60]!r} is no tag=value")
    return Tags(values, tuple(faults))


def starting_with(version: str, texts: Iterable[str]) -> list[str]:
    """The records that begin with the version tag, such as `v=DMARC1`, alone or followed by a semicolon."""
    pattern = re.compile(rf"v\s*=\s*{re.escape(version)}\s*(?:;|$)")
    return [text for text in texts if pattern.match(text.strip())]
