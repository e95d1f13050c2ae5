"""`ctm-audit mapping check|suggest`: the mapping before there is an audit."""

from __future__ import annotations

from pathlib import Path

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.errors import EXIT_OK
from ctm_audit.model import FORMAT_VERSION

STATES = {
    "likely": "one candidate, and an id or address speaks for it",
    "by name only": "one candidate, but only a name speaks for it",
    "ambiguous": "several candidates, or one candidate for several mailboxes",
    "contradictory": "one candidate, and something speaks against it",
    "none": "no candidate",
}


@click.group()
@no_input_option
def mapping() -> None:
    """Check the mapping, or propose rows for it from two bundles."""


@mapping.command()
@project_option
@json_option
@no_input_option
def check(project: Path | None, as_json: bool) -> int:
    """Tell every fault of the project file and the mapping, each with line and column; exit code 2 when there is one."""
    from ctm_audit import api

    opened, table = api.open_project(project)
    waves = [str(name) for name in table.rows.column("wave").unique().to_pylist() if name]
    for sentence in table.notes:
        console.note(sentence)
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "mapping": str(opened.mapping), "rows": table.rows.num_rows, "waves": waves})
    else:
        used = f" in the waves {', '.join(waves)}" if waves else ""
        console.echo_answer(f"{opened.mapping}: {table.rows.num_rows:,} rows{used}, no faults")
    return EXIT_OK


@mapping.command()
@project_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; else mapping.suggested.csv beside the mapping.")
@click.option("--all", "everybody", is_flag=True, help="Propose also for mailboxes that the mapping names already.")
@json_option
@no_input_option
def suggest(project: Path | None, output: Path | None, everybody: bool, as_json: bool) -> int:
    """Propose target rows for source mailboxes, each with the evidence for and against it.

    Nothing is accepted by itself: the file is no mapping, and is never read. Look at every row, and copy the right ones.
    """
    from ctm_audit import api

    found = api.suggest_mapping(api.open_project_file(project), output, everybody=everybody)
    for sentence in found.notes:
        console.note(f"Evidence may be missing: {sentence}")
    counts = {state: found.counts.get(state, 0) for state in STATES}
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "file": str(found.path), "mailboxes": counts})
        return EXIT_OK
    console.echo_answer("\n".join(f"{counts[state]:>9,}  {state}: {words}" for state, words in STATES.items()))
    console.echo_answer(str(found.path))
    console.note("Next: look at every row, copy source and target of the right ones into the mapping, then ctm-audit mapping check")
    return EXIT_OK
