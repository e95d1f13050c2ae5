"""Everybody whom a bundle leaves out, as keyed hashes: enough to tell that somebody else holds an address, and no more."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import Column, Table

KINDS = ("guid", "address", "x500", "upn")

OTHERS = Table(
    name="others",
    command="Others",
    stems=("Others",),
    key=("part", "holder", "kind", "hash"),
    columns=(
        Column("holder", "text", "holder", n.key, "keyed hash of the object's id", True),
        Column("type", "text", "type", n.text, "recipient type in detail, '' where none is known"),
        Column("kind", "text", "kind", n.key, "what was hashed: guid, address, x500 or upn", True, KINDS),
        Column("hash", "text", "hash", n.key, "keyed hash of what the object holds, folded", True),
    ),
    export="ctm-audit export-script target --output export.ps1  # run it with -SaltFile ctm-audit.salt, the salt of the project",
    parts=True,
    made=True,
)
