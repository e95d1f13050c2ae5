"""Waivers and attestations: what people accept and what they state, read from the two files that a project names.

A waiver accepts what a rule found, for the objects that it lists; an attestation answers what only a person can know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from ctm_audit.project_keys import Key, Table, day, flag, kind_of, text
from ctm_audit.text_files import read_text
from ctm_audit.toml_file import TomlFile, read_toml

Kind = Literal["waiver", "attestation"]
EARLIEST_ZONE = timedelta(hours=14)
"""So far ahead of UTC somebody may already write tomorrow's date."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One waiver or attestation; `number` counts from 1 in its file.

    `who` is the owner of a waiver, or the person who states; `words` are the reason or the statement. It counts from the day
    `when` (None: from ever) and before the day `expires`, which begins at midnight UTC.
    """

    kind: Kind
    number: int
    rule: str
    objects: tuple[str, ...]
    who: str
    role: str
    words: str
    when: date | None
    expires: date
    accepts_undetermined: bool

    def lapse(self, now: datetime) -> str | None:
        """Why it does not count at that time (naive UTC), in one sentence; None while it does."""
        if now.date() >= self.expires:
            return f"the {self.kind} of {self.who} expired on {self.expires}"
        if self.when and self.when > (now + EARLIEST_ZONE).date():
            return f"the {self.kind} of {self.who} is dated {self.when}, later than this audit"
        return None

    def document(self, now: datetime) -> dict[str, Any]:
        """The record as JSON says it, and whether it counts at that time."""
        return {
            "kind": self.kind,
            "rule": self.rule,
            "objects": list(self.objects),
            "who": self.who,
            "role": self.role or None,
            "words": self.words,
            "when": self.when.isoformat() if self.when else None,
            "expires": self.expires.isoformat(),
            "accepts_undetermined": self.accepts_undetermined,
            "lapse": self.lapse(now),
        }

    @property
    def sentence(self) -> str:
        """What a report says of an object for which it counts."""
        if self.kind == "waiver":
            return f"waived by {self.who} until {self.expires}: {self.words}"
        return f"stated, not observed, by {self.who} ({self.role}) on {self.when}, until {self.expires}: {self.words}"


def objects(value: Any) -> tuple[str, ...]:
    """The ids of objects, each once; a number of objects is none."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"objects are named one by one, in an array; this is {kind_of(value) if value != [] else 'an empty array'}")
    found = tuple(text(member) for member in value)
    folded = [name.casefold() for name in found]
    twice = sorted({name for name in folded if folded.count(name) > 1})
    if twice:
        raise ValueError(f"{twice[0]!r} stands here twice")
    return found


SHARED: Mapping[str, Key] = {"rule": Key(text), "objects": Key(objects), "expires": Key(day)}
FORMS: Mapping[Kind, Table] = {
    "waiver": Table({**SHARED, "owner": Key(text), "reason": Key(text), "accepts_undetermined": Key(flag, default=False)}, many=True),
    "attestation": Table({**SHARED, "statement": Key(text), "who": Key(text), "role": Key(text), "when": Key(day)}, many=True),
}


def read_statements(path: Path, kind: Kind) -> TomlFile:
    """The records of a file, each as a table under its kind; every fault of their form is noted on the file."""
    file = read_toml(path, read_text(path, ansi=False), Table({kind: FORMS[kind]}))
    for number, record in enumerate(file.values.get(kind, [])):
        if "when" in record and "expires" in record and record["expires"] <= record["when"]:
            file.fault((kind, number, "expires"), "expires must be later than when")
    return file


def statements_of(file: TomlFile, kind: Kind) -> tuple[Statement, ...]:
    """The records of a file without faults."""
    return tuple(_statement(kind, number, record) for number, record in enumerate(file.values.get(kind, []), start=1))


def _statement(kind: Kind, number: int, record: Mapping[str, Any]) -> Statement:
    shared = {name: record[name] for name in SHARED}
    if kind == "waiver":
        words = {"who": record["owner"], "role": "", "words": record["reason"], "when": None}
        return Statement(kind, number, accepts_undetermined=record["accepts_undetermined"], **words, **shared)
    words = {"who": record["who"], "role": record["role"], "words": record["statement"], "when": record["when"]}
    return Statement(kind, number, accepts_undetermined=True, **words, **shared)


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A file of records: its name for people, and the digest of what it says."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Statements:
    """The records of both files, waivers first; `files` has the ones that the project names."""

    records: tuple[Statement, ...] = ()
    files: Mapping[Kind, StatementFile] = field(default_factory=dict)


NOTHING_SAID = Statements()
