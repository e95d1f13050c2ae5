"""The options that several commands share, and the project settings given by options and variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(slots=True)
class Wishes:
    """What the caller wants of the console, known also to the place that tells errors."""

    json: bool = False
    no_input: bool = False


def _wish_for_json(context: click.Context, _option: click.Parameter, value: bool) -> bool:
    context.ensure_object(Wishes).json |= value
    return value


def _wish_for_quiet(context: click.Context, _option: click.Parameter, value: bool) -> bool:
    context.ensure_object(Wishes).no_input |= value
    return value


def json_option(command: Command) -> Command:
    """Adds `--json`, given to the command as `as_json`: one JSON document on stdout, errors included."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        is_eager=True,
        callback=_wish_for_json,
        envvar="CTM_AUDIT_JSON",
        help="Print one JSON document on stdout.",
    )(command)


def project_option(command: Command) -> Command:
    """Adds `--project`, given to the command as `project: Path | None`; None means: look upwards from the working folder."""
    return click.option(
        "--project",
        type=click.Path(path_type=Path),
        envvar="CTM_AUDIT_PROJECT",
        help="The project file or its folder; else ctm-audit.toml is looked for upwards from here.",
    )(command)


def run_option(command: Command) -> Command:
    """Adds `--run`, given to the command as `run: str | None`; None means the newest run of the project."""
    return click.option("--run", help="The run's folder, its name or its id; else the newest of the project.")(command)


def no_input_option(command: Command) -> Command:
    """Adds `--no-input`: the command asks no question and refuses instead (Wishes.no_input)."""
    return click.option(
        "--no-input",
        is_flag=True,
        expose_value=False,
        callback=_wish_for_quiet,
        envvar="CTM_AUDIT_NO_INPUT",
        help="Never ask a question; refuse instead.",
    )(command)
