"""One rule file: TOML text to a rule, with every fault at its line."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.rulebook import keys
from ctm_audit.rulebook.casefile import read_cases
from ctm_audit.rulebook.commands import NEVER_IN_A_SCRIPT
from ctm_audit.rulebook.judging import CheckedRule, check_rule
from ctm_audit.rulebook.rule import Case, Rule
from ctm_audit.rulebook.syntax import Refusal
from ctm_audit.toml_places import Places, TomlPath, find_places, line_and_column

NEEDED_VERDICTS = ("pass", "fail", "undetermined")
ONLY_WITH_EVIDENCE = (*keys.ANSWERS, "until", "command", "safe_when", "edits")


@dataclass(slots=True)
class RuleFile:
    """A rule file while it is read; `file` is its name for people, `name` its path inside the rule book."""

    file: str
    name: str
    foreign: bool
    places: Places = field(default_factory=lambda: Places(""))
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: TomlPath, message: str) -> None:
        """Note what is wrong with the value at `path`, or with the file when it has no such key."""
        line, column = self.places.of_value(path) if path[:1] in self.places.keys else (1, 1)
        self.faults.append(Fault(self.file, line, column, message))

    def refuse(self, key: str, refusal: Refusal) -> None:
        """Note what is wrong with an expression, at the character that it is about."""
        place = f", character {refusal.position}" if refusal.position else ""
        line, column = self._inside((key,), refusal.position)
        self.faults.append(Fault(self.file, line, column, f"`{key}`{place}: {refusal.message}"))

    def _inside(self, path: TomlPath, position: int) -> tuple[int, int]:
        """The place of a character of a text; of the whole value when escapes make it uncertain."""
        start, end = self.places.values.get(path, (0, 0))
        raw = self.places.text[start:end]
        if not position or "\\" in raw:
            return self.places.of_value(path)
        quotes = 3 if raw[:3] in ('"""', "'''") else 1
        body = raw[quotes : len(raw) - quotes]
        skipped = len(body) - len(body.lstrip())
        return line_and_column(self.places.text, start + quotes + skipped + position - 1)


def read_rule(file: RuleFile, text: str) -> Rule | None:
    """The rule as it is written, or None and faults on the file; its expressions are still to be checked."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        file.faults.append(Fault(file.file, *_place_of(error), f"this is not TOML: {error}"))
        return None
    file.places = find_places(text)
    values = _values(file, data)
    cases = read_cases(file.fault, data.get(keys.CASES), data.get("over"), file.places)
    _refuse_combinations(file, values, cases)
    return None if file.faults else Rule(file=file.file, cases=cases, digest=hashlib.sha256(text.encode("utf-8")).hexdigest(), **values)


def check_expressions(file: RuleFile, rule: Rule) -> CheckedRule | None:
    """The checked rule, or None and faults on the file."""
    checked, refused = check_rule(rule)
    for key, refusal in refused:
        file.refuse(key, refusal)
    return checked


def _place_of(error: tomllib.TOMLDecodeError) -> tuple[int, int]:
    return getattr(error, "lineno", 0), getattr(error, "colno", 0)


def _values(file: RuleFile, data: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every key that could be read; missing optional keys have their default."""
    readers = {**keys.REQUIRED, **keys.ANSWERS, **{name: reader for name, (reader, _) in keys.OPTIONAL.items()}}
    readers["id"] = keys.foreign_id if file.foreign else keys.own_id
    values = {**dict.fromkeys(keys.ANSWERS, ""), **{name: default for name, (_, default) in keys.OPTIONAL.items()}}
    required = (*keys.REQUIRED, *(() if data.get("attest") is True else keys.ANSWERS))
    for name in (*data, *(name for name in required if name not in data)):
        if name == keys.CASES:
            continue
        try:
            values[name] = _value(readers, name, data)
        except ValueError as error:
            file.fault((name,), f"`{name}` {error}")
    return values


def _value(readers: Mapping[str, keys.Reader], name: str, data: Mapping[str, Any]) -> Any:
    if name not in readers:
        raise ValueError("is not a key of a rule")
    if name not in data:
        raise ValueError("is missing")
    return readers[name](data[name])


def _refuse_combinations(file: RuleFile, values: Mapping[str, Any], cases: tuple[Case, ...]) -> None:
    needed = _needed_verdicts(values)
    faults = (*_contradictions(values), *_attest_faults(values), *_name_faults(file, values), *_case_faults(cases, needed))
    for path, message in faults:
        file.fault(path, message)


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[TomlPath, str]]:
    both = set(values.get("blocks", ())) & set(values.get("warns", ()))
    if both:
        yield ("warns",), f"`warns` and `blocks` both name {', '.join(sorted(both))}"
    if (values["command"] is None) != (values["shell"] is None):
        yield ("command" if values["shell"] is None else "shell",), "`command` and `shell` stand together or not at all"
    if values["safe_when"] and values["command"] is None:
        yield ("safe_when",), "`safe_when` says when a command is safe, and there is no command"
    if values.get("fix_kind") == "script" and values["command"] is None:
        yield ("fix_kind",), "`fix_kind` script needs a command; write manual for what a person does"
    if values.get("fix_kind") == "script" and (found := NEVER_IN_A_SCRIPT.search(values["command"] or "")):
        yield ("command",), f"`command` has {found[0]}, which no script may hold; write manual, legal or irreversible as `fix_kind`"
    if values["edits"] and values.get("over") != "pairs":
        yield ("edits",), "`edits` is for rules over pairs, whose objects may be mastered on-premises"
    if values.get("id") in values["masked_by"]:
        yield ("masked_by",), "`masked_by` names the rule itself"


def _attest_faults(values: Mapping[str, Any]) -> Iterator[tuple[TomlPath, str]]:
    """A question for a person has the sentence that answers it, and nothing that evidence would answer."""
    if not values["attest"]:
        if values["states"]:
            yield ("states",), "`states` is what a person states; it needs `attest = true`"
        return
    if not values["states"]:
        yield ("attest",), "`attest` needs `states`, the sentence that a person states"
    for name in ONLY_WITH_EVIDENCE:
        if values[name]:
            yield (name,), f"`{name}` has no place in a rule that only a person can answer (`attest`)"


def _needed_verdicts(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The verdicts of which a rule shows a case; without a record, a question for a person is undetermined."""
    if not values["attest"]:
        return NEEDED_VERDICTS
    return ("undetermined", "not_applicable") if values["applies"] else ("undetermined",)


def _name_faults(file: RuleFile, values: Mapping[str, Any]) -> Iterator[tuple[TomlPath, str]]:
    if "id" not in values or "slug" not in values:
        return
    name = f"{values['id']}-{values['slug']}.toml"
    wanted = name if file.foreign else f"{values['id'].partition('-')[0].lower()}/{name}"
    found = file.name.rpartition("/")[2] if file.foreign else file.name
    if found != wanted:
        yield ("id",), f"the file of this rule is {wanted}"


def _case_faults(cases: tuple[Case, ...], needed: tuple[str, ...]) -> Iterator[tuple[TomlPath, str]]:
    for verdict in needed:
        if not any(case.verdict == verdict for case in cases):
            yield (), f"needs at least one case that is {verdict}"
    names = [case.name for case in cases]
    for index, name in enumerate(names):
        if name and name in names[:index]:
            yield (keys.CASES, index), f"two cases are called {name!r}"
