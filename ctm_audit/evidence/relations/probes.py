"""Test moves: fields of `pairs`, and of `tenants` which kinds of mailboxes have too few."""

from __future__ import annotations

from ctm_audit.evidence.relations.keys import RESOLUTION
from ctm_audit.evidence.relations.schema import Field

PROBES = "target.migration_probes"
PROBE = (
    Field(
        "target.probe",
        "VARCHAR",
        "result of the test move, folded: success or another; '' when none was made",
        (*RESOLUTION["target"], f"{PROBES}.address", f"{PROBES}.result"),
        f"case when tp.address is not null then tp.result when t.primary_smtp is not null and {{complete:{PROBES}}} then '' end",
    ),
    Field(
        "target.probe_answer",
        "VARCHAR",
        "what the test move answered, '' for nothing",
        (*RESOLUTION["target"], f"{PROBES}.address", f"{PROBES}.message", f"{PROBES}.detail"),
        "trim(tp.message || ' ' || tp.detail)",
    ),
)
CLASSES_READ = (
    "stage",
    "source.recipient_type_details",
    "source.archive_guid",
    "source.aux_archives",
    "target.is_dir_synced",
    "target.probe",
)
"""The fields of `pairs` that tell of which kinds a mailbox is, and whether its test move succeeded."""


def unproven(reads: tuple[str, ...]) -> Field:
    """Made of everything that those fields of `pairs` are made of."""
    return Field(
        "unproven",
        "VARCHAR[]",
        "kinds of mailboxes of which too few test moves succeeded, such as `shared: 1 of 3`; unknown for the source",
        tuple(sorted(set(reads))),
        "case when x.id = 'target' then (select unproven from probe_summary) end",
    )
