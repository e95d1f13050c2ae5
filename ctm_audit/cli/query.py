"""`ctm-audit query`: one SELECT about the newest evidence or a run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import project_option, run_option

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

    with api.query(question, run=run, project=project) as answer:
        console.note(f"Asked: {answer.source}")
        if out:
            _write(_told(answer, form), out, form)
        else:
            console.echo_data(_told(answer, form))


def _told(answer: Answer, form: str) -> Iterator[str]:
    from ctm_audit.report.answer_text import as_csv, as_json, as_table

    if form == "json":
        return as_json(answer.columns, answer.rows())
    if form == "csv":
        return as_csv(answer.columns, answer.rows())
    return as_table(answer.columns, answer.rows(), shutil.get_terminal_size().columns if sys.stdout.isatty() else None)


def _write(parts: Iterable[str], path: Path, form: str) -> None:
    """Write the answer under a temporary name first; a CSV gets the mark by which a spreadsheet knows UTF-8."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8-sig" if form == "csv" else "utf-8", newline="\n") as file:
            file.writelines(parts)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    console.echo_answer(str(path))
