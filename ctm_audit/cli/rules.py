"""`ctm-audit rules`: list, show, check and test the rules, tell what they foresee, and begin a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option
from ctm_audit.errors import EXIT_OK, EXIT_USAGE, UsageError
from ctm_audit.model import FORMAT_VERSION, Step

if TYPE_CHECKING:
    from ctm_audit.reference import Reference
    from ctm_audit.rulebook.check import RuleCheck
    from ctm_audit.rulebook.coverage import Coverage
    from ctm_audit.rulebook.judging import CheckedRule
    from ctm_audit.rulebook.load import RuleBook
    from ctm_audit.rulebook.rule import Rule

Command = TypeVar("Command", bound=Callable[..., Any])


def book_options(command: Command) -> Command:
    """Adds `--rules` and `--reference`, given to the command as `extra` and `reference`."""
    folder = click.Path(path_type=Path)
    facts = click.option("--reference", type=folder, help="A folder with reference facts that replace the bundled ones.")
    return click.option("--rules", "extra", type=folder, help="A folder with rules of your own (ids X-...).")(facts(command))


@click.group()
@no_input_option
def rules() -> None:
    """List, show, check and test the rules; tell what they foresee."""


@rules.command("list")
@click.option("--gate", help="Only rules of this gate.")
@click.option("--step", type=click.Choice([str(step) for step in Step]), help="Only rules that block or warn at this step.")
@book_options
@json_option
def list_(gate: str | None, step: str | None, extra: Path | None, reference: Path | None, as_json: bool) -> None:
    """Print every rule: id, title, and the steps at which it blocks or warns, gate by gate."""
    book = _load(extra, _facts(reference))
    _refuse_unknown_gate(book, gate)
    chosen = [rule for rule in book.rules if gate in (None, rule.gate) and (step is None or step in (*rule.blocks, *rule.warns))]
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "rulebook": _book(book), "rules": [_summary(rule) for rule in chosen]})
        return
    for title, lines in _by_gate(book, chosen):
        console.echo_answer(title, "bold")
        console.echo_answer("\n".join(lines))
    console.note(f"{len(chosen)} of {len(book.rules)} rules; rule book {book.digest[:12]}")


def _refuse_unknown_gate(book: RuleBook, gate: str | None) -> None:
    known = [known.id for known in book.gates]
    if gate is not None and gate not in known:
        raise UsageError(f"There is no gate {gate}.", detail=[f"gates: {', '.join(known)}"])


def _book(book: RuleBook) -> dict[str, Any]:
    return {"digest": book.digest, "rules": len(book.rules)}


def _summary(rule: Rule) -> dict[str, Any]:
    names = ("id", "slug", "title", "gate", "blocks", "warns", "owner")
    return {name: list(value) if isinstance(value := getattr(rule, name), tuple) else str(value) for name in names}


def _by_gate(book: RuleBook, chosen: list[Rule]) -> list[tuple[str, list[str]]]:
    lines = {gate.id: [_line(rule) for rule in chosen if rule.gate == gate.id] for gate in book.gates}
    return [(f"{gate.id}: {gate.title}", lines[gate.id]) for gate in book.gates if lines[gate.id]]


def _line(rule: Rule) -> str:
    return console.fitted(f"  {rule.id:<10} {rule.title} ({_steps(rule)})", hang=13)


def _steps(rule: Rule) -> str:
    blocks, warns = ", ".join(rule.blocks), ", ".join(rule.warns)
    return "; ".join(filter(None, [f"blocks {blocks}" if blocks else "", f"warns {warns}" if warns else ""])) or "info"


@rules.command()
@click.argument("rule_id", metavar="ID")
@book_options
def show(rule_id: str, extra: Path | None, reference: Path | None) -> None:
    """Print all that a rule says, and the evidence that it reads."""
    from ctm_audit.rulebook.docs import rule_page

    book = _load(extra, _facts(reference))
    console.echo_answer(rule_page(book.rule(rule_id), book))


@rules.command()
@book_options
@json_option
def check(extra: Path | None, reference: Path | None, as_json: bool) -> int:
    """Check every rule: its form, its language, its cases, and that unknown never passes.

    Exit code 2 when anything is wrong with any rule; every fault is told.
    """
    book = _load(extra, _facts(reference))
    return _tell(book, book.checked, as_json=as_json)


@rules.command()
@click.argument("rule_ids", metavar="ID...", nargs=-1, required=True)
@book_options
@json_option
def test(rule_ids: tuple[str, ...], extra: Path | None, reference: Path | None, as_json: bool) -> int:
    """Judge the cases of single rules, with the unknown probe."""
    book = _load(extra, _facts(reference))
    return _tell(book, [book.rule(name) for name in rule_ids], as_json=as_json)


@rules.command()
@book_options
@json_option
def coverage(extra: Path | None, reference: Path | None, as_json: bool) -> None:
    """Print which answers of Microsoft's service the rules foresee, which not, and why."""
    from ctm_audit.rulebook.coverage import coverage as covered_by

    facts = _facts(reference)
    book = _load(extra, facts)
    found = covered_by(book, facts.errors.values())
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "rulebook": _book(book), "errors": [_answer(one) for one in found]})
        return
    for title, chosen in (("foreseen", [one for one in found if one.rules]), ("not foreseen", [one for one in found if one.why])):
        console.echo_answer(title, "bold")
        console.echo_answer("\n".join(f"  {one.error.name}: {one.why or ', '.join(one.rules)}" for one in chosen))
    documented = [one for one in found if one.error.documented]
    foreseen = sum(1 for one in documented if one.rules)
    console.note(f"{foreseen} of {len(documented)} documented answers are foreseen; rule book {book.digest[:12]}")


