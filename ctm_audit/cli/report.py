"""`ctm-audit report`: a written run in another format, made of its folder alone."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import no_input_option, project_option
from ctm_audit.cli.progress import shown_progress
from ctm_audit.errors import Refused, UsageError
from ctm_audit.report.formats import ENDINGS

STDOUT = Path("-")


@click.command()
@click.argument("run", required=False)
@click.option("--format", "form", type=click.Choice(list(ENDINGS)), default="html", show_default=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write, or - for stdout; else one here, named like the run.")
@project_option
@no_input_option
def report(run: str | None, form: str, out: Path | None, project: Path | None) -> None:
    """Write a run in another format, from its folder alone.

    RUN is the folder of a run, its name, or its id; else the newest run of the project. The answer is the path of the file.
    The same run gives the same bytes. Exit code 0 whatever the verdict of the run is.
    """
    from ctm_audit import api

    record = api.load_run(run, project)
    if out == STDOUT:
        with shown_progress():
            contents = api.report_bytes(record, form)
        _to_stdout(contents, form)
        return
    path = out or _free(Path(f"{record.folder.resolve().name}{ENDINGS[form]}"))
    with shown_progress():
        api.write_report(record, form, path)
    console.echo_answer(str(path))


def _free(path: Path) -> Path:
    if path.exists():
        raise Refused(f"{path} exists; nothing is overwritten.", hint="name the file with --out FILE")
    return path


def _to_stdout(contents: bytes, form: str) -> None:
    """Write bytes as they are: no console may change a character of them."""
    if form == "xlsx":
        raise UsageError("A workbook is no text for stdout.", hint="name a file with --out FILE")
    sys.stdout.flush()
    sys.stdout.buffer.write(contents)
    sys.stdout.buffer.flush()
