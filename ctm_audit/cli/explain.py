"""`ctm-audit explain`: why a rule says of an object what it says, and what would change it."""

from __future__ import annotations

from pathlib import Path

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, project_option, run_option


@click.command()
@click.argument("rule", metavar="RULE")
@click.argument("name", metavar="[OBJECT]", required=False)
@run_option
@project_option
@click.option("--rules", "extra_rules", type=click.Path(path_type=Path), help="The folder with rules of your own of that run.")
@click.option("--reference", type=click.Path(path_type=Path), help="The folder with reference facts of that run.")
@json_option
def explain(
    rule: str, name: str | None, run: str | None, project: Path | None, extra_rules: Path | None, reference: Path | None, as_json: bool
) -> None:
    """Explain what RULE says in a run, or what it says of one OBJECT: facts with their origins, predicate, and what would let it pass.

    OBJECT is the id in the findings: the source key of a mailbox, source or target, a domain, a wave.
    """
    from ctm_audit import api
    from ctm_audit.report.explain_lines import object_lines, rule_lines

    told = api.explain(api.load_run(run, project), rule, name, extra_rules=extra_rules, reference=reference)
    if as_json:
        console.echo_json(told)
        return
    for line in object_lines(told) if name else rule_lines(told):
        console.echo_answer(line.text, line.style)
