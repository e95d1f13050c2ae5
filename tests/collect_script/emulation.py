"""What the export script writes of a simulated tenant: a twin in Python of its tables.ps1, made of the same steps.

PowerShell is not run here. The twin follows the steps of `collect_script.steps` and nothing else, so that a test of it
proves that these steps collect everything that is read.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ctm_audit.collect_script.steps import Hashed, Step, steps_of
from ctm_audit.evidence.salt import fingerprint, keyed_hash
from ctm_audit.evidence.tables import TABLES, Side
from ctm_audit.sim import Scenario
from ctm_audit.sim.contoso import SCOPE_GROUP
from ctm_audit.sim.export import objects_of
from ctm_audit.sim.printing import ZERO_GUID
from ctm_audit.sim.project_file import SALT
from ctm_audit.sim.tenants import Tenant

NONE = ("", ZERO_GUID)
WHEN = "2026-11-20T17:00:00Z"
Object = Mapping[str, Any]


class Exporter:
    """One run of the script for one side; `everybody` stands for -All, no `salt` for -NoHashes.

    `dumb` are object ids that no service answers for.
    """

    def __init__(self, scenario: Scenario, side: Side, *, everybody: bool = False, dumb: Iterable[str] = (), salt: str = SALT) -> None:
        self.salt = bytes.fromhex(salt.strip())
        self.side = side
        self.tenant: Tenant = scenario.source if side == "source" else scenario.target
        self.partner: Tenant = scenario.target if side == "source" else scenario.source
        self.everybody = everybody
        self.dumb = set(dumb)
        self.keys = [getattr(row, side) for row in scenario.rows]
        self.keys = sorted({getattr(row, side).casefold() for row in scenario.rows})
        self.names = {"People": set(self.keys), "Scopes": set(self._scopes())}
        self.kept: dict[str, Sequence[Object]] = {}
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.records: list[dict[str, Any]] = []

    def export(self, path: Path) -> Path:
        """Write the zip."""
        for step in steps_of(self.side):
            self._step(step)
        record = {
            "format_version": "1",
            "side": self.side,
            "tenant_id": self.tenant.tenant_id,
            "initial_domain": self.tenant.initial_domain,
            "cloud": "worldwide",
            "started_at": WHEN,
            "finished_at": WHEN,
            "tables": self.records,
            "salt": fingerprint(self.salt) if self.salt and not self.everybody else "",
        } | ({} if self.everybody else {"mapped_keys": self.keys})
        if not self.everybody:
            record["mapped_keys"] = self.keys
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for name, rows in self.files.items():
                archive.writestr(name, json.dumps(rows, ensure_ascii=False, separators=(",", ":")))
            archive.writestr("_export.json", json.dumps(record, ensure_ascii=False))
        return path

    def _write_hashes(self, step: Step, how: Hashed, items: Sequence[Object]) -> None:
        rows = [row for item in items for row in _hashes(self.salt, how, item)]
        self.files[how.file] = rows
        told = {"name": how.file.removesuffix(".json"), "file": how.file, "part": "", "command": step.command, "count": len(rows)}
        self.records.append(told | {"collected_at": WHEN, "error": None, "failed": [], "scope": "hashed"})

    def _scopes(self) -> Iterable[str]:
        for one in self.tenant.relationships:
            if self.partner.tenant_id in one.domain_names:
                yield from (scope.split("/")[-1].casefold() for scope in one.move_scopes)

    def _step(self, step: Step) -> None:
        if step.table.parts:
            self._parts(step)
        elif step.loop:
            self._loop(step)
        else:
            kept = [item for item in objects_of(self.tenant, step.table) if self._is_kept(item, step)]
            self._remember(step, kept)
            self._write(step, step.file, [_row(item, step) for item in kept])
            if step.hashed and not self.everybody and self.salt:
                others = [item for item in objects_of(self.tenant, step.table) if not self._is_kept(item, step)]
                self._write_hashes(step, step.hashed, others)

    def _is_kept(self, item: Object, step: Step) -> bool:
        names = self.names["Scopes" if step.remember == "Scopes" else "People"]
        return self.everybody or not step.keep_by or any(str(item.get(name) or "").casefold() in names for name in step.keep_by)

    def _remember(self, step: Step, kept: Sequence[Object]) -> None:
        if step.remember:
            self.kept[step.file] = kept
        if step.remember == "People":
            for item in kept:
                told = {
                    _told(item, name) for name in ("ExternalDirectoryObjectId", "ExchangeGuid", "UserPrincipalName", "PrimarySmtpAddress")
                }
                self.names["People"] |= {name.casefold() for name in told} - set(NONE)

    def _loop(self, step: Step) -> None:
        assert step.loop
        answers = _by_identity(objects_of(self.tenant, step.table), step)
        asked: dict[str, Object] = {}
        for item in (item for file in step.of for item in self.kept[file]):
            if _told(item, step.loop.over) not in NONE and _told(item, step.loop.needs or step.loop.over) not in NONE:
                asked.setdefault(_answering(item, step), item)
        failed = [_told(item, "ExternalDirectoryObjectId") for item in asked.values()]
        failed = [name for name in failed if name in self.dumb]
        heard = [identity for identity, item in asked.items() if _told(item, "ExternalDirectoryObjectId") not in self.dumb]
        rows = [_row(answer, step) | _added(identity, step) for identity in heard for answer in answers.get(identity, [])]
        self._write(step, step.file, rows, failed=failed)

    def _parts(self, step: Step) -> None:
        groups = [group for file in step.of for group in self.kept[file]]
        for scope in sorted(self.names["Scopes"]):
            group = next(
                one for one in groups if scope in {str(one[name]).casefold() for name in ("Name", "Guid", "PrimarySmtpAddress", "Alias")}
            )
            assert group["Name"] == SCOPE_GROUP
            kept = [item for item in objects_of(self.tenant, step.table) if self._is_kept(item, step)]
            file = step.file.replace("GROUP", re.sub("[^A-Za-z0-9 _-]", "_", f"{group['Name']}’s"))
            self._write(step, file, [_row(item, step) for item in kept], part=group["Name"])

    def _write(self, step: Step, file: str, rows: list[dict[str, Any]], *, part: str = "", failed: Iterable[str] = ()) -> None:
        self.files[file] = rows
        mapped = not self.everybody and bool(step.keep_by or step.of) and not step.table.parts
        told = {"name": file.removesuffix(".json"), "file": file, "part": part, "command": step.command, "count": len(rows)}
        told |= {"collected_at": WHEN, "error": None, "failed": list(failed), "scope": "mapped" if mapped else "all"}
        self.records.append(told)


def _hashes(salt: bytes, how: Hashed, item: Object) -> list[dict[str, Any]]:
    """What hashes.ps1 writes of one object."""
    ids = [str(item[name] or "").strip().lower() for name in how.holder]
    holder = keyed_hash(salt, next(one for one in ids if one not in NONE))
    found = {(kind, text): holder for kind, names in how.properties.items() for name in names for text in _texts(item, name, kind)}
    return [{"holder": holder, "type": str(item.get(how.type) or ""), "kind": kind, "hash": keyed_hash(salt, text)} for kind, text in found]


def _texts(item: Object, name: str, kind: str) -> list[str]:
    values = item[name] if isinstance(item[name], list) else [item[name]]
    texts = [_comparable(str(value or ""), kind).lower() for value in values]
    return [text for text in texts if text not in NONE]


def _comparable(text: str, kind: str) -> str:
    scheme, _, rest = text.lstrip().partition(":")
    if kind == "x500":
        return rest if scheme.lower() == "x500" else ""
    if kind == "address" and rest:
        return rest.strip() if scheme.lower() == "smtp" else ""
    return text.strip()


def _row(item: Object, step: Step) -> dict[str, Any]:
    return {name: item[name] for name in step.properties if name in item}


def _added(identity: str, step: Step) -> dict[str, Any]:
    return {step.loop.identity_as: identity} if step.loop and step.loop.identity_as else {}


def _told(item: Object, name: str) -> str:
    graph = {"ExternalDirectoryObjectId": "id", "UserPrincipalName": "userPrincipalName"}
    return str(item.get(name) or item.get(graph.get(name, name)) or "")


def _answering(item: Object, step: Step) -> str:
    """The id under which the simulator files the answer: an archive has a GUID of its own."""
    assert step.loop
    return _told(item, step.loop.over if step.loop.identity_as else step.loop.needs or step.loop.over)


def _by_identity(objects: Iterable[Object], step: Step) -> dict[str, list[Object]]:
    name = (step.loop.identity_as if step.loop else "") or "MailboxGuid"
    found: dict[str, list[Object]] = {}
    for item in objects:
        found.setdefault(str(item[name]), []).append(item)
    return found


def tables_with_people(side: Side) -> list[str]:
    """The tables of which only the people of the mapping are exported."""
    return [step.table.name for step in steps_of(side) if step.keep_by and TABLES[step.table.name].name != "distribution_groups"]
