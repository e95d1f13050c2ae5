"""Inactive mailboxes: what a hold keeps of people who have left.

https://learn.microsoft.com/purview/inactive-mailboxes-in-office-365.
How many there are is all that is asked, so nothing else of them is kept.
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, Column, Table

INACTIVE_MAILBOXES = Table(
    name="inactive_mailboxes",
    command="Get-Mailbox -InactiveMailboxOnly",
    stems=("Get-Mailbox",),
    variant="Inactive",
    key=("exchange_guid",),
    columns=(Column("exchange_guid", "text", "ExchangeGuid", n.guid, "ExchangeGuid of the inactive mailbox", True),),
    export="ConvertTo-Json -InputObject @(Get-Mailbox -InactiveMailboxOnly -ResultSize Unlimited) -Depth 6"
    " | Set-Content -Encoding utf8 Get-Mailbox-Inactive.json",
    sides=SOURCE,
    optional=True,
)
