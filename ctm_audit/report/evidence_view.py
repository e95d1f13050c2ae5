"""What the verdict rests on: the evidence of both sides, and the evidence that is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctm_audit.report.verdict_view import TenantView, tenant_view
from ctm_audit.report.words import SIDES, age, day_and_time


@dataclass(frozen=True, slots=True)
class GapView:
    """Evidence that is missing, in words where, what it keeps from being judged, and the line that exports it."""

    side: str
    what: str
    export: str
    rules: tuple[str, ...]
    mailboxes: int


@dataclass(frozen=True, slots=True)
class TableView:
    """One table of evidence; `reason` says why it is not complete, if so. A table that was not collected has no rows and no age."""

    command: str
    rows: str
    complete: bool
    reason: str
    collected_at: str
    age: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One bundle: whose it is, how old, how it was collected, and its tables."""

    tenant: TenantView
    collected_at: str
    age: str
    how: str
    digest: str
    signature: str
    tables: tuple[TableView, ...]


@dataclass(frozen=True, slots=True)
class FactsView:
    """One file of reference facts: when it was checked, and whether it is the one that came with the product."""

    name: str
    checked: str
    digest: str
    overridden: bool


def gap_view(gap: Mapping[str, Any]) -> GapView:
    """One gap with everything that it keeps from being judged."""
    return GapView(SIDES[gap["side"]], gap["what"], gap["export"], tuple(gap["rules"]), gap["mailboxes"])


def evidence_view(bundle: Mapping[str, Any], run: Mapping[str, Any]) -> EvidenceView:
    """One bundle, its ages counted up to the clock of the audit."""
    now = run["now"]
    return EvidenceView(
        tenant=tenant_view(run, bundle["side"]),
        collected_at=day_and_time(bundle["collected_at"]),
        age=age(bundle["collected_at"], now),
        how=bundle["how"],
        digest=bundle["digest"],
        signature=_signature(bundle),
        tables=tuple(_table_view(table, now) for table in bundle["tables"]),
    )


def facts_views(reference: Mapping[str, Mapping[str, Any]]) -> tuple[FactsView, ...]:
    """All files of reference facts; those that somebody put in the place of ours stand first."""
    views = [FactsView(name, file["checked"], file["digest"], file["overridden"]) for name, file in reference.items()]
    return tuple(sorted(views, key=lambda view: not view.overridden))


def _signature(bundle: Mapping[str, Any]) -> str:
    if not bundle["signed"]:
        return "not signed: a changed byte is refused, an exchanged bundle is not noticed"
    known = "the key that the project names" if bundle["signer_known"] else "a key that the project does not name"
    return f"signed with {known}: {bundle['signer']}"


def _table_view(table: Mapping[str, Any], now: str) -> TableView:
    at, rows = table["collected_at"], table["rows"]
    return TableView(
        command=table["command"],
        rows="–" if rows is None else f"{rows:,}",
        complete=table["complete"],
        reason=table["reason"] or "",
        collected_at=day_and_time(at) if at else "not collected",
        age=age(at, now) if at else "–",
    )
