"""The rule book: every rule file and the gates, checked as a whole, or every fault of every file at once."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault, UsageError
from ctm_audit.model import Step
from ctm_audit.reference import known_errors
from ctm_audit.rulebook import keys
from ctm_audit.rulebook.judging import CheckedRule, expressions_of
from ctm_audit.rulebook.lists import read_lists
from ctm_audit.rulebook.rule import Case, Gate, Rule
from ctm_audit.rulebook.rulefile import RuleFile, check_expressions, read_rule
from ctm_audit.rulebook.syntax import parse_ahead
from ctm_audit.text_files import read_text

__all__ = ["Case", "Gate", "Rule", "RuleBook", "load_book"]

GATES = "gates.toml"
PHASES = ("before", "after")
GATE_KEYS: Mapping[str, keys.Reader] = {
    "id": keys.matching(keys.SLUG, "small-letters-and-dashes"),
    "title": keys.title,
    "phase": keys.one_of(PHASES),
}


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules in the order of their gates and ids. `digest` names the contents of the product's own book.

    `extra` is a folder of other people's rules, with `extra_digest`; '' when there is none. `steps` are the rules that must pass at
    each step of the domain move, as gates.toml lists them.
    """

    checked: tuple[CheckedRule, ...]
    gates: tuple[Gate, ...]
    digest: str
    folder: Path
    extra: Path | None = None
    extra_digest: str = ""
    steps: Mapping[Step, tuple[str, ...]] = field(default_factory=dict)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules as they are written."""
        return tuple(checked.rule for checked in self.checked)

    def rule(self, rule_id: str) -> CheckedRule:
        """The rule of that id, in any case of letters; UsageError names the near ones."""
        wanted = rule_id.upper()
        for checked in self.checked:
            if checked.rule.id == wanted:
                return checked
        near = [rule.id for rule in self.rules if rule.id.startswith(wanted.partition("-")[0])]
        raise UsageError(f"There is no rule {rule_id}.", detail=near, hint="ctm-audit rules list")


def load_book(folder: Path, extra: Path | None = None, errors: Iterable[str] | None = None) -> RuleBook:
    """The rule book of a folder, with other people's rules from `extra`; UsageError tells every fault of every file.

    `errors` are the answers of Microsoft's service that a rule may predict; None: those of the bundled catalogue.
    Files that did not change since the same process read them are not read again.
    """
    if extra is not None and not extra.is_dir():
        raise UsageError(f"{extra} is not a folder of rules.", hint="--rules takes a folder with one TOML file a rule")
    digests = (digest_of(folder), digest_of(extra) if extra else "")
    return _load(folder, extra, digests, known_errors() if errors is None else frozenset(errors))


@lru_cache(maxsize=4)
def _load(folder: Path, extra: Path | None, digests: tuple[str, str], errors: frozenset[str]) -> RuleBook:
    files = {**dict(_files(folder, foreign=False)), **(dict(_files(extra, foreign=True)) if extra else {})}
    gates, faults = _gates(folder)
    read = {path: rule for path, file in files.items() if (rule := _read(path, file))}
    parse_ahead(text for rule in read.values() for text in expressions_of(rule).values())
    checked = {path: one for path, rule in read.items() if (one := check_expressions(files[path], rule))}
    sound = [(files[path], rule.rule) for path, rule in checked.items()]
    _note_doubles(sound)
    _note_unknown_errors(sound, errors)
    _note_unknown_names(sound, {keys.id_of_file(path.name) for path in files}, None if faults else {gate.id for gate in gates})
    _note_ring({rule.id: (file, rule) for file, rule in sound})
    faults += [fault for file in files.values() for fault in file.faults]
    listed, list_faults = read_lists(folder, {rule.id: rule for _, rule in sound}, {keys.id_of_file(path.name) for path in files})
    faults += [] if faults else list_faults
    if faults:
        faults.sort(key=lambda fault: (fault.file, fault.line, fault.column))
        raise UsageError(f"The rule book has {len(faults)} {'fault' if len(faults) == 1 else 'faults'}.", detail=faults)
    order = {gate.id: gate.order for gate in gates}
    rules = tuple(sorted(checked.values(), key=lambda rule: (order[rule.rule.gate], rule.rule.id)))
    return RuleBook(rules, gates, digests[0], folder, extra, digests[1], listed)


def digest_of(folder: Path) -> str:
    """SHA-256 over the sorted names and contents of all TOML files, the same whatever line ends a checkout made."""
    total = hashlib.sha256()
    for name in sorted(path.relative_to(folder).as_posix() for path in _toml_files(folder)):
        contents = _bytes_of(Path(folder, name)).replace(b"\r\n", b"\n")
        total.update(f"{name}\0{len(contents)}\0".encode() + contents)
    return total.hexdigest()


def _bytes_of(path: Path) -> bytes:
    """What a file holds; nothing when it cannot be read, which is told with its name as soon as it is read as a rule."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _toml_files(folder: Path) -> list[Path]:
    return [path for pattern in ("*.toml", "*/*.toml") for path in folder.glob(pattern) if path.is_file()]


