"""`ctm-audit query`: one SELECT about the newest evidence or a run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import project_option, run_option
from ctm_audit.cli.progress import shown_progress

if TYPE_CHECKING:
    from ctm_audit.engine.ask import Answer

FORMATS = ("table", "csv", "json")


@click.command()
@click.argument("question", metavar="SELECT")
@run_option
@project_option
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True, help="How to tell the answer.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; else stdout.")
def query(question: str, run: str | None, project: Path | None, form: str, out: Path | None) -> None:
    """Answer one SELECT (in the SQL of DuckDB) about the relations of docs/relations.md, and change nothing.

    Without --run the newest bundles are asked, with everything that was collected. A question that names findings or mailboxes
    is about a run: the one of --run, else the newest. Exit code 0 when it was answered, 2 when it cannot be.
    """
    from ctm_audit import api

    with ExitStack() as asking:
        with shown_progress():
            answer = asking.enter_context(api.query(question, run=run, project=project))
        for line in (f"Asked: {answer.source}", *answer.notes):
            console.note(line)
        if out:
            _write(_told(answer, form, None), out, form)
        else:
            console.echo_data(_told(answer, form, shutil.get_terminal_size().columns if sys.stdout.isatty() else None))


def _told(answer: Answer, form: str, width: int | None) -> Iterator[str]:
    from ctm_audit.report.answer_text import as_csv, as_json, as_table

    if form == "json":
        return as_json(answer)
    if form == "csv":
        return as_csv(answer.columns, answer.rows())
    return as_table(answer.columns, answer.rows(), width)


def _write(parts: Iterable[str], path: Path, form: str) -> None:
    """Write the answer under a temporary name first; a CSV gets the mark by which a spreadsheet knows UTF-8."""
    from ctm_audit.whole_files import whole_file

    with whole_file(path) as fresh, fresh.open("w", encoding="utf-8-sig" if form == "csv" else "utf-8", newline="\n") as file:
        file.writelines(parts)
    console.echo_answer(str(path))
