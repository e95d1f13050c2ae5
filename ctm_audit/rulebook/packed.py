"""The rows of a relation as expressions read them: dotted fields in structs, and only the fields asked for."""

from __future__ import annotations

from collections.abc import Iterable

from ctm_audit.evidence.relations import Relation
from ctm_audit.rulebook.commands import quoted


def packed(relation: Relation, fields: Iterable[str], rows: str = "true", stored_as: str = "") -> str:
    """A subselect with `row_no` and the fields given, dotted ones in structs, of the rows that the condition keeps.

    `stored_as` is SQL that names the relation's rows, by default its own name.
    """
    structs: dict[str, list[str]] = {}
    plain = []
    for name in sorted(fields):
        head, dot, tail = name.partition(".")
        if dot:
            structs.setdefault(head, []).append(f"{quoted(tail)} := {quoted(name)}")
        else:
            plain.append(quoted(name))
    packed = [f"struct_pack({', '.join(members)}) as {quoted(head)}" for head, members in structs.items()]
    return f"(select {', '.join(['row_no', *plain, *packed])} from {stored_as or f'main.{quoted(relation.name)}'} where {rows})"
