"""`ctm-audit import`: exported files become a bundle; every gap is named with the line that closes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.cli.progress import shown_progress
from ctm_audit.errors import UsageError
from ctm_audit.model import FORMAT_VERSION

if TYPE_CHECKING:
    from ctm_audit.project import Project
    from ctm_audit.readers.importing import ImportResult


def _list(context: click.Context, _: click.Parameter, value: bool) -> None:
    """Print every export that is read, with its lines, and end."""
    if value:
        from ctm_audit.cli.exports_list import lines

        console.echo_answer("\n".join(lines()))
        context.exit()


@click.command("import")
@click.argument("side", type=click.Choice(["source", "target"]))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--as", "named", multiple=True, metavar="NAME[=FILE]", help="What a file is, such as Get-Mailbox=people.csv.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="Print every export and its lines.")
@project_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the bundle; else the project's folder of that side.")
@click.option("--collected-at", help="When the files were exported (ISO 8601, UTC without a zone); recorded as stated by you.")
@click.option("--delete-after", help="The last day on which the bundle may be kept; else 90 days after the project's last completion.")
@click.option("--keep", type=click.Choice(["mapped", "all"]), help="Whose facts to keep; else what the project says: mapped.")
@json_option
@no_input_option
def import_(
    side: Literal["source", "target"],
    paths: tuple[Path, ...],
    named: tuple[str, ...],
    project: Path | None,
    output: Path | None,
    collected_at: str | None,
    delete_after: str | None,
    keep: str | None,
    as_json: bool,
) -> int:
    """Make a bundle of the files that were exported from the SOURCE or the TARGET tenant.

    PATH is a file, a folder or a zip. A file is recognised by its name, such as Get-Mailbox.json or users.json.
    Exit code 0: everything was collected. 3: the bundle was written, but has gaps. 2: nothing could be used.
    """
    from ctm_audit import api
    from ctm_audit.project import parse_day, parse_moment

    opened = _project(project, output)
    stated = parse_moment(collected_at, "--collected-at") if collected_at else None
    keep_until = parse_day(delete_after, "--delete-after") if delete_after else None
    with shown_progress():
        result = api.import_exports(opened, side, paths, output, stated, keep_until, _named(named, paths), keep)
    if as_json:
        console.echo_json(_document(result))
    else:
        _tell(result)
    if result.bundle.scope is None:
        console.note("The bundle holds facts of everybody who was exported; with --keep mapped, only of the people of the mapping.")
    console.note(f"Next: {_next(result, opened)}")
    return result.exit_code


def _named(named: tuple[str, ...], paths: tuple[Path, ...]) -> dict[str, str]:
    """What files are, by file name; a name alone stands for the only file. Raises UsageError when it is not clear which is meant."""
    found: dict[str, str] = {}
    for one in named:
        name, equals, file = one.partition("=")
        if not equals and len(paths) != 1:
            raise UsageError(f"--as {one}: it is not clear which file is meant.", hint=f"--as {one}=FILE")
        found[Path(file).name if equals else paths[0].name] = name
    return found


def _project(path: Path | None, output: Path | None) -> Project | None:
    """The project; None when the bundle's folder is given and there is no project to compare the tenant with."""
    from ctm_audit import api
    from ctm_audit.project import find_project

    if path is None and output:
        try:
            path = find_project(Path.cwd())
        except UsageError:
            return None
    return api.open_project_file(path)


def _tell(result: ImportResult) -> None:
    from ctm_audit.cli.bundles import gap_lines, table_lines

    for name, reason in result.ignored:
        console.note(f"Not used: {name}: {reason}")
    console.echo_answer("\n".join([*table_lines(result.bundle), "", *gap_lines(result.gaps), f"bundle: {result.bundle.path}"]))


def _next(result: ImportResult, project: Project | None) -> str:
    """The command to run now: close the gaps, import the other side, or audit."""
    from ctm_audit.evidence.bundle import list_bundles

    side = result.bundle.side
    if result.gaps:
        return f"close the gaps with the lines above, then ctm-audit import {side} PATH again"
    other = "target" if side == "source" else "source"
    folder = project and (project.target if side == "source" else project.source).bundle
    return "ctm-audit audit" if folder and list_bundles(folder) else f"ctm-audit import {other} PATH"


def _document(result: ImportResult) -> dict[str, Any]:
    from ctm_audit.cli.bundles import bundle_document, gap_documents

    return {
        "format_version": FORMAT_VERSION,
        "exit_code": result.exit_code,
        "bundle": bundle_document(result.bundle),
        "gaps": gap_documents(result.gaps),
        "used": list(result.used),
        "ignored": [{"file": name, "reason": reason} for name, reason in result.ignored],
    }
