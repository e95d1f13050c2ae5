"""`mapping_file`: the mapping as a whole, in the state in which it is audited."""

from __future__ import annotations

from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import Field, Relation

MAPPING_FILE = Relation(
    name="mapping_file",
    doc="One row: the mapping. Its id holds the first digits of its digest, so that what is said of it ends with its next change.",
    kind="mapping",
    tenant_wide=True,
    fields=(
        Field("id", "VARCHAR", "the name of the file and twelve digits of its digest: `mapping.csv 3fa9c2d1e0b7`", sql="x.id"),
        Field("name", "VARCHAR", "the name of the file and how many mailboxes it names", sql="x.name"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field("mailboxes", "BIGINT", "rows of the mapping", sql="x.mailboxes"),
        *PROJECT,
    ),
)
DIGITS = 12


def mapping_id(file: str, digest: str) -> str:
    """The id of a mapping: its file name, and enough of its digest to tell it from every other state of the file."""
    return f"{file} {digest[:DIGITS]}"
