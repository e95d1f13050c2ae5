"""A wave that has moved: its mailboxes are MailUsers in the source and mailboxes in the target."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ctm_audit.sim.batch_faults import submitted
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Account, Mailbox, MailUser

SHARED = tuple(field.name for field in fields(Account))


def moved(scenario: Scenario, wave: str) -> Scenario:
    """The scenario after the batch of the wave has completed; the mapping still names everybody as before."""
    done = submitted(scenario, wave)
    for row, one in enumerate(scenario.rows):
        if one.wave == wave:
            done = _moved(done, row)
    finished = tuple(replace(user, status="Completed") if user.batch == f"Wave {wave}" else user for user in done.target.migration_users)
    batches = tuple(
        replace(batch, status="Completed") if batch.name == f"Wave {wave}" else batch for batch in done.target.migration_batches
    )
    return done.with_tenant("target", migration_users=finished, migration_batches=batches)


def _moved(scenario: Scenario, row: int) -> Scenario:
    box, user = scenario.mailbox(row), scenario.mail_user(row)
    routed = next(proxy.partition(":")[2] for proxy in user.proxies if proxy.endswith(f"@{scenario.migration.delivery_domain}"))
    left = MailUser(**_shared(box, kind="MailUser", archive_guid=""), external_address=routed)
    arrived = Mailbox(
        **_shared(user, kind=box.kind),
        size=box.size,
        items=box.items,
        quota=box.quota,
        archive_size=box.archive_size,
        archive_quota=box.archive_quota,
    )
    source, target = scenario.source, scenario.target
    kept = tuple(one for one in source.mailboxes if one is not box)
    waiting = tuple(one for one in target.mail_users if one is not user)
    return scenario.with_tenant("source", mailboxes=kept, mail_users=(*source.mail_users, left)).with_tenant(
        "target", mail_users=waiting, mailboxes=(*target.mailboxes, arrived)
    )


def _shared(account: Account, **changes: Any) -> dict[str, Any]:
    """What a mailbox and a MailUser have in common."""
    return {name: getattr(account, name) for name in SHARED} | changes
