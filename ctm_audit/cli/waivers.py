"""`ctm-audit waivers`: what people have accepted and stated, and whether it may stand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.errors import EXIT_OK, UsageError
from ctm_audit.model import FORMAT_VERSION

if TYPE_CHECKING:
    from ctm_audit.statements import Statement

rules_option = click.option("--rules", "extra", type=click.Path(path_type=Path), help="A folder with rules of your own (ids X-...).")


@click.group()
@no_input_option
def waivers() -> None:
    """List and check the waivers and attestations that the project file names."""


@waivers.command("list")
@project_option
@rules_option
@json_option
def list_(project: Path | None, extra: Path | None, as_json: bool) -> int:
    """Print each waiver and attestation: its rule, who says it, until when, and whether it counts today."""
    records, now = _opened(project, extra)
    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "statements": [record.document(now) for record in records]})
        return EXIT_OK
    for record in records:
        line = f"{record.rule:<10} {record.kind:<12} {len(record.objects):>5,}  {record.lapse(now) or record.sentence}"
        console.echo_answer(console.fitted(line, hang=31))
    console.note(f"{len(records)} in all; counted as of {now:%Y-%m-%d}")
    return EXIT_OK


@waivers.command()
@project_option
@rules_option
def check(project: Path | None, extra: Path | None) -> int:
    """Refuse, all at once, what an audit would refuse, and what has expired."""
    records, now = _opened(project, extra)
    lapsed = [f"{record.kind} {record.number}, {record.rule}: {lapse}" for record in records if (lapse := record.lapse(now))]
    if lapsed:
        raise UsageError(f"{len(lapsed)} of {len(records)} records do not count.", detail=lapsed, hint="renew them or take them out")
    console.note(f"{len(records)} records are in order; objects that only evidence names are compared at the audit.")
    return EXIT_OK


def _opened(path: Path | None, extra: Path | None) -> tuple[tuple[Statement, ...], datetime]:
    """The records of the project, and the time at which they are counted; UsageError with every fault."""
    from ctm_audit import api

    project, mapping = api.open_project(path)
    records = api.statements(project, mapping, extra).records
    if project.waivers is None and project.attestations is None:
        console.note('The project names neither: [project] waivers = "waivers.toml", attestations = "attestations.toml"')
    return records, project.as_of or datetime.now(UTC).replace(tzinfo=None)
