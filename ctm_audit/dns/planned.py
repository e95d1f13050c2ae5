"""The mail hosts that the target tenant wants, read from its newest bundle, so that they are asked about before MX names them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from ctm_audit.evidence.bundle import list_bundles, open_bundle


def target_hosts(folder: Path, domains: Sequence[str]) -> list[str]:
    """The hosts that Graph names as MX of the domains; [] while there is no bundle, or none that holds them."""
    found = list_bundles(folder)
    bundle = open_bundle(found[0]) if found else None
    entry = bundle.tables.get("service_records") if bundle else None
    if bundle is None or entry is None or not {"domain", "mx_host"} <= set(entry.columns):
        return []
    rows = pq.read_table(bundle.parquet("service_records"), columns=["domain", "mx_host"]).to_pylist()
    return [row["mx_host"] for row in rows if row["domain"] in domains and row["mx_host"]]
