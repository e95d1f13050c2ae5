"""A heartbeat from its plan to its pulse: a new ledger, and a folder of received messages noted in it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ctm_audit.dns.headers import Delivered, read_message
from ctm_audit.dns.heartbeat import MOST_MESSAGES, Plan, Pulse, arrival_of, pulse
from ctm_audit.dns.heartbeat_ledger import Ledger, append, create_ledger, read_ledger
from ctm_audit.dns.names import domain_name
from ctm_audit.errors import UsageError

ADDRESS = re.compile(r"[^\s@<>\",;]{1,64}@[^\s@<>\",;]+")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What became of a series: the ledger as it now stands, its pulse by `as_of`, and the files that could not be read."""

    ledger: Ledger
    pulse: Pulse
    as_of: datetime
    unreadable: tuple[str, ...]


def utc_now() -> datetime:
    """Now, as naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_heartbeat(path: Path, recipient: str, senders: Sequence[str], begins: datetime, ends: datetime, minutes: int) -> Plan:
    """A plan with a token of its own, written as a new ledger. UsageError with everything that is wrong."""
    faults = [f"{address} is no mail address" for address in (recipient, *senders) if not ADDRESS.fullmatch(address)]
    count = (ends - begins) // timedelta(minutes=minutes) + 1
    if not 0 < count <= MOST_MESSAGES:
        faults.append(f"{count:,} messages; the end must be later than the beginning, and {MOST_MESSAGES:,} are the most")
    if not faults:
        faults += _domain_faults(recipient)
    if faults:
        raise UsageError("This is no plan of a heartbeat; nothing was written.", detail=faults, hint="ctm-audit dns heartbeat plan --help")
    domain = domain_name(recipient.rpartition("@")[2])
    plan = Plan(secrets.token_hex(4), domain, recipient, tuple(senders), begins, timedelta(minutes=minutes), count)
    return create_ledger(path, plan).plan


def _domain_faults(recipient: str) -> list[str]:
    try:
        domain_name(recipient.rpartition("@")[2])
    except ValueError as reason:
        return [str(reason)]
    return []


def check_heartbeat(path: Path, folder: Path, now: datetime, grace_minutes: int) -> Heartbeat:
    """The heartbeat with what the folder holds; what was noted before stays, whatever became of its file."""
    ledger = read_ledger(path)
    messages, unreadable = read_folder(folder)
    found = [arrival for message in messages if (arrival := arrival_of(message, ledger.plan))]
    ledger = append(ledger, found)
    return Heartbeat(ledger, pulse(ledger.plan, ledger.arrivals, now, timedelta(minutes=grace_minutes)), now, tuple(unreadable))


def read_folder(folder: Path) -> tuple[list[Delivered], list[str]]:
    """The messages of the .eml files in a folder and the folders in it, and why a file could not be read."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", hint="name the folder that holds the received messages as .eml files")
    messages: list[Delivered] = []
    unreadable: list[str] = []
    for path in sorted(one for one in folder.rglob("*") if one.suffix.lower() == ".eml" and one.is_file()):
        try:
            messages.append(read_message(path))
        except (OSError, ValueError) as reason:
            unreadable.append(f"{path.name}: {reason}")
    return messages, unreadable
