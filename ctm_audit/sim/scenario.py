"""Two tenants, the project that joins them and who is mapped to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from ctm_audit.evidence.tables import Side
from ctm_audit.sim.observed import Observed
from ctm_audit.sim.statements import STATED, Stated, Waived
from ctm_audit.sim.tenants import Account, Mailbox, MailUser, Tenant

A = TypeVar("A", bound=Account)
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the mapping; `upn` and `primary` are '' where the target object already says them."""

    source: str
    target: str
    wave: str
    upn: str = ""
    primary: str = ""
    final_upn: str = ""
    final_primary: str = ""
    route: str = ""
    license: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A wave of the project; times are naive UTC."""

    name: str
    pilot: bool
    submit_by: datetime
    complete_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What the project file says about the migration; `as_of` is the clock of the audit, naive UTC.

    `excluded` are lines of exclude.csv: a source key and a reason without commas.
    """

    name: str
    app_id: str
    endpoint: str
    delivery_domain: str
    license: str
    moving_domains: tuple[str, ...]
    waves: tuple[Wave, ...]
    as_of: datetime
    route: str = "mrs"
    scope: str = "subset"
    excluded: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Locked:
    """A line of mapping.lock: what a key named on an earlier day."""

    side: Side
    key: str
    object_id: str
    exchange_guid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole migration at the moment `exported_at` (naive UTC) in which both admins export their tenants.

    `observed` is what was seen of DNS then, domain by domain; () when nobody has looked.
    """

    source: Tenant
    target: Tenant
    migration: Migration
    rows: tuple[Row, ...]
    exported_at: datetime
    locked: tuple[Locked, ...] = ()
    stated: tuple[Stated, ...] = STATED
    waived: tuple[Waived, ...] = ()
    observed: tuple[Observed, ...] = ()

    def mailbox(self, row: int) -> Mailbox:
        """The source mailbox that a mapping row names, counted from 0; KeyError when there is none."""
        return find(self.source.mailboxes, self.rows[row].source)

    def mail_user(self, row: int) -> MailUser:
        """The target MailUser that a mapping row names; KeyError when there is none."""
        return find(self.target.mail_users, self.rows[row].target)

    def with_tenant(self, side: Side, **changes: Any) -> Scenario:
        """The scenario with changes in one tenant."""
        if side == "source":
            return replace(self, source=replace(self.source, **changes))
        return replace(self, target=replace(self.target, **changes))

    def with_mailbox(self, row: int, **changes: Any) -> Scenario:
        """The scenario with changes in a row's source mailbox."""
        old = self.mailbox(row)
        return self.with_tenant("source", mailboxes=_exchanged(self.source.mailboxes, old, replace(old, **changes)))

    def with_mail_user(self, row: int, **changes: Any) -> Scenario:
        """The scenario with changes in a row's target MailUser."""
        old = self.mail_user(row)
        return self.with_tenant("target", mail_users=_exchanged(self.target.mail_users, old, replace(old, **changes)))

    def with_row(self, row: int, **changes: Any) -> Scenario:
        """The scenario with changes in a row of the mapping."""
        return replace(self, rows=_exchanged(self.rows, self.rows[row], replace(self.rows[row], **changes)))

    def with_locked(self, *lines: Locked) -> Scenario:
        """The scenario with more lines in mapping.lock."""
        return replace(self, locked=(*self.locked, *lines))

    def without_statement(self, rule: str) -> Scenario:
        """The scenario in which nobody has stated what this rule asks."""
        return replace(self, stated=tuple(record for record in self.stated if record.rule != rule))

    def with_waiver(self, waived: Waived) -> Scenario:
        """The scenario with one more waiver."""
        return replace(self, waived=(*self.waived, waived))

    def with_observed(self, changed: Observed) -> Scenario:
        """The scenario with another observation of this domain."""
        return replace(self, observed=tuple(changed if one.domain == changed.domain else one for one in self.observed))

    def with_migration(self, **changes: Any) -> Scenario:
        """The scenario with changes in the project file."""
        return replace(self, migration=replace(self.migration, **changes))


def find(accounts: tuple[A, ...], upn: str) -> A:
    """The account with this UPN; KeyError when there is none."""
    for account in accounts:
        if account.upn.casefold() == upn.casefold():
            return account
    raise KeyError(upn)


def _exchanged(members: tuple[V, ...], old: V, new: V) -> tuple[V, ...]:
    return tuple(new if member is old else member for member in members)