def _answer(found: Coverage) -> dict[str, Any]:
    error = found.error
    return {
        "name": error.name,
        "route": error.route,
        "documented": error.documented,
        "meaning": error.meaning,
        "rules": list(found.rules),
        "absent": list(found.absent),
        "why": found.why,
        "source": error.source,
    }


def _facts(folder: Path | None) -> Reference:
    from ctm_audit.reference import load_reference

    return load_reference(folder)


def _load(extra: Path | None, facts: Reference) -> RuleBook:
    from ctm_audit.bundled import data_folder
    from ctm_audit.rulebook.load import load_book

    return load_book(data_folder("rules"), extra, facts.errors)


def _tell(book: RuleBook, chosen: Sequence[CheckedRule], *, as_json: bool) -> int:
    from ctm_audit.rulebook.check import check_rules

    checks = check_rules(chosen)
    faults = [fault for found in checks for fault in found.faults]
    if as_json:
        results = [_result(found) for found in checks]
        console.echo_json({"format_version": FORMAT_VERSION, "rulebook": _book(book), "rules": results})
    elif faults:
        console.echo_answer("\n".join(map(str, faults)))
    else:
        console.echo_answer(f"{_count(len(checks), 'rule')}, {_count(sum(found.cases for found in checks), 'case')}: no faults")
    return EXIT_USAGE if faults else EXIT_OK


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _result(found: RuleCheck) -> dict[str, Any]:
    faults = [{"file": fault.file, "line": fault.line, "column": fault.column, "message": fault.message} for fault in found.faults]
    return {"id": found.id, "cases": found.cases, "faults": faults}


@rules.command()
@click.argument("rule_id", metavar="ID")
@click.option("--slug", required=True, help="A name for the problem, such as legacy-dn-not-stamped.")
@click.option("--over", required=True, help="The relation that it judges, as pairs, tenants or dns_domains; docs/relations.md lists them.")
@click.option("-o", "--out", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder of the rule book.")
def new(rule_id: str, slug: str, over: str, folder: Path) -> None:
    """Write a commented rule file to fill in, with three cases. Rules of your own have ids X-..."""
    from ctm_audit.rulebook.scaffold import write_rule

    console.echo_answer(f"written: {write_rule(folder, rule_id, slug, over)}")
    console.note(f"Next: fill it in, then: ctm-audit rules test {rule_id}" + (f" --rules {folder}" if rule_id.startswith("X-") else ""))
