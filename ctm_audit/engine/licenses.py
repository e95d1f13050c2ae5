"""What the planned licenses give in the target (mailbox, archive, free seats), and how many seats each wave still needs.

The subscriptions of the target tell the service plans of a product, Get-MailboxPlan how large their mailboxes are; the reference
data tells what the tenant cannot, because it has not bought the product yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import duckdb

from ctm_audit.engine.projection import Completeness, project_fields
from ctm_audit.evidence.relations import Field
from ctm_audit.reference import Reference

SKUS = "target.subscribed_skus"
MAILBOX_PLANS = "target.exchange_plans"
NO_LICENSE = ""


@dataclass(frozen=True, slots=True)
class Bought:
    """A subscription of the target; None is what was not collected."""

    sku_id: str
    part_number: str | None
    status: str | None
    enabled: int | None
    consumed: int | None
    plans: Sequence[str] | None

    @property
    def free(self) -> int | None:
        """Seats that can be assigned: none of a subscription that is not enabled."""
        if self.status is None or (self.status == "enabled" and None in (self.enabled, self.consumed)):
            return None
        return max((self.enabled or 0) - (self.consumed or 0), 0) if self.status == "enabled" else 0


@dataclass(frozen=True, slots=True)
class Planned:
    """What a license is good for; sizes in bytes, None is unknown. `license` stands as the mapping or the project writes it."""

    license: str
    product: str
    quota: int | None
    archive_quota: int | None
    archive_expands: bool | None
    free: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be said of licenses in general: subscriptions, and mailbox sizes by service plan where the tenant says them."""

    bought: tuple[Bought, ...]
    all_bought: bool
    sizes: Mapping[str, int | None]
    all_sizes: bool
    reference: Reference
    now: datetime

    def planned(self, license_: str) -> Planned:
        """What the license gives: of the product that the tenant has by this name or id, else of the one that Microsoft sells."""
        if license_ == NO_LICENSE:
            return Planned(license_, "no license", self.reference.other_quotas.shared_without_license, 0, False, None)
        own = next((one for one in self.bought if _names(license_, one.sku_id, one.part_number)), None)
        if own:
            return self._of(license_, own.part_number or own.sku_id, own.sku_id, own.plans, own.free)
        if not self.all_bought or any(one.part_number is None for one in self.bought):
            return Planned(license_, license_, None, None, None, None)
        sold = next((one for one in self.reference.skus.values() if _names(license_, one.id, one.part_number)), None)
        if sold:
            return self._of(license_, sold.part_number, sold.id, sold.plans, 0)
        return Planned(license_, f"{license_}, a product that nobody knows", None, None, None, 0)

    def _of(self, license_: str, product: str, sku: str, plans: Sequence[str] | None, free: int | None) -> Planned:
        if plans is None:
            return Planned(license_, product, None, None, None, free)
        giving = [plan for plan in plans if plan in self.reference.mailbox_plans]
        quotas = [self.reference.quotas[plan] for plan in plans if plan in self.reference.quotas]
        expands = _any_of(one.auto_expanding for one in quotas)
        archive = self.reference.other_quotas.archive_ceiling if expands else _largest(one.archive for one in quotas)
        return Planned(license_, product, _largest(self._size(plan, sku) for plan in giving), archive, expands, free)

    def _size(self, plan: str, sku: str) -> int | None:
        """The mailbox of a service plan: the tenant's own number, else the reference data's."""
        if plan in self.sizes:
            return self.sizes[plan]
        return self._listed_size(plan, sku) if self.all_sizes else None

    def _listed_size(self, plan: str, sku: str) -> int | None:
        known = self.reference.quotas.get(plan)
        old = known.primary if known else None
        change = next((one for one in self.reference.quota_changes if one.plan == plan and sku in one.skus), None)
        if change is None or old is None:
            return old
        return change.primary if self.now.date() > change.ends else min(old, change.primary)


def _names(license_: str, sku_id: str, part_number: str | None) -> bool:
    """Part numbers are written with blanks, dashes and underscores of any kind; ids are not."""
    return license_.casefold() == sku_id or (part_number is not None and _plain(license_) == _plain(part_number))


def _plain(part_number: str) -> str:
    return re.sub(r"[\W_]", "", part_number.casefold())


def _largest(values: Iterable[int | None]) -> int | None:
    """The largest, 0 of none; None as soon as one of them is unknown."""
    largest = 0
    for value in values:
        if value is None:
            return None
        largest = max(largest, value)
    return largest