def _files(folder: Path, *, foreign: bool) -> Iterator[tuple[Path, RuleFile]]:
    for path in sorted(_toml_files(folder)):
        name = path.relative_to(folder).as_posix()
        if foreign or name != GATES:
            yield path, RuleFile(f"{folder.resolve().name}/{name}", name, foreign)


def _read(path: Path, file: RuleFile) -> Rule | None:
    found = read_text(path, ansi=False)
    if found.faults:
        file.faults += [Fault(file.file, fault.line, fault.column, fault.message) for fault in found.faults]
        return None
    return read_rule(file, found.text)


def _note_doubles(rules: Sequence[tuple[RuleFile, Rule]]) -> None:
    known: dict[str, RuleFile] = {}
    for file, rule in rules:
        for key, value in (("id", rule.id), ("slug", rule.slug)):
            if value in known:
                file.fault((key,), f"`{key}` {value} is also that of {known[value].file}")
            known.setdefault(value, file)


def _note_unknown_names(rules: Sequence[tuple[RuleFile, Rule]], ids: set[str], gates: set[str] | None) -> None:
    """Masks and gates that do not exist; rules whose own file is faulty do, and without readable gates nothing is said of them."""
    for file, rule in rules:
        if gates is not None and rule.gate not in gates:
            file.fault(("gate",), f"`gate` {rule.gate} is not in {GATES}")
        for name in rule.masked_by:
            if name not in ids:
                file.fault(("masked_by",), f"`masked_by` {name} is no rule")


def _note_unknown_errors(rules: Sequence[tuple[RuleFile, Rule]], errors: frozenset[str]) -> None:
    for file, rule in rules:
        for number, name in enumerate(rule.predicts):
            if name not in errors:
                file.fault(("predicts", number), f"`predicts` {name!r} is not in reference/errors.toml")


def _note_ring(by_id: Mapping[str, tuple[RuleFile, Rule]]) -> None:
    try:
        TopologicalSorter({name: rule.masked_by for name, (_, rule) in by_id.items()}).prepare()
    except CycleError as error:
        ring = [name for name in error.args[1] if name in by_id]
        by_id[ring[0]][0].fault(("masked_by",), f"`masked_by` goes round in a ring: {' → '.join(ring)}")


def _gates(folder: Path) -> tuple[tuple[Gate, ...], list[Fault]]:
    """The gates in their order, and what is wrong with their file."""
    file = f"{folder.resolve().name}/{GATES}"
    found = read_text(folder / GATES, ansi=False)
    if found.faults:
        return (), [Fault(file, fault.line, fault.column, fault.message) for fault in found.faults]
    try:
        entries = tomllib.loads(found.text).get("gate", [])
    except tomllib.TOMLDecodeError as error:
        return (), [Fault(file, 0, 0, f"this is not TOML: {error}")]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return (), [Fault(file, 0, 0, "gates stand under [[gate]]")]
    faults: list[Fault] = []
    gates = [gate for number, entry in enumerate(entries, 1) if (gate := _gate(entry, number, file, faults))]
    for attribute in ("id", "order"):
        values = [getattr(gate, attribute) for gate in gates]
        faults += [
            Fault(file, 0, 0, f"two gates have the {attribute} {value}") for value in sorted({v for v in values if values.count(v) > 1})
        ]
    return tuple(sorted(gates, key=lambda gate: gate.order)), faults


def _gate(entry: dict[str, Any], number: int, file: str, faults: list[Fault]) -> Gate | None:
    try:
        if set(entry) != {*GATE_KEYS, "order"}:
            raise ValueError("a gate has exactly the keys id, title, phase and order")
        if type(entry["order"]) is not int:
            raise ValueError("`order` is a number")
        return Gate(order=entry["order"], **{name: read(entry[name]) for name, read in GATE_KEYS.items()})
    except ValueError as error:
        faults.append(Fault(file, 0, 0, f"gate {number}: {error}"))
        return None
