"""What must pass at each step of the domain move, as gates.toml lists it for people to see; the rules themselves say the same."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.model import DOMAIN_STEPS, Step
from ctm_audit.rulebook import keys
from ctm_audit.rulebook.rule import Rule
from ctm_audit.text_files import read_text

GATES = "gates.toml"
KEYS: Mapping[str, keys.Reader] = {"id": keys.one_of(DOMAIN_STEPS), "rules": keys.texts}


def read_lists(folder: Path, rules: Mapping[str, Rule], ids: Collection[str]) -> tuple[dict[Step, tuple[str, ...]], list[Fault]]:
    """The ids of the rules listed for each step, and what is wrong with the lists.

    A listed rule must exist and block at the step. `ids` are those of all files, `rules` the ones of them that are sound.
    """
    file = f"{folder.resolve().name}/{GATES}"
    try:
        entries = tomllib.loads(read_text(folder / GATES, ansi=False).text).get("step", [])
    except tomllib.TOMLDecodeError:
        return {}, []  # said where the gates are read
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return {}, [Fault(file, 0, 0, "what must pass at a step stands under [[step]]")]
    listed: dict[Step, tuple[str, ...]] = {}
    faults = [Fault(file, 0, 0, message) for entry in entries for message in _add(listed, entry, rules, ids)]
    return listed, faults


def _add(listed: dict[Step, tuple[str, ...]], entry: dict[str, Any], rules: Mapping[str, Rule], ids: Collection[str]) -> Iterator[str]:
    """Add a list; what is wrong with it, sentence by sentence."""
    if set(entry) != set(KEYS):
        yield "a step has exactly the keys id and rules"
        return
    try:
        step, names = Step(KEYS["id"](entry["id"])), KEYS["rules"](entry["rules"])
    except ValueError as error:
        yield f"step {entry['id']!r}: {error}"
        return
    if step in listed:
        yield f"the step {step} stands there twice"
    listed[step] = names
    for name in names:
        if name not in ids:
            yield f"the step {step} names {name}, which is no rule"
        elif name in rules and step not in rules[name].blocks:
            yield f"the step {step} names {name}, which does not block there"