def _any_of(values: Iterable[bool | None]) -> bool | None:
    found = set(values)
    return True if True in found else None if None in found else False


def create_planned_licenses(connection: duckdb.DuckDBPyConnection, license_: str, complete: Completeness, reference: Reference) -> None:
    """Create `planned_licenses`, one row a license that the mapping or the project (`license_`) names; `mapping` must be there."""
    named = {license_, NO_LICENSE} | {str(name) for (name,) in connection.execute("select distinct license from mapping").fetchall()}
    offer = _offer(connection, complete, reference)
    connection.execute(
        "create table planned_licenses"
        " (license varchar, product varchar, quota bigint, archive_quota bigint, archive_expands boolean, free bigint)"
    )
    for name in sorted(named):
        connection.execute("insert into planned_licenses values (?, ?, ?, ?, ?, ?)", list(astuple(offer.planned(name))))


def _offer(connection: duckdb.DuckDBPyConnection, complete: Completeness, reference: Reference) -> Offer:
    skus = (
        "select sku_id, sku_part_number, capability_status, enabled_units, consumed_units, plans from raw.target_subscribed_skus order by 1"
    )
    rows: list[tuple[Any, ...]] = connection.execute(skus).fetchall()
    ((now,),) = connection.execute("select now from project").fetchall()
    return Offer(
        bought=tuple(Bought(*row) for row in rows),
        all_bought=SKUS in complete.tables,
        sizes=_sizes(connection, reference),
        all_sizes=MAILBOX_PLANS in complete.tables,
        reference=reference,
        now=now,
    )


def _sizes(connection: duckdb.DuckDBPyConnection, reference: Reference) -> dict[str, int | None]:
    """The mailbox size of each service plan of which the tenant has mailbox plans; of several the smallest, unlimited ones left out."""
    rows = connection.execute("select name, has_quota, quota from raw.target_exchange_plans").fetchall()
    found: dict[str, int | None] = {}
    for plan in reference.quotas.values():
        own = [(has, size) for name, has, size in rows if plan.mailbox_plan and str(name).partition("-")[0] == plan.mailbox_plan.casefold()]
        limited = [size for has, size in own if has is not False]
        if limited:
            found[plan.name] = None if None in limited else min(limited)
    return found


# A mailbox that was not found still needs its seat; what has moved is asked after the move.
NEEDS = """
create table license_needs as select wave, license, sum(need)::bigint as need, count(*) - count(need) as unknown from (
  select p.wave,
    case when p."plan.license" is not null then p."plan.license"
      when p."source.found" = false or p."source.hits" > 1 then case when m.license <> '' then m.license else $license end end as license,
    case when p.stage = 'moved' or p."plan.license" = '' then 0
      when list_has_any(p."target.live_plans", $plans) then 0
      when p."target.found" = false or p."target.hits" > 1 then 1
      when p."target.live_plans" is null or p.stage is null then null
      else 1 end as need
  from pairs p join mapping m using (row_no)
) group by wave, license
"""
NEED_FIELDS = ("stage", "wave", "plan.license", "source.found", "source.hits", "target.found", "target.hits", "target.live_plans")

LICENSE_SEATS = """
create table license_seats as select w.row_no, {fields} from (
  select row_number() over (order by v.row_no, l.license) as row_no, v.id || ' ' || l.license as id, v.name || ', ' || l.product as name,
    v.wave, l.license, l.product, l.free as available,
    (select case when sum(n.unknown) > 0 or count(*) filter (n.license is null and n.need > 0) > 0 then null
        else coalesce(sum(n.need) filter (n.license = l.license), 0) end
      from license_needs n join wave_rows u on n.wave = u.wave or u.id = 'all' where u.row_no <= v.row_no)::bigint as needed
  from wave_rows v cross join planned_licenses l where l.license <> ''
) w cross join project p order by w.row_no
"""


def create_license_seats(
    connection: duckdb.DuckDBPyConnection, fields: tuple[Field, ...], license_: str, reference: Reference, *, needs: bool
) -> None:
    """Create `license_seats`; `planned_licenses` and `wave_rows` must be there and, with `needs`, NEED_FIELDS of `pairs`."""
    if needs:
        connection.execute(NEEDS, {"license": license_, "plans": list(reference.mailbox_plans)})
    else:
        connection.execute(
            "create table license_needs as select wave, null::varchar as license, null::bigint as need, count(*) as unknown"
            " from pairs group by wave"
        )
    connection.execute(LICENSE_SEATS.format(fields=project_fields(fields)))
