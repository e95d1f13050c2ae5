"""Whether a domain move is proven: every server and resolver says the new, and every proof that the target has the domain holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow.parquet as pq

from ctm_audit.dns.clock import Moment
from ctm_audit.dns.cutover import Cutover
from ctm_audit.dns.sightings import Observed
from ctm_audit.dns.standing import APART, Matrix, matrix
from ctm_audit.dns.tenant_proofs import Proof, Sides, tenant_proofs
from ctm_audit.evidence.bundle import Bundle
from ctm_audit.evidence.tables import Side
from ctm_audit.model import Step
from ctm_audit.project import Project

PROOFS = ("tenancies", "realms", "smtp_probes", "dkim_keys", "probe_messages")


@dataclass(frozen=True, slots=True)
class Verified:
    """How the move of one domain stands. Without a `matrix` nobody has observed the domain."""

    cutover: Cutover
    matrix: Matrix | None
    proofs: tuple[Proof, ...]
    oldest: timedelta
    """How old an observation may be."""

    @property
    def state(self) -> Literal["proven", "failed", "undetermined"]:
        """`failed` when something is wrong, `undetermined` when something was not seen or only time will tell."""
        if self.faults:
            return "failed"
        return "undetermined" if self.unsettled else "proven"

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, a sentence each."""
        refuted = [f"{proof.name}: {proof.told}" for proof in self.proofs if proof.state == "refuted"]
        return (*(self.matrix.faults if self.matrix else ()), *refuted)

    @property
    def unsettled(self) -> tuple[str, ...]:
        """What is not proven, a sentence each."""
        open_ = [f"{proof.name}: {proof.state}, {proof.told}" for proof in self.proofs if proof.state in ("pending", "not seen")]
        return (*self._age(), *(self.matrix.unsettled if self.matrix else ("nobody has observed the domain",)), *open_)

    def _age(self) -> tuple[str, ...]:
        """Why the newest observation is too old to prove anything; () when it is not."""
        if self.matrix is None or self.cutover.begin - self.matrix.at <= self.oldest:
            return ()
        return (f"last observed at {self.matrix.at:%Y-%m-%d %H:%MZ}, too long ago",)

    @property
    def un_parked(self) -> Moment:
        """The step that points the domain at the target."""
        return next(moment for moment in self.cutover.moments if moment.step is Step.UN_PARK)


def verified(project: Project, one: Cutover, observed: Observed, tenants: Mapping[Side, Bundle], *, apart: timedelta = APART) -> Verified:
    """How the move stands by the newest observation of the domain and the bundles of both tenants."""
    newest, oldest = observed.newest, project.max_evidence_age[Step.DONE]
    rows = {name: _rows(newest, name) for name in PROOFS if name in newest.tables} if newest else {}
    proofs = tenant_proofs(
        one.domain,
        rows,
        _sides(tenants),
        one.phases.target,
        tenant_ids=(project.source.tenant_id, project.target.tenant_id),
        now=one.begin,
        oldest=oldest,
        since=next(moment.done_at for moment in one.moments if moment.step is Step.UN_PARK),
    )
    return Verified(one, matrix(one, observed, apart=apart), proofs, oldest)


def _sides(tenants: Mapping[Side, Bundle]) -> Sides:
    (source, source_at), (target, target_at) = (_domains(tenants.get(side)) for side in ("source", "target"))
    return Sides(source, target, source_at, target_at)


def _domains(bundle: Bundle | None) -> tuple[Sequence[dict[str, Any]] | None, datetime | None]:
    """The domains of a tenant and when they were collected; None when they were not, or not all of them."""
    entry = bundle.tables.get("domains") if bundle else None
    if bundle is None or entry is None or not entry.complete:
        return None, None
    return _rows(bundle, "domains"), entry.collected_at


def _rows(bundle: Bundle, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(bundle.parquet(table)).to_pylist()
    return rows
