"""`ctm-audit audit`: rules over evidence, a run folder, and an exit code that says ready or not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.cli.progress import shown_progress
from ctm_audit.model import Step

if TYPE_CHECKING:
    from ctm_audit.api import AuditResult


@click.command()
@project_option
@click.option("--for", "step", type=click.Choice([str(step) for step in Step]), help="The step to audit for; else the next unfinished one.")
@click.option("--wave", help="Audit only this wave of the mapping.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the run; else the project's runs folder.")
@click.option("--as-of", "as_of", help="Judge as if it were this time (ISO 8601, UTC without a zone). No plan accepts such a run.")
@click.option("--rules", "extra_rules", type=click.Path(path_type=Path), help="A folder with rules of your own (ids X-...).")
@click.option("--reference", type=click.Path(path_type=Path), help="A folder with reference facts that replace the bundled ones.")
@json_option
@no_input_option
def audit(
    project: Path | None,
    step: str | None,
    wave: str | None,
    out: Path | None,
    as_of: str | None,
    extra_rules: Path | None,
    reference: Path | None,
    as_json: bool,
) -> int:
    """Judge the newest bundles of both tenants by the rule book.

    Writes a run folder with run.json, findings, mailboxes and the HTML report, and prints the verdict.
    Exit code 0: every required gate is open. 1: a gate is closed. 3: undetermined, something was not seen.
    """
    from ctm_audit import api

    opened, mapping = api.open_project(project)
    chosen = Step(step) if step else None
    now = _moment(as_of)
    with shown_progress():
        result = api.audit(opened, mapping, step=chosen, wave=wave, as_of=now, out=out, extra_rules=extra_rules, reference=reference)
    tell(result, as_json)
    return result.exit_code


def tell(result: AuditResult, as_json: bool) -> None:
    """Print the verdict, where the work lists are, and, as the last line, the path of the report; or the whole run as one JSON document."""
    from ctm_audit.report.console import verdict_lines

    for sentence in result.notes:
        console.note(sentence)
    if as_json:
        console.echo_json(result.with_findings())
        return
    for line in verdict_lines(result.document):
        console.echo_answer(line.text, line.style)
    console.echo_answer(f"Work lists: {result.work}")
    console.echo_answer(str(result.report))


def _moment(text: str | None) -> datetime | None:
    from ctm_audit.project import parse_moment

    return parse_moment(text, "--as-of") if text else None
