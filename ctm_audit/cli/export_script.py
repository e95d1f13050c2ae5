"""`ctm-audit export-script`: the PowerShell script with which an admin who registers no app exports one tenant."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import no_input_option, project_option
from ctm_audit.errors import UsageError


@click.command("export-script")
@click.argument("side", type=click.Choice(["source", "target"]), required=False)
@project_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the script to this file instead of printing it.")
@click.option("--new-salt", type=click.Path(path_type=Path), metavar="FILE", help="Only write a new salt, the key of the hashes, to FILE.")
@no_input_option
def export_script(side: Literal["source", "target"] | None, project: Path | None, output: Path | None, new_salt: Path | None) -> None:
    """Print a PowerShell script that exports everything that is read of the SOURCE or the TARGET tenant into one zip.

    The script only reads. It holds the keys of the project's mapping: by default it exports these people in full, and
    of everybody else hashes that only who has the project's salt can compare. It runs on Windows PowerShell 5.1 and PowerShell 7.
    """
    from ctm_audit import api

    if new_salt:
        if side or output:
            raise UsageError("--new-salt writes a salt and no script.", hint="ctm-audit export-script --new-salt FILE")
        api.new_salt(new_salt)
        console.note(f"The salt is in {new_salt}. Hand it to the admins of both sides on a safe way; it stands nowhere else.")
        return
    if side is None:
        raise UsageError("Of which side?", hint="ctm-audit export-script source, or target")
    text = api.export_script(*api.open_project(project), side)
    if output is None:
        console.echo_answer(text.rstrip("\n"))
    else:
        api.write_script(text, output)
        console.echo_answer(f"written: {output}")
    console.note(f"Next: run it as an admin of the {side} tenant, then: ctm-audit import {side} PATH")
