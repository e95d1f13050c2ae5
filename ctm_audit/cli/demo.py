"""`ctm-audit demo`: the main job on bundled evidence, from exported files to the report."""

from __future__ import annotations

from pathlib import Path

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option
from ctm_audit.cli.progress import shown_progress

EXAMPLES = ("broken", "clean")


@click.command()
@click.argument("example", type=click.Choice(EXAMPLES), default=EXAMPLES[0])
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("ctm-audit-demo"),
    help="Folder for the project; a new one is made beside it when it exists.",
)
@json_option
@no_input_option
def demo(example: str, out: Path, as_json: bool) -> None:
    """Import the exports of two invented tenants, audit them for submit, and write the HTML report.

    EXAMPLE is broken (the default: many things are wrong) or clean (ready). The last line is the path of the report.
    Exit code 0 whatever the verdict is: the demo has done its work.
    """
    from ctm_audit import api
    from ctm_audit.cli.audit import tell
    from ctm_audit.model import Step
    from ctm_audit.report.words import counted

    folder = api.copy_example(example, out)
    project, mapping = api.open_project(folder)
    for side in ("source", "target"):
        with shown_progress():
            imported = api.import_exports(project, side, [folder / side])
        rows = sum(table.rows for table in imported.bundle.tables.values())
        tables, gaps = counted(len(imported.bundle.tables), "table"), counted(len(imported.gaps), "gap")
        console.note(f"Imported {side}: {tables}, {rows:,} rows, {gaps}.")
    with shown_progress():
        result = api.audit(project, mapping, step=Step.SUBMIT)
    tell(result, as_json)
