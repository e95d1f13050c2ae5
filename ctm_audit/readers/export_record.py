"""`_export.json`: what the export script says of its own export: tenant, times, and for each file the count or the error.

{"format_version": "1", "side": "source", "tenant_id": "…", "initial_domain": "…", "cloud": "worldwide",
 "started_at": "…", "finished_at": "…", "tables": [{"name": "Get-Mailbox", "file": "Get-Mailbox.json", "command": "…",
 "count": 12, "collected_at": "…", "error": null, "failed": [], "part": "", "scope": "mapped"}],
 "mapped_keys": ["ada@contoso.com", …], "salt": "…"}

The last three of a table, `mapped_keys` and `salt` may be left out. `failed` names the objects that could not be asked, by
object id; `part` is the real name of a group whose file name had to be made safe; `scope` tells whether only the people
of the mapping were exported. Such a file can answer for nobody but the `mapped_keys`. `salt` is the fingerprint of the
salt with which all others were hashed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault, UsageError
from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import FORMAT_VERSION
from ctm_audit.readers.files import read

RECORD = "_export.json"


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """What the record says of one file: how many objects were exported and when, or by `error` why none were.

    `failed` are the objects of which nothing is known because they could not be asked. `part` is the group's real name,
    '' when the file name tells it. `only_mapped`: of the people, only those of the mapping were exported.
    """

    file: str
    count: int | None
    collected_at: datetime
    error: str
    failed: tuple[str, ...] = ()
    part: str = ""
    only_mapped: bool = False


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One `_export.json`; its `files` by their names in folded case. Times are naive UTC; `cloud` and `initial_domain` may be ''."""

    side: str
    tenant_id: str
    initial_domain: str
    cloud: str
    files: Mapping[str, RecordedFile]
    mapped_keys: frozenset[str] = frozenset()
    salt: str = ""

    @property
    def is_of_mapped(self) -> bool:
        """Whether some file holds only people of the mapping; `mapped_keys`, folded, then says who was looked for."""
        return any(file.only_mapped for file in self.files.values())


def read_record(path: Path) -> ExportRecord:
    """The record in a file. Raises UsageError with every fault in it."""
    faults: list[Fault] = []
    record = _record(_Members(_document(path, faults), path.name, "", faults))
    if faults:
        raise UsageError(f"{path} cannot be used.", detail=faults, hint="restore it as the export script wrote it, or import without it")
    return record


def _document(path: Path, faults: list[Fault]) -> Mapping[str, Any]:
    try:
        items = list(read(path).items)
    except n.NotCollected as reason:
        items = [Fault(path.name, 0, 0, str(reason))]
    objects = [item for item in items if not isinstance(item, Fault)]
    faults += [item for item in items if isinstance(item, Fault)]
    if len(objects) != 1 and not faults:
        faults.append(Fault(path.name, 0, 0, f"one object is meant, {len(objects)} are there"))
    return objects[0] if objects else {}


class _Members:
    """The members of one object of the record; what is wrong with one becomes a fault, and its value None."""

    def __init__(self, members: Mapping[str, Any], file: str, place: str, faults: list[Fault]) -> None:
        self._members = {name.casefold(): value for name, value in members.items()}
        self._place = (file, place)
        self._faults = faults

    def get(self, name: str, read: Callable[[Any], Any]) -> Any:
        """The member as `read` gives it."""
        try:
            return read(self._members.get(name))
        except (n.NotCollected, ValueError) as reason:
            file, place = self._place
            self._faults.append(Fault(file, 0, 0, f"{place}{name}: {reason}"))
            return None

    def each(self, name: str) -> list[_Members]:
        """The objects of a list; PowerShell writes a list of one without its brackets."""
        file, _ = self._place
        found = self.get(name, _list)
        return [_Members(member, file, f"{name}[{number}].", self._faults) for number, member in enumerate(found or [])]


def _record(members: _Members) -> ExportRecord:
    members.get("format_version", _one_of(FORMAT_VERSION))
    started = members.get("started_at", _time)
    files = [_file(member, started) for member in members.each("tables")]
    by_name = {found.file.casefold(): found for found in files}
    members.get("tables", lambda _: _unique(files, by_name))
    return ExportRecord(
        side=members.get("side", _one_of(*SIDES)),
        tenant_id=members.get("tenant_id", _tenant),
        initial_domain=members.get("initial_domain", n.key),
        cloud=members.get("cloud", n.key),
        files=by_name,
        mapped_keys=frozenset(members.get("mapped_keys", _keys) or ()),
        salt=members.get("salt", n.key) or "",
    )


def _file(members: _Members, started: datetime) -> RecordedFile:
    name = members.get("name", n.text)
    return RecordedFile(
        file=members.get("file", n.text) or f"{name}.json",
        count=members.get("count", _count),
        collected_at=members.get("collected_at", lambda value: _time(value) if n.has_time(value) else started),
        error=members.get("error", n.text) or "",
        failed=members.get("failed", _names) or (),
        part=members.get("part", n.text) or "",
        only_mapped=members.get("scope", n.text) == "mapped",
    )


def _unique(files: list[RecordedFile], by_name: Mapping[str, RecordedFile]) -> None:
    if len(files) != len(by_name):
        raise ValueError("a file is named more than once")


def _one_of(*values: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in values:
            raise ValueError(f"{n.shortened(value)} is not {' or '.join(values)}")
        return str(value)

    return read


def _tenant(value: Any) -> str:
    found = n.guid(value)
    if not found:
        raise ValueError("the tenant id is empty")
    return found


def _time(value: Any) -> datetime:
    if not n.has_time(value):
        raise ValueError("the time is empty")
    return n.time(value)


def _count(value: Any) -> int | None:
    found = None if value is None else n.integer(value)
    if found is not None and found < 0:
        raise ValueError(f"{found} is less than 0")
    return found


def _names(value: Any) -> tuple[str, ...]:
    """The texts of a list that may be absent."""
    return tuple(n.texts(value)) if value is not None else ()


def _keys(value: Any) -> list[str]:
    """Keys of a mapping, folded; PowerShell may write a list of one without its brackets."""
    return [n.key(member) for member in (value if isinstance(value, list) else [value]) if member is not None]


def _list(value: Any) -> list[Mapping[str, Any]]:
    members = value if isinstance(value, list) else [value]
    if not all(isinstance(member, dict) for member in members):
        raise ValueError("a list of objects is meant")
    return members
