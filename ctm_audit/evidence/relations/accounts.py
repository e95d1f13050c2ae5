"""Fields of `pairs` about the account of Entra ID behind the target object."""

from __future__ import annotations

from ctm_audit.evidence.relations.schema import SQL_TYPES, Field
from ctm_audit.evidence.tables import TABLES

# The account is found by the object's id, so only what is not read of another table stands here.
ALREADY_THERE = ("object_id", "upn")

ACCOUNTS = tuple(
    Field(
        f"target.{column.name}",
        SQL_TYPES[column.type],
        column.doc,
        (f"target.users.{column.name}",),
        f"u.{column.name}",
    )
    for column in TABLES["users"].columns_of("target")
    if column.name not in ALREADY_THERE
)
