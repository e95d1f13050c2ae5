"""What the reference files say, as plain values. Sizes are bytes; a value that nobody verified is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class FactsFile:
    """One file: when it was last checked against its sources, the digest of its text, and whether a user's file stands in its place."""

    name: str
    checked: date
    sources: tuple[str, ...]
    digest: str
    overridden: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """An Exchange service plan; `mailbox` is true when it creates a mailbox."""

    name: str
    id: str
    mailbox: bool
    note: str


@dataclass(frozen=True, slots=True)
class Sku:
    """A product with the Exchange plans it carries. The id is the key: part numbers are printed in many ways."""

    id: str
    part_number: str
    product: str
    plans: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ScrubbingPlan:
    """A plan that makes Entra remove unverified addresses from the MailUser it is enabled on."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Trap:
    """A SKU whose name hides what it does: it creates a mailbox (`teams`), or lacks the right to one (`entitlement`)."""

    sku: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class MigrationLicense:
    """The cross-tenant migration license.

    `part_number_contains` is what every part number of it holds once blanks, dashes and underscores are removed and
    letters are small; `exchange_plan` is the service plan that Exchange checks, `capability` how the mailbox shows it.
    """

    part_number: str
    part_number_contains: str
    sku_id: str
    exchange_plan: str
    sharepoint_plan: str
    capability: str
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What fits into a mailbox of a service plan; 0 is none. An archive that expands grows to `OtherQuotas.archive_ceiling`.

    `mailbox_plan` is how the name of the tenant's own mailbox plan begins, '' where nobody has described it.
    """

    name: str
    primary: int | None
    archive: int | None
    auto_expanding: bool | None
    mailbox_plan: str


@dataclass(frozen=True, slots=True)
class QuotaChange:
    """A new primary quota of a plan inside some SKUs; between the two days a tenant may have either."""

    plan: str
    primary: int
    begins: date
    ends: date
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherQuotas:
    """Quotas that hang on no plan alone."""

    archive_ceiling: int
    shared_without_license: int
    shared_with_plan_2: int
    recoverable_items: int
    recoverable_items_on_hold: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of the service in its unit; `seen` is the date of the page's state that was read."""

    name: str
    value: int
    unit: str
    meaning: str
    source: str
    seen: date
    confidence: str


@dataclass(frozen=True, slots=True)
class Cloud:
    """The hosts of a cloud, the documented or first one to try first. `exchange_hosts` are those of migration endpoints.

    `autodiscover_host`, `spf_include` and `msoid` are what the DNS of a domain names, `mail_suffixes` how its mail hosts end; empty
    where nobody has published them.
    """

    name: str
    authority_hosts: tuple[str, ...]
    graph_host: str
    exchange_hosts: tuple[str, ...]
    exchange_api_hosts: tuple[str, ...]
    powershell_environment: str
    autodiscover_host: str
    spf_include: str
    msoid: str
    mail_suffixes: tuple[str, ...]
    confidence: str
    contradiction: str


@dataclass(frozen=True, slots=True)
class HoldForm:
    """How ids of one kind of hold begin, what they mean, whether they retain (`yes`, `no`, `by suffix`), and who owns them."""

    prefix: str
    form: str
    meaning: str
    retains: str
    owner: str
    confidence: str


@dataclass(frozen=True, slots=True)
class HoldSuffix:
    """What stands after the last colon of a retention policy's id."""

    value: str
    meaning: str
    retains: str


@dataclass(frozen=True, slots=True)
class ServiceError:
    """An answer of Microsoft's service: `rules` are to foresee it, or `unforeseen` says why none can."""

    name: str
    kind: str
    route: str
    documented: bool
    meaning: str
    rules: tuple[str, ...]
    unforeseen: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Reference:
    """All reference facts of one audit, keyed by name where they have one."""

    files: tuple[FactsFile, ...]
    plans: Mapping[str, Plan]
    skus: Mapping[str, Sku]
    scrubbing: Mapping[str, ScrubbingPlan]
    traps: tuple[Trap, ...]
    migration: MigrationLicense
    quotas: Mapping[str, Quota]
    quota_changes: tuple[QuotaChange, ...]
    other_quotas: OtherQuotas
    limits: Mapping[str, Limit]
    clouds: Mapping[str, Cloud]
    holds: tuple[HoldForm, ...]
    hold_suffixes: tuple[HoldSuffix, ...]
    errors: Mapping[str, ServiceError]

    @property
    def mailbox_plans(self) -> tuple[str, ...]:
        """The service plans that give a user a mailbox."""
        return tuple(plan.name for plan in self.plans.values() if plan.mailbox)

    @property
    def known_plans(self) -> list[str]:
        """Every service plan that says something about a mailbox, its archive, its addresses, or the right to move it."""
        return sorted({self.migration.exchange_plan, *self.plans, *self.scrubbing})
