"""`mail_rules`: the transport rules of both tenants."""

from __future__ import annotations

from ctm_audit.evidence.relations.project import PROJECT
from ctm_audit.evidence.relations.schema import SQL_TYPES, Field, Relation
from ctm_audit.evidence.tables import SIDES, TABLES

RULES = TABLES["transport_rules"]


def _copied(name: str) -> Field:
    """A column of the table, of a rule that its id and name tell from others; unknown for rules of a side that is not asked for it."""
    column = RULES.column(name)
    reads = tuple(f"{side}.{RULES.name}.{read}" for side in column.sides for read in dict.fromkeys(("guid", "name", name)))
    return Field(name, SQL_TYPES[column.type], column.doc, reads, f"x.{name}")


MAIL_RULES = Relation(
    name="mail_rules",
    doc="One row for each transport rule of the source and of the target.",
    kind="rule of mail flow",
    over=tuple(f"{side}.{RULES.name}" for side in SIDES),
    tenant_wide=True,
    fields=(
        Field("id", "VARCHAR", "the side and the name of the rule: `source: External banner`", sql="x.side || ': ' || x.name"),
        Field("wave", "VARCHAR", "always ''", sql="''"),
        Field("side", "VARCHAR", "`source` or `target`", sql="x.side"),
        *(_copied(column.name) for column in RULES.columns if column.name != "guid"),
        *PROJECT,
    ),
)
