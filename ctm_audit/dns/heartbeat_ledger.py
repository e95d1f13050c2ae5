"""The ledger of a heartbeat: one JSON object a line, each with the digest of the line before, so that no line can be changed unseen."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ctm_audit.dns.heartbeat import MOST_MESSAGES, Arrival, Plan
from ctm_audit.errors import Refused, UsageError
from ctm_audit.model import FORMAT_VERSION

START = ""
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger as it stands: the plan, what arrived so far, and the digest of the last line."""

    path: Path
    plan: Plan
    arrivals: tuple[Arrival, ...]
    digest: str


def create_ledger(path: Path, plan: Plan) -> Ledger:
    """A new ledger that holds the plan. UsageError when the file is there already: a ledger is never begun anew."""
    if path.exists():
        raise UsageError(f"{path} is there already.", hint="name a new file, or ctm-audit dns heartbeat check for this one")
    line = _sealed({"kind": "plan", "format_version": FORMAT_VERSION, **_plain(asdict(plan))}, START)
    _write(path, b"", [line])
    return Ledger(path, plan, (), line["digest"])


def read_ledger(path: Path) -> Ledger:
    """The ledger of a file. UsageError when it is none; Refused, with the line, when it was changed or cut off."""
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise UsageError(f"{path} is no heartbeat ledger.", hint="ctm-audit dns heartbeat plan writes one")
    lines = _lines(path)
    if not lines or lines[0].get("kind") != "plan" or lines[0].get("format_version") != FORMAT_VERSION:
        raise UsageError(f"{path} is no heartbeat ledger.", hint="ctm-audit dns heartbeat plan writes one")
    try:
        return Ledger(path, _plan(lines[0]), tuple(_arrival(line) for line in lines[1:]), str(lines[-1]["digest"]))
    except (KeyError, ValueError, TypeError, OverflowError):
        raise Refused(f"{path} cannot be used: a line of it makes no sense.", hint="restore it as ctm-audit wrote it") from None


def append(ledger: Ledger, arrivals: Iterable[Arrival]) -> Ledger:
    """The ledger with what it did not hold yet; written under another name first. Refused when somebody else wrote it meanwhile."""
    held = {(one.number, one.sha256) for one in ledger.arrivals}
    fresh = [one for one in dict.fromkeys(arrivals) if (one.number, one.sha256) not in held]
    if not fresh:
        return ledger
    before = ledger.path.read_bytes()
    if read_ledger(ledger.path).digest != ledger.digest:
        raise Refused(f"{ledger.path} was written by somebody else meanwhile.", hint="run the command again")
    lines, digest = [], ledger.digest
    for one in fresh:
        lines.append(_sealed({"kind": "arrival", **_plain(asdict(one))}, digest))
        digest = lines[-1]["digest"]
    _write(ledger.path, before, lines)
    return Ledger(ledger.path, ledger.plan, (*ledger.arrivals, *fresh), digest)


def _write(path: Path, before: bytes, lines: Sequence[Mapping[str, Any]]) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(before + b"".join(json.dumps(line).encode("ascii") + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _sealed(content: dict[str, Any], previous: str) -> dict[str, Any]:
    line = content | {"previous": previous}
    return line | {"digest": _digest(line)}


def _digest(line: Mapping[str, Any]) -> str:
    content = {name: value for name, value in line.items() if name != "digest"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of the chain. Refused at the first that does not follow from the one before."""
    found: list[dict[str, Any]] = []
    previous = START
    for number, raw in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        line = _object(raw)
        if not raw.endswith(b"\n") or line.get("previous") != previous or line.get("digest") != _digest(line):
            raise Refused(f"{path}, line {number}: the ledger was changed or cut off.", hint="restore it as ctm-audit wrote it")
        found.append(line)
        previous = line["digest"]
    return found


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value


def _plan(line: Mapping[str, Any]) -> Plan:
    count = int(line["count"])
    if not 0 < count <= MOST_MESSAGES or not line["senders"]:
        raise ValueError("a plan has messages and senders")
    return Plan(
        token=str(line["token"]),
        domain=str(line["domain"]),
        recipient=str(line["recipient"]),
        senders=tuple(map(str, line["senders"])),
        begins=datetime.fromisoformat(line["begins"]),
        every=timedelta(seconds=line["every"]),
        count=count,
    )


def _arrival(line: Mapping[str, Any]) -> Arrival:
    sent, received = (None if line[name] is None else datetime.fromisoformat(line[name]) for name in ("sent", "received"))
    return Arrival(
        number=int(line["number"]),
        sha256=str(line["sha256"]),
        message_id=str(line["message_id"]),
        sender=str(line["sender"]),
        sent=sent,
        received=received,
        tenant_id=str(line["tenant_id"]),
    )
