"""An explanation on a terminal: the verdict first, then what would change it, the predicate, and the facts with their origins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctm_audit.report.console import GLUE, Line, Style, wrapped
from ctm_audit.report.words import WEIGHTS, counted, day_and_time, owner, visible

Document = Mapping[str, Any]
VERDICTS: Mapping[str, tuple[str, Style]] = {
    "pass": ("passes", "green"),
    "fail": ("FAILS", "red"),
    "due": ("FAILS, due at a later step", "magenta"),
    "undetermined": ("UNDETERMINED", "magenta"),
    "not_applicable": ("not applicable", ""),
    "waived": ("waived", "magenta"),
    "attested": ("stated by a person, not observed", ""),
}
TRUTH = {True: "true", False: "false", None: "unknown"}
COUNT_WORDS = {"evaluated": "judged", "not_applicable": "not applicable"}
FEW_ORIGINS = 2
LONG_LIST = 8
LONG_TEXT = 300
INDENT = 4


def object_lines(told: Document) -> list[Line]:
    """The explanation of a rule for one object."""
    parts = (_verdict(told), _expected(told), _counterfactual(told), _masks(told), _predicate(told), _facts(told), _lookups(told))
    return _shown(parts)


def rule_lines(told: Document) -> list[Line]:
    """The rule in short, its counts in the run, and the objects that it reports."""
    return _shown((_rule(told), _counts(told), _affected(told)))


def _shown(parts: Sequence[Iterator[Line]]) -> list[Line]:
    return [Line(visible(line.text), line.style) for part in parts for line in part]


def _verdict(told: Document) -> Iterator[Line]:
    rule, about = told["rule"], told["object"]
    word, style = VERDICTS[told["verdict"]]
    yield from wrapped(f"{rule['id']} for {about['id']}: {word}", style, indent=2)
    yield from wrapped(rule["title"], "bold", indent=2)
    wave = f", wave {about['wave']}" if about["wave"] else ""
    step = told["run"]["step"]
    yield from wrapped(f"{about['kind']}{wave}; gate {rule['gate']}; {WEIGHTS[rule['weight']]} at the step {step}")
    yield from wrapped(f"run {told['run']['folder']}")
    if told["reason"]:
        yield from wrapped(f"Reason: {told['reason']}", indent=2)


def _expected(told: Document) -> Iterator[Line]:
    pairs = [(name, told[name.lower()]) for name in ("Expected", "Found") if told[name.lower()] is not None]
    if told["verdict"] not in ("pass", "not_applicable"):
        yield Line("")
        for name, value in pairs:
            yield from wrapped(f"{name + ':':<10}{_short(value) or '(nothing)'}", indent=10)
        for export in told["exports"]:
            yield Line(f"{'Export:':<10}{export}")
    if told["verdict"] in ("fail", "due"):
        yield from wrapped(f"{'To do:':<10}{told['rule']['fix']} [{owner(told['owner'] or told['rule']['owner'])}]", indent=10)
        if told["command"]:
            yield Line(f"{'Command:':<10}{told['command']}")


def _counterfactual(told: Document) -> Iterator[Line]:
    found = told["counterfactual"]
    if found is None:
        return
    yield Line("")
    if not found["found"]:
        yield from wrapped(f"What would let it pass is not known: {found['reason']}.", "bold", indent=2)
        return
    for number, change in enumerate(found["changes"]):
        yield from wrapped(f"{'and' if number else 'It would pass if'} {_in_words(told, change)}", "bold", indent=INDENT)
        if change["origins"]:
            yield from wrapped(f"    ({_names(change['origins'])})", indent=5)


def _in_words(told: Document, change: Document) -> str:
    """What would have to be, in one sentence: `target.exchange_guid were '3f…'`."""
    own = change["relation"] == told["rule"]["over"]
    if change["field"] is None:
        there = change["to"] is not None
        row = ", ".join(f"{name} = {_value(value)}" for name, value in (change["to"] if there else change["from"]).items())
        return f"{change['relation']} had {'a' if there else 'no'} row with {row}"
    name = change["field"] if own else f"{change['relation']}.{change['field']} (row {change['row']})"
    before, after = change["from"], change["to"]
    if isinstance(before, list) and isinstance(after, list) and before:
        more, less = [value for value in after if value not in before], [value for value in before if value not in after]
        parts = [f"{name} had {word} {', '.join(map(_value, values))}" for word, values in (("also", more), ("not", less)) if values]
        if after and parts:
            return " and ".join(parts)
    return f"{name} were {_value(after)} instead of {_value(before)}"


def _masks(told: Document) -> Iterator[Line]:
    named = told["rule"]["masked_by"]
    if not named:
        return
    yield Line("")
    failing = [f"{mask['rule']} ({mask['object']['id']})" for mask in told["masked_by"]]
    if failing:
        yield from wrapped(f"Not judged because of: {', '.join(failing)}. Repair that first.", "magenta", indent=2)
    else:
        yield from wrapped(f"Masked by none of {', '.join(named)}: no failure of theirs is in the way.", indent=2)


def _predicate(told: Document) -> Iterator[Line]:
    for name, words in (("applies", "Asks of it"), ("passes", "Passes")):
        expression = told["predicate"][name]
        if expression is None:
            continue
        yield Line("")
        yield Line(f"{words}: {TRUTH[expression['is']]}", "bold")
        if not expression["conditions"]:
            yield from wrapped(f"  {expression['sql']}", indent=INDENT)
        for condition in expression["conditions"]:
            yield from wrapped(f"  {TRUTH[condition['is']]:<8}{condition['sql']}", indent=10)


def _facts(told: Document) -> Iterator[Line]:
    deciding, others = ([fact for fact in told["facts"] if fact["decides"] == decides] for decides in (True, False))
    yield Line("")
    yield Line("Facts that decide it", "bold")
    for fact in deciding:
        yield from _fact(fact)
        yield from _origins(fact["origins"])
    if others:
        yield Line("")
        yield Line("Told with it", "bold")
    for fact in others:
        yield from _fact(fact)


def _fact(fact: Document) -> Iterator[Line]:
    value = _value(fact["value"]) if fact["missing"] is None else f"not collected: {fact['missing']}"
    yield from wrapped(f"  {fact['field']} = {value}", indent=INDENT)


def _origins(origins: Sequence[Document]) -> Iterator[Line]:
    """From which properties, at which time, and in which file; where many tables tell it, without the files."""
    for one in origins:
        at = f" at {day_and_time(one['collected_at'])}" if one["collected_at"] else ""
        yield from wrapped(f"      from {_properties(one['what'])}{at}", indent=11)
        if one["file"] and len(origins) <= FEW_ORIGINS:
            yield from wrapped(f"      in   {one['file']}", indent=11)


def _properties(what: str) -> str:
    """The properties of one command; of many only how many they are."""
    names = what.split(", ")
    return what if len(names) <= FEW_ORIGINS else f"{names[0].rpartition('.')[0]} ({len(names)} properties)"


def _lookups(told: Document) -> Iterator[Line]:
    for one in told["looked_up"]:
        rows = "not collected" if one["rows"] is None else counted(one["rows"], "row")
        yield Line("")
        yield from wrapped(f"Looks up {one['relation']} ({rows}): {one['meaning']}", "bold", indent=INDENT)
        yield from _origins(one["origins"])
        for number, row in enumerate(one["values"], 1):
            values = ", ".join(f"{name} = {_value(row[name])}" for name in one["columns"] if name in row)
            yield from wrapped(f"{number:>3}. {values or 'a row'}", indent=5)
        if one["rows"] and one["rows"] > len(one["values"]):
            yield Line(f"     and {one['rows'] - len(one['values']):,} more")


def _rule(told: Document) -> Iterator[Line]:
    rule = told["rule"]
    yield from wrapped(f"{rule['id']} {rule['title']}", "bold", indent=2)
    yield from wrapped(
        f"gate {rule['gate']}; {WEIGHTS[rule['weight']]} at the step {told['run']['step']}; run {told['run']['folder']}", indent=2
    )
    yield Line("")
    yield from wrapped(rule["why"])
    yield Line("")
    yield from wrapped(f"To do: {rule['fix']} [{owner(rule['owner'])}]", indent=7)
    for name, words in (("applies", "Asks of"), ("passes", "Passes")):
        if told["predicate"][name]:
            yield from wrapped(f"{words + ':':<9}{' '.join(told['predicate'][name].split())}", indent=9)
    if rule["masked_by"]:
        yield from wrapped(f"Masked by: {', '.join(rule['masked_by'])}", indent=2)


def _counts(told: Document) -> Iterator[Line]:
    yield Line("")
    counts = [f"{number:,}{GLUE}{COUNT_WORDS.get(name, name)}" for name, number in told["counts"].items() if number]
    yield from wrapped(f"In this run: {', '.join(counts) or 'nothing to judge'}", "bold", indent=2)
    if told["reason"]:
        yield from wrapped(f"Reason: {told['reason']}", indent=2)


def _affected(told: Document) -> Iterator[Line]:
    yield Line("")
    for one in told["affected"]:
        if one["count"] == 1:
            found = f": {_short(one['found'])}" if one["found"] else ""
            yield from wrapped(f"{VERDICTS[one['verdict']][0]:<13} {one['object']['id']}{found}", indent=14)
    listed = sum(one["count"] for one in told["affected"])
    whole = sum(told["counts"][name] for name in ("failed", "due", "undetermined", "waived", "attested"))
    if whole > listed:
        yield Line(f"and {whole - listed:,} more; findings.csv has them all")
    first = next((one["object"]["id"] for one in told["affected"] if one["count"] == 1), None)
    if first:
        yield Line(f"Next: ctm-audit explain {told['rule']['id']} {_argument(first)}")


def _argument(text: str) -> str:
    return f'"{text}"' if set(text) & set(" '&()") else text


def _names(origins: Sequence[str]) -> str:
    return ", ".join(origins) if len(origins) <= 3 else f"{', '.join(origins[:3])} and {len(origins) - 3} more"


def _value(value: Any) -> str:
    """The value as the rule language writes it."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        more = f", and {len(value) - LONG_LIST:,} more" if len(value) > LONG_LIST else ""
        return f"[{', '.join(_value(one) for one in value[:LONG_LIST])}{more}]"
    return f"'{_short(str(value))}'"


def _short(text: str) -> str:
    return text if len(text) <= LONG_TEXT else f"{text[:LONG_TEXT]}..."
