"""`ctm-audit dns`: ask about the domains that move, judge what was seen, and prove that no mail was lost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ctm_audit.cli import console
from ctm_audit.cli.dns_heartbeat import heartbeat
from ctm_audit.cli.dns_plan import plan, report
from ctm_audit.cli.dns_proofs import messages, owners
from ctm_audit.cli.dns_verify import verify, watch
from ctm_audit.cli.options import json_option, no_input_option, project_option
from ctm_audit.cli.progress import shown_progress
from ctm_audit.model import FORMAT_VERSION, Step

if TYPE_CHECKING:
    from ctm_audit.dns.bundle import Observation
    from ctm_audit.dns.observe import Seen
    from ctm_audit.project import Project

domains_argument = click.argument("domains", nargs=-1, metavar="[DOMAIN]…")
only_dns_option = click.option(
    "--only-dns", is_flag=True, help="Ask name servers alone: no sign-in host, no policy host, no mail host; proofs are then undetermined."
)
out_option = click.option("--out", type=click.Path(path_type=Path), help="Folder for the bundle; else the project's folder.")


@click.group()
@no_input_option
def dns() -> None:
    """The domain move: observe, judge, and prove whose a domain is and that no mail was lost.

    DOMAIN is a [[domain]] of the project, international ones as people write them or in their xn-- form; without one, all of them.
    These commands use the network; all others read only what they wrote.
    """


@dns.command()
@domains_argument
@project_option
@out_option
@only_dns_option
@click.option("--baseline", is_flag=True, help="Compare later observations with this one.")
@json_option
@no_input_option
def observe(domains: tuple[str, ...], project: Path | None, out: Path | None, only_dns: bool, baseline: bool, as_json: bool) -> int:
    """Write what everybody says of the domains as a bundle; nothing is judged.

    Asked are the parent, every authoritative server and the resolvers that the project names; the hosts of their policies; the sign-in
    hosts of every cloud; and, with [dns.probe] in the project file, the mail hosts.
    Exit code 0: everything was answered. 3: the bundle was written, but something could not be seen.
    """
    from ctm_audit import api

    found = _observed(api.open_project_file(project), domains, out, only_dns, is_baseline=baseline)
    if as_json:
        console.echo_json(_document(found))
    else:
        console.echo_answer("\n".join([*_lines(found), f"bundle: {found.bundle.path}"]))
    console.note("Next: ctm-audit audit")
    return found.exit_code


@dns.command("audit")
@domains_argument
@project_option
@click.option("--for", "step", type=click.Choice([str(step) for step in Step]), help="The step to audit for; else the next unfinished one.")
@only_dns_option
@json_option
@no_input_option
def audit_(domains: tuple[str, ...], project: Path | None, step: str | None, only_dns: bool, as_json: bool) -> int:
    """Observe the domains, then judge the newest bundles by the rule book, as `ctm-audit audit` does.

    Exit code 0: every required gate is open. 1: a gate is closed. 3: undetermined, something was not seen.
    """
    from ctm_audit import api
    from ctm_audit.cli.audit import tell

    opened, mapping = api.open_project(project)
    found = _observed(opened, domains, None, only_dns)
    for line in _lines(found):
        console.note(line)
    with shown_progress():
        result = api.audit(opened, mapping, step=Step(step) if step else None)
    tell(result, as_json)
    return result.exit_code


def _observed(project: Project, domains: tuple[str, ...], out: Path | None, only_dns: bool, *, is_baseline: bool = False) -> Observation:
    """The observation, counted on a terminal while it lasts."""
    from ctm_audit import api
    from ctm_audit.dns.wanted import moving_domains

    count = len(moving_domains(project, domains))
    with click.progressbar(length=count, label="Asking", file=sys.stderr, hidden=not _is_watched() or count == 1) as bar:

        def told(_: Seen) -> None:
            bar.update(1)

        return api.observe_dns(project, domains, out, told, proofs=not only_dns, is_baseline=is_baseline)


def _is_watched() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _lines(found: Observation) -> list[str]:
    lines = [*found.domains, "", "Resolvers:", *(f"  {line}" for line in found.resolvers or ("none",))]
    if found.gaps:
        lines += ["", f"Not seen ({len(found.gaps)}):", *(f"  {line}" for line in found.gaps)]
    return [*lines, "", f"{found.asked:,} questions asked"]


def _document(found: Observation) -> dict[str, Any]:
    from ctm_audit.cli.bundles import bundle_document

    return {
        "format_version": FORMAT_VERSION,
        "exit_code": found.exit_code,
        "bundle": bundle_document(found.bundle),
        "domains": list(found.domains),
        "resolvers": list(found.resolvers),
        "gaps": list(found.gaps),
        "asked": found.asked,
    }


for command in (plan, verify, watch, report, owners, messages, heartbeat):
    dns.add_command(command)
