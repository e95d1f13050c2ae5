"""`ctm-audit dns plan|report`: what to change in the zone, when at the earliest, and how it stands, without asking anybody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import no_input_option, project_option
from ctm_audit.errors import EXIT_OK, EXIT_UNDETERMINED, UsageError

if TYPE_CHECKING:
    from ctm_audit.dns.cutover import Cutover

FORMATS = ("text", "zone", "json", "dnscontrol", "octodns")
PHASES = ("baseline", "parked", "target")


@click.command()
@click.argument("domains", nargs=-1, metavar="[DOMAIN]…")
@project_option
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to print.")
@click.option("--phase", type=click.Choice(PHASES), default="target", show_default=True, help="Whose records dnscontrol and octodns print.")
@click.option("--begin", metavar="TIME", help="When the work begins, as in 2027-01-09T20:00:00Z; else now.")
@no_input_option
def plan(domains: tuple[str, ...], project: Path | None, form: str, phase: str, begin: str | None) -> int:
    """Print the plan of the domain move: three record sets, what changes at each step, and the earliest safe moment of each.

    Made from the newest bundles and every observation there is; nobody is asked. Values of the target are read from its bundle, never
    guessed. Exit code 0: everything is known. 3: a record or a moment is not known yet, and the plan says why.
    """
    from ctm_audit import api
    from ctm_audit.project import parse_moment

    found = api.plan_dns(api.open_project_file(project), domains, parse_moment(begin, "--begin") if begin else None)
    if form == "octodns" and len(found) > 1:
        raise UsageError("octoDNS keeps a file a domain.", hint="name one domain: ctm-audit dns plan DOMAIN --format octodns")
    _print(found, form, phase)
    if form == "text":
        console.note("Next: ctm-audit dns plan --format zone, then ctm-audit dns audit --for lower-ttl")
    return EXIT_OK if all(one.is_known for one in found) else EXIT_UNDETERMINED


def _print(found: Sequence[Cutover], form: str, phase: str) -> None:
    from ctm_audit.dns.plan_document import plan_document
    from ctm_audit.dns.provider_records import dnscontrol, octodns
    from ctm_audit.report.cutover_lines import plan_lines, zone_diff_lines

    if form == "json":
        console.echo_json(plan_document(found))
    for one in found:
        match form:
            case "text":
                console.echo_answer("\n".join([*plan_lines(one), ""]))
            case "zone":
                console.echo_answer("\n".join(zone_diff_lines(one)))
            case "dnscontrol":
                console.echo_answer(dnscontrol(one.domain, phase, one.phases.of(phase)))
            case "octodns":
                console.echo_answer(octodns(one.domain, phase, one.phases.of(phase)))


@click.command()
@click.argument("domains", nargs=-1, metavar="[DOMAIN]…")
@project_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("cutover.html"), show_default=True, help="The page.")
@no_input_option
def report(domains: tuple[str, ...], project: Path | None, output: Path) -> int:
    """Write how the domain move stands as a page: the window, who says what, gates, proofs, records, evidence. Nobody is asked.

    Exit codes as of `dns verify`, by the newest bundles.
    """
    from ctm_audit import api
    from ctm_audit.cli.dns_verify import code_of

    found = api.report_dns(api.open_project_file(project), domains, output)
    console.echo_answer(str(output))
    return code_of(found)
