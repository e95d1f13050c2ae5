"""How a report says steps, states, owners, numbers and times. The page and the terminal share these words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from ctm_audit.model import GateState, Owner, Step, Weight

QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        Step.ASSESS: "Can these mailboxes be moved at all?",
        Step.PREPARE: "May objects and trust be created?",
        Step.SUBMIT: "May the batch start to copy?",
        Step.COMPLETE: "May these mailboxes be switched? Their source content is then deleted.",
        Step.VERIFY: "Did everything arrive?",
        Step.LOWER_TTL: "May the TTLs of the domain be lowered?",
        Step.PARK: "May mail of the domain be parked?",
        Step.REMOVE_DOMAIN: "May the domain be taken out of the source tenant?",
        Step.VERIFY_DOMAIN: "May the domain be verified in the target tenant?",
        Step.UN_PARK: "May mail of the domain be led into the target tenant?",
        Step.DONE: "Has the domain arrived in the target tenant?",
        Step.CLOSE_DOMAIN: "Is nothing of the domain move left open?",
        Step.CLOSE: "Is nothing left open?",
    }
)
GATE_STATES: Mapping[str, str] = MappingProxyType(
    {
        GateState.OPEN: "open",
        GateState.CLOSED: "closed",
        GateState.UNDETERMINED: "undetermined",
        GateState.NOT_REQUIRED: "not required",
    }
)
OWNERS: Mapping[str, str] = MappingProxyType(
    {
        Owner.SOURCE_ADMIN: "Source admin",
        Owner.TARGET_ADMIN: "Target admin",
        Owner.ON_PREM_ADMIN: "On-premises admin",
        Owner.LICENSE_BUYER: "License buyer",
        Owner.LEGAL: "Legal",
        Owner.MIGRATION_LEAD: "Migration lead",
    }
)
SIDES: Mapping[str, str] = MappingProxyType({"source": "source tenant", "target": "target tenant", "dns": "DNS"})
"""Where evidence comes from."""
GATES: Mapping[str, str] = MappingProxyType({"dns": "DNS", "dns-cutover": "DNS cutover"})
WEIGHTS: Mapping[str, str] = MappingProxyType(
    {Weight.BLOCKER: "blocks", Weight.WARNING: "warns", Weight.DUE: "due later", Weight.INFO: "informs"}
)
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHOWN = 400
"""Characters of a value that a reader can take in."""
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """The text with every character that shows nothing, or turns the reading direction, written as `[U+202E]`.

    Line ends and tabs stay. Two values that differ only in such a character would otherwise look equal.
    """
    if text.isascii() and text.isprintable():  # nearly all are, and this is ten times as quick
        return text
    return HIDDEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def shortened(text: str) -> str:
    """A text with hidden characters shown, cut when it is longer than a line or two."""
    shown = visible(text)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun: `1 gate`, `1,240 mailboxes`; `many` defaults to `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def mailboxes(number: int) -> str:
    """The number of mailboxes in words."""
    return counted(number, "mailbox", "mailboxes")


def are(number: int, what: str) -> str:
    """A number and what it is, as the end of a sentence: `1 is closed`, `3 are closed`."""
    return f"{number:,} {'is' if number == 1 else 'are'} {what}"


def listed(parts: Iterable[str]) -> str:
    """The parts as one enumeration: `a`, `a and b`, `a, b and c`."""
    *front, last = [*parts] or [""]
    return f"{', '.join(front)} and {last}" if front else last


def moment(text: str) -> datetime:
    """The time that an ISO 8601 text of the run names, naive UTC; ValueError when it is no time."""
    parsed = datetime.fromisoformat(text)
    return (parsed - (parsed.utcoffset() or timedelta())).replace(tzinfo=None)


def day_and_time(text: str) -> str:
    """An ISO 8601 time for readers of any country: `2 January 2027, 20:00 UTC`."""
    at = moment(text)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def age(earlier: str, later: str) -> str:
    """How old something of the earlier time is at the later: `under an hour old`, `5 hours old`, `3 days old`."""
    passed = moment(later) - moment(earlier)
    hours = passed // timedelta(hours=1)
    if passed < timedelta():
        return "later than the audit"
    if not hours:
        return "under an hour old"
    return f"{counted(hours, 'hour') if hours < 72 else counted(hours // 24, 'day')} old"


def headline(ready: bool | None, step: str) -> str:
    """The verdict in a few words: `Not ready for submit`."""
    words = {True: "Ready", False: "Not ready", None: "Undetermined"}
    return f"{words[ready]} for {step}"


def question(step: str) -> str:
    """What a step asks, for people who do not know our names of steps."""
    return QUESTIONS.get(step, f"May the step {step} begin?")


def gate(name: str) -> str:
    """The name of a gate as a heading says it."""
    return GATES.get(name, name.capitalize())


def size(number: int) -> str:
    """Bytes as administrators say them: `512 MB`, `9.8 GB`, `1,250 GB`; powers of 1024, as Exchange counts."""
    gigabytes = number / 2**30
    if gigabytes >= 100:
        return f"{gigabytes:,.0f} GB"
    return f"{gigabytes:.1f} GB" if gigabytes >= 1 else f"{number / 2**20:,.0f} MB"


def owner(name: str) -> str:
    """Who must act, as a heading says it; an owner of somebody else's rule book is named as written."""
    return OWNERS.get(name, name)
