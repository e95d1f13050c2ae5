"""What is stamped wrongly, or stands in the way of stamping, on one target MailUser.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.scenario import Scenario


def archive_the_source_lacks(scenario: Scenario, row: int = 0) -> Scenario:
    """The person has no archive, and the MailUser was stamped with the one of somebody else."""
    plain = scenario.with_mailbox(row, archive_guid="", archive_size=0, aux_archives=())
    return plain.with_mail_user(row, archive_guid=INVENT.guid("stray archive", scenario.rows[row].target))


def external_address_became_primary(scenario: Scenario, row: int = 0) -> Scenario:
    """New-MailUser was given no primary address, so it took the external one."""
    user = scenario.mail_user(row)
    others = (proxy for proxy in user.proxies if not proxy.startswith("SMTP:"))
    return scenario.with_mail_user(row, proxies=(f"SMTP:{user.external_address}", *others))


def external_address_left_as_proxy(scenario: Scenario, row: int = 0) -> Scenario:
    """A primary address was set afterwards, and the external one stayed behind it."""
    user = scenario.mail_user(row)
    return scenario.with_mail_user(row, proxies=(*user.proxies, f"smtp:{user.external_address}"))
