"""`ctm-audit dns heartbeat plan|check`: numbered messages across the window of a domain move, and which of them came."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ctm_audit.cli import console
from ctm_audit.cli.options import json_option, no_input_option
from ctm_audit.errors import EXIT_NOT_READY, EXIT_OK, EXIT_UNDETERMINED
from ctm_audit.model import FORMAT_VERSION

if TYPE_CHECKING:
    from ctm_audit.dns.heartbeat import Plan, Pulse
    from ctm_audit.dns.heartbeat_folder import Heartbeat

SHARES = {"p50": 0.5, "p95": 0.95, "max": 1.0}
EXIT_OF = {True: EXIT_OK, False: EXIT_NOT_READY, None: EXIT_UNDETERMINED}


@click.group()
@no_input_option
def heartbeat() -> None:
    """Numbered messages across the window of a domain move: only a series without a gap shows that no mail was lost."""


@heartbeat.command()
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--to", "recipient", required=True, help="The mailbox in the moving domain that receives the messages.")
@click.option("--from", "senders", multiple=True, required=True, help="A mailbox outside both tenants; name two of different providers.")
@click.option("--begin", required=True, help="When the first message is sent, before the MX is parked: 2027-01-16T18:00:00Z.")
@click.option("--end", required=True, help="When the last one is sent, a day after mail flows again.")
@click.option("--every", type=click.IntRange(1, 1440), default=5, show_default=True, help="Minutes between two messages.")
@json_option
@no_input_option
def plan(ledger: Path, recipient: str, senders: tuple[str, ...], begin: str, end: str, every: int, as_json: bool) -> int:
    """Write a new LEDGER and print what to send: for each number the time, the sender and the subject line."""
    from ctm_audit.dns.heartbeat_folder import new_heartbeat
    from ctm_audit.project import parse_moment

    made = new_heartbeat(ledger, recipient, senders, parse_moment(begin, "--begin"), parse_moment(end, "--end"), every)
    if as_json:
        told = [{"number": number, **_message(made, number)} for number in range(1, made.count + 1)]
        console.echo_json({"format_version": FORMAT_VERSION, "ledger": str(ledger), "recipient": made.recipient, "messages": told})
        return EXIT_OK
    console.echo_answer("number,send_at,from,to,subject")
    for number in range(1, made.count + 1):
        told_of = _message(made, number)
        console.echo_answer(f"{number},{told_of['send_at']},{told_of['from']},{made.recipient},{told_of['subject']}")
    console.note(f"Next: send these {made.count:,} messages, save what arrives as .eml files into one folder, then")
    console.note(f"  ctm-audit dns heartbeat check {ledger} FOLDER")
    return EXIT_OK


@heartbeat.command()
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--grace", type=click.IntRange(1, 10080), default=30, show_default=True, help="Minutes after which a message is missing.")
@click.option("--as-of", "as_of", help="Judge as of this time; else now.")
@json_option
@no_input_option
def check(ledger: Path, folder: Path, grace: int, as_of: str | None, as_json: bool) -> int:
    """Note in LEDGER which messages of the series are in FOLDER, and tell gaps, copies and delays.

    Exit code 0 when every message came once, 1 when one is missing or came twice, 3 while some may still come,
    5 when the ledger was changed.
    """
    from ctm_audit.dns.heartbeat_folder import check_heartbeat, utc_now
    from ctm_audit.project import parse_moment

    now = parse_moment(as_of, "--as-of") if as_of else utc_now()
    found = check_heartbeat(ledger, folder, now, grace)
    for sentence in found.unreadable:
        console.note(f"Left out: {sentence}")
    if as_json:
        console.echo_json(_document(found))
    else:
        _show(found)
    return EXIT_OF[found.pulse.is_whole]


def _message(made: Plan, number: int) -> dict[str, str]:
    return {"send_at": _utc(made.due(number)), "from": made.sender(number), "subject": made.subject(number)}


def _document(found: Heartbeat) -> dict[str, Any]:
    pulse = found.pulse
    return {
        "format_version": FORMAT_VERSION,
        "ledger": str(found.ledger.path),
        "digest": found.ledger.digest,
        "as_of": _utc(found.as_of),
        "whole": pulse.is_whole,
        "planned": found.ledger.plan.count,
        "arrived": len(pulse.arrived),
        "missing": list(pulse.missing),
        "twice": list(pulse.twice),
        "strange": list(pulse.strange),
        "awaited": list(pulse.awaited),
        "later": pulse.later,
        "delays": {name: _seconds(pulse, share) for name, share in SHARES.items()},
        "tenants": pulse.tenants,
        "unreadable": list(found.unreadable),
    }


def _show(found: Heartbeat) -> None:
    from ctm_audit.dns.heartbeat import spans

    pulse, words = found.pulse, {True: "Every message came once.", False: "The series has faults.", None: "So far nothing is lost."}
    console.echo_answer(f"{words[pulse.is_whole]}  {found.ledger.plan.domain}, as of {_utc(found.as_of)}", "bold")
    console.echo_answer(f"  arrived  {len(pulse.arrived):,} of {found.ledger.plan.count:,}")
    lists = (("missing", pulse.missing), ("twice", pulse.twice), ("strange", pulse.strange), ("awaited", pulse.awaited))
    for name, numbers in lists:
        if numbers:
            console.echo_answer(f"  {name:<8} {len(numbers):,}: {spans(numbers)}", "magenta" if name == "awaited" else "red")
    if pulse.later:
        console.echo_answer(f"  later    {pulse.later:,} are not yet to be sent")
    if pulse.delays:
        half, most, all_ = (f"{_seconds(pulse, share):,.0f} s" for share in SHARES.values())
        console.echo_answer(f"  delays   half within {half}, 95 % within {most}, all within {all_}")
    for tenant, count in pulse.tenants.items():
        console.echo_answer(f"  tenant   {tenant or 'not told by the headers'}: {count:,}")
    if pulse.missing:
        console.note("Next: look for delivery reports in the senders' mailboxes, in the queue of the backup MX, and in the message trace.")


def _seconds(pulse: Pulse, share: float) -> float:
    delay = pulse.delay(share)
    return delay.total_seconds() if delay is not None else 0.0


def _utc(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"
