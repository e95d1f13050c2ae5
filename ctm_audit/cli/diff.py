"""`ctm-audit diff`: what changed from one run to another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, project_option
from ctm_audit.model import FORMAT_VERSION


@click.command()
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="RUN")
@project_option
@click.option("--across-rule-books", is_flag=True, help="Compare only the rules that both runs have with the same text.")
@json_option
def diff(first: str, second: str, project: Path | None, across_rule_books: bool, as_json: bool) -> None:
    """Tell what is new, fixed, still open or newly undetermined in the second RUN, by owner and rule.

    A RUN is a folder, its name or its id. Runs of other projects, steps, waves or rule books are not compared (exit code 5).
    """
    from ctm_audit import api
    from ctm_audit.report.diff_lines import diff_lines

    runs = [api.load_run(name, project) for name in (first, second)]
    with api.compare_runs(*runs, across_rule_books=across_rule_books) as comparison:
        if as_json:
            console.echo_parts(_document(comparison.document, comparison.each()))
            return
        for line in diff_lines(comparison.document):
            console.echo_answer(line.text, line.style)


def _document(summary: dict[str, Any], changes: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The JSON document piece by piece: a million changes are never held at once."""
    yield json.dumps({"format_version": FORMAT_VERSION} | summary, ensure_ascii=True, indent=2)[:-2] + ',\n  "changes": ['
    for number, change in enumerate(changes):
        yield (",\n    " if number else "\n    ") + json.dumps(change, ensure_ascii=True)
    yield "\n  ]\n}\n"
