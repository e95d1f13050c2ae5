"""What each key of a rule file may hold: functions that give the value back or raise ValueError with one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, TypeVar

from ctm_audit.evidence.relations import JUDGED, PAIRS
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import FixKind, Owner, Step
from ctm_audit.project_keys import kind_of
from ctm_audit.rulebook.commands import PRINTABLE
from ctm_audit.rulebook.rule import CASE_VERDICTS, SHELLS

OWN_ID = re.compile(r"[A-Z]{2,5}(?:-[A-Z]{1,6})?-\d{2}W?")
FOREIGN_ID = re.compile(r"X-[A-Z0-9]+(?:-[A-Z0-9]+)*")
SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LINK = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#][^\s<>\"']*)?", re.IGNORECASE)
LONGEST_TITLE = 120
LONGEST_SENTENCE = 160

Reader = Callable[[Any], Any]
Member = TypeVar("Member", bound=StrEnum)


def text(value: Any) -> str:
    """A text that is not blank; blanks and line ends around it are dropped."""
    if not isinstance(value, str):
        raise ValueError(f"text in quotes is needed, this is {kind_of(value)}")
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def title(value: Any) -> str:
    """One line of at most 120 characters, without a full stop."""
    found = text(value)
    if "\n" in found or len(found) > LONGEST_TITLE or found.endswith("."):
        raise ValueError(f"must be one line of at most {LONGEST_TITLE} characters without a full stop at its end")
    return found


def sentence(value: Any) -> str:
    """One line of at most 160 characters with a full stop."""
    found = text(value)
    if "\n" in found or len(found) > LONGEST_SENTENCE or not found.endswith("."):
        raise ValueError(f"must be one sentence in a line of at most {LONGEST_SENTENCE} characters, with a full stop at its end")
    return found


def command(value: Any) -> str:
    """One line of printable ASCII: it stands in scripts that any code page reads alike."""
    found = text(value)
    if not re.fullmatch(PRINTABLE, found):
        raise ValueError("must be one line of printable ASCII")
    return found


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"true or false is needed, this is {kind_of(value)}")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """An array of texts, each once."""
    if not isinstance(value, list):
        raise ValueError(f"an array of texts is needed, this is {kind_of(value)}")
    found = tuple(map(text, value))
    if len(set(found)) < len(found):
        raise ValueError("names something twice")
    return found


def matching(pattern: re.Pattern[str], form: str) -> Reader:
    """A reader for a text of one form; `form` describes it."""

    def read(value: Any) -> str:
        found = text(value)
        if not pattern.fullmatch(found):
            raise ValueError(f"{found!r} does not have the form {form}")
        return found

    return read


def one_of(allowed: Iterable[str]) -> Reader:
    """A reader for one text of a closed set."""
    known = tuple(allowed)

    def read(value: Any) -> str:
        found = text(value)
        if found not in known:
            raise ValueError(f"{found!r} is not one of {', '.join(known)}")
        return found

    return read


def member_of(kind: type[Member]) -> Reader:
    """A reader for one member of an enumeration."""
    read_name = one_of(str(member) for member in kind)
    return lambda value: kind(read_name(value))


def steps(value: Any) -> tuple[Step, ...]:
    """Steps in the order of the project."""
    read_step = member_of(Step)
    found = {read_step(name) for name in texts(value)}
    return tuple(step for step in Step if step in found)


def links(value: Any) -> tuple[str, ...]:
    """At least one https link."""
    found = texts(value)
    for link in found:
        if not LINK.fullmatch(link):
            raise ValueError(f"{link!r} is no https link")
    if not found:
        raise ValueError("needs at least one https link")
    return found


REQUIRED: dict[str, Reader] = {
    "id": text,
    "slug": matching(SLUG, "small-letters-and-dashes"),
    "title": title,
    "gate": text,
    "blocks": steps,
    "warns": steps,
    "waivable": flag,
    "over": one_of(JUDGED),
    "owner": member_of(Owner),
    "fix_kind": member_of(FixKind),
    "fix": text,
    "why": text,
    "sources": links,
}
ANSWERS: dict[str, Reader] = {"passes": text, "expected": text, "found": text}
"""How evidence answers the question of a rule: all of it, unless only a person can answer (`attest`)."""
OPTIONAL: dict[str, tuple[Reader, Any]] = {
    "attest": (flag, False),
    "states": (text, None),
    "masked_by": (texts, ()),
    "edits": (one_of(side for side in SIDES if f"{side}.is_dir_synced" in PAIRS.by_name), None),
    "applies": (text, None),
    "until": (text, None),
    "command": (command, None),
    "safe_when": (text, None),
    "shell": (one_of(SHELLS), None),
    "predicts": (texts, ()),
    "how_to": (sentence, None),
}
CASES = "case"
case_verdict = one_of(CASE_VERDICTS)
own_id = matching(OWN_ID, "ABC-01 (W at the end for the milder twin of a rule)")
foreign_id = matching(FOREIGN_ID, "X-NAME-01: rules of other people begin with X-")


def id_of_file(name: str) -> str:
    """The id with which the name of a rule file begins; '' when it begins with none."""
    found = OWN_ID.match(name) or FOREIGN_ID.match(name)
    return found[0] if found else ""
