"""`ctm-audit dns`: what proves that a domain has moved and that no mail was lost on the way."""

from __future__ import annotations

import click

from ctm_audit.cli.dns_heartbeat import heartbeat
from ctm_audit.cli.dns_proofs import messages, owners
from ctm_audit.cli.options import no_input_option


@click.group()
@no_input_option
def dns() -> None:
    """The domain move: whose a domain is, and messages that prove it."""


for command in (owners, messages, heartbeat):
    dns.add_command(command)
