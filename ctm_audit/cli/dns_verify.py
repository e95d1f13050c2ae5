"""`ctm-audit dns verify|watch`: whether the moved domain answers from the target everywhere, and whether the target really has it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.errors import EXIT_NOT_READY, EXIT_OK, EXIT_UNDETERMINED, UsageError
from ctm_audit.model import FORMAT_VERSION

if TYPE_CHECKING:
    from ctm_audit.api import Rounds
    from ctm_audit.dns.verified import Verified

DURATION = re.compile(r"([0-9]{1,6})([smh])")
SECONDS = {"s": 1, "m": 60, "h": 3600}
Standing = tuple["Verified", ...]
interval_option = click.option("--interval", default="60s", show_default=True, help="Time from one round to the next, as in 60s or 5m.")
domains_argument = click.argument("domains", nargs=-1, metavar="[DOMAIN]…")


@click.command()
@domains_argument
@project_option
@click.option("--rounds", type=click.IntRange(1, 1000), default=3, show_default=True, help="How often everybody is asked.")
@interval_option
@json_option
@no_input_option
def verify(domains: tuple[str, ...], project: Path | None, rounds: int, interval: str, as_json: bool) -> int:
    """Ask everybody in some rounds whether they say what the target wants, and everything else that shows who has the domain.

    Each round is written as a bundle. Exit code 0: proven, by three equal rounds and every proof. 1: something is wrong. 3: something
    was not seen, or only time will tell.
    """
    from ctm_audit.api import Rounds

    return _looked(domains, project, Rounds(rounds, _seconds(interval, "--interval"), float("inf"), until_proven=False), as_json)


@click.command()
@domains_argument
@project_option
@interval_option
@click.option("--limit", default="4h", show_default=True, help="How long to watch at the longest, as in 90m or 24h.")
@json_option
@no_input_option
def watch(domains: tuple[str, ...], project: Path | None, interval: str, limit: str, as_json: bool) -> int:
    """Ask everybody round by round until the move is proven or the time is over: a live table on a terminal, else a JSON object a line.

    Each round is written as a bundle. Exit codes as of `dns verify`, by the last round.
    """
    from ctm_audit.api import Rounds

    rounds = Rounds(0, _seconds(interval, "--interval"), _seconds(limit, "--limit"), until_proven=True)
    return _looked(domains, project, rounds, as_json, is_live=True)


def _looked(domains: tuple[str, ...], path: Path | None, rounds: Rounds, as_json: bool, *, is_live: bool = False) -> int:
    from ctm_audit import api

    project = api.open_project_file(path)
    is_table = is_live and not as_json and _is_terminal()

    def told(number: int, found: Standing) -> None:
        if not found:
            console.note(f"Round {number}: nobody answered; the next in {rounds.interval:g} s.")
        elif is_table:
            click.clear()
            _show(found)
            console.note(f"Round {number}; the next in {rounds.interval:g} s, Ctrl-C ends it.")
        elif is_live:
            _lines(number, found)
        else:
            console.note(f"Round {number} of {rounds.most}: {', '.join(f'{one.cutover.domain} {one.state}' for one in found)}")

    found = api.watch_dns(project, domains, rounds, told)
    if not is_live:
        _answer(found, rounds.most, as_json)
    console.note("Next: ctm-audit dns report, and ctm-audit dns audit --for done")
    return code_of(found)


def code_of(found: Standing) -> int:
    """0 when every move is proven, 1 when something is wrong, else 3; without any that was seen, 3."""
    if any(one.state == "failed" for one in found):
        return EXIT_NOT_READY
    return EXIT_OK if found and all(one.state == "proven" for one in found) else EXIT_UNDETERMINED


def _answer(found: Standing, number: int, as_json: bool) -> None:
    from ctm_audit.report.standing_lines import standing_document

    if as_json:
        console.echo_json({"format_version": FORMAT_VERSION, "domains": [standing_document(one, number) for one in found]})
    else:
        _show(found)


def _show(found: Standing) -> None:
    from ctm_audit.report.standing_lines import standing_lines

    console.echo_answer("\n".join(line for one in found for line in (*standing_lines(one), "")))


def _lines(number: int, found: Standing) -> None:
    from ctm_audit.report.standing_lines import standing_document

    for one in found:
        console.echo_answer(json.dumps({"format_version": FORMAT_VERSION, **standing_document(one, number)}))


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _seconds(text: str, name: str) -> float:
    found = DURATION.fullmatch(text.strip().lower())
    if not found or not int(found[1]):
        raise UsageError(f"{name}: {text!r} is no time such as 60s, 5m or 4h.", hint=f"{name} 60s")
    return float(int(found[1]) * SECONDS[found[2]])
