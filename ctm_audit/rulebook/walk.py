"""One walk over the syntax tree of an expression: gives types, collects what is read, refuses whatever is not listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ctm_audit.evidence.relations import RELATIONS, Relation
from ctm_audit.rulebook import calls, selects
from ctm_audit.rulebook import grammar as g
from ctm_audit.rulebook.syntax import Node, Refusal, position_of

Purpose = Literal["verdict", "text"]
NAME = re.compile(r"[a-z][a-z0-9_]*")
PLAIN_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?")
THIS = "this"
TAKEN = {THIS, *g.TAKEN, *RELATIONS, *(name.split(".")[0] for relation in RELATIONS.values() for name in relation.by_name)}
MAX_DEPTH = 40
COMMON_KEYS = ("class", "type", "query_location", "query_location_length")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the expression the walk stands, and so what may stand there.

    `all_known`: nothing may be unknown here. `aggregates`: they may stand here; `may_be_empty`: over no rows at all.
    """

    aliases: Mapping[str, Relation] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    all_known: bool = False
    in_subquery: bool = False
    in_lambda: bool = False
    aggregates: bool = False
    may_be_empty: bool = True
    depth: int = 0


class Walk:
    """A walk over one expression; afterwards `fields`, `guarded` and `looked_up` hold what it reads."""

    def __init__(self, text: str, over: Relation, purpose: Purpose) -> None:
        self.text = text
        self.over = over
        self.purpose = purpose
        self.fields: set[str] = set()
        self.guarded: set[str] = set()
        self.looked_up: dict[str, set[str]] = {}
        self.names: set[str] = set()

    def type_of(self, node: Node, place: Place, *, within: str = "") -> str:
        """The type of a node; `within` is the function whose direct argument it is."""
        if place.depth > MAX_DEPTH:
            raise self.refusal(node, "the expression is nested too deeply; split the rule")
        deeper = replace(place, depth=place.depth + 1)
        if node["class"] == "FUNCTION":
            return calls.type_of_function(self, node, deeper, within)
        check = CHECKS.get(node["class"])
        if check is None:
            raise self.not_allowed(node, node["type"])
        return check(self, node, deeper)

    def refusal(self, node: Node, message: str) -> Refusal:
        """A refusal at the place of the node."""
        return Refusal(message, position_of(node, self.text))

    def not_allowed(self, node: Node, name: str) -> Refusal:
        """A refusal of a function, an operator or a form, with what to write instead."""
        shown = name.removeprefix("OPERATOR_").removeprefix("COMPARE_").replace("_", " ").lower() if name.isupper() else name
        hint = f": {g.INSTEAD[name]}" if name in g.INSTEAD else "; docs/relations.md lists what is"
        return self.refusal(node, f"`{shown}` is not part of the rule language{hint}")

    def keys(self, node: Node, *allowed: str) -> None:
        """Refuse a node with a part that nobody has thought about, such as an alias, a filter or a sample."""
        for name in node:
            if name not in allowed and name not in COMMON_KEYS:
                raise self.refusal(node, f"`{name.replace('_', ' ')}` is not allowed here; write the plain form")

    def expect(self, node: Node, place: Place, wanted: str, what: str) -> None:
        """Refuse a node of another type."""
        found = self.type_of(node, place)
        if found != wanted:
            raise self.refusal(node, f"{what} needs {g.in_words(wanted)}, and this is {g.in_words(found)}")

    def same(self, node: Node, types: Sequence[str], what: str) -> str:
        """The one type that all of them are."""
        found = types[0]
        for other in types[1:]:
            both = g.common(found, other)
            if both is None:
                raise self.refusal(node, f"{what} needs values of one type, and these are {g.in_words(found)} and {g.in_words(other)}")
            found = both
        return found

    def scalar(self, node: Node, found: str, what: str) -> str:
        """The type, when it is that of one value."""
        if found not in g.SCALARS:
            raise self.refusal(node, f"{what} takes one value, not {g.in_words(found)}; write list_contains(list, value)")
        return found

    def refuse_where_known(self, node: Node, place: Place, what: str) -> None:
        """Refuse what may give unknown where nothing may be unknown; texts decide nothing, so there it may stand."""
        if place.all_known and self.purpose == "verdict":
            told = f"{what} may give unknown, and inside a subquery, a lambda or a list nothing may be unknown; move it outside"
            raise self.refusal(node, told)

    def new_name(self, node: Node, name: str, what: str) -> str:
        """The name, when it can be taken for nothing else."""
        if not NAME.fullmatch(name):
            raise self.refusal(node, f"the {what} {name!r} is not in small letters")
        if name in TAKEN:
            raise self.refusal(node, f"the {what} {name} is also the name of a field or relation; choose another")
        if name in self.names:
            raise self.refusal(node, f"the name {name} is used twice; choose another for the {what}")
        self.names.add(name)
        return name


# Columns.


def _column(walk: Walk, node: Node, place: Place) -> str:
    walk.keys(node, "column_names")
    first, *others = node["column_names"]
    if not others and first in place.parameters:
        return place.parameters[first]
    if first in place.aliases:
        return _looked_up(walk, node, place.aliases[first], ".".join(others))
    _refuse_unqualified(walk, node, place)
    return _of_the_row(walk, node, ".".join(others if place.in_subquery else (first, *others)), place)


def _refuse_unqualified(walk: Walk, node: Node, place: Place) -> None:
    first, *others = node["column_names"]
    if place.in_subquery and first != THIS:
        told = f"inside a subquery every column carries its alias and the judged row is `this.`; {'.'.join((first, *others))} has neither"
        raise walk.refusal(node, told)
    if not place.in_subquery and first == THIS:
        raise walk.refusal(node, f"outside a subquery write {'.'.join(others) or 'the field'} without `this.`")


def _of_the_row(walk: Walk, node: Node, name: str, place: Place) -> str:
    found = walk.over.by_name.get(name)
    if found is None:
        raise walk.refusal(node, f"{walk.over.name} has no field {name or 'without a name'}{_nearest(walk.over, name)}")
    if found.only_told and walk.purpose == "verdict":
        raise walk.refusal(node, f"{name} is made of what happened to be collected; only `expected` and `found` may read it")
    walk.fields.add(name)
    if place.all_known:
        walk.guarded.add(name)
    return g.type_of_field(found.type)


def _looked_up(walk: Walk, node: Node, relation: Relation, name: str) -> str:
    found = relation.by_name.get(name)
    if found is None:
        raise walk.refusal(node, f"{relation.name} has no column {name or 'without a name'}{_nearest(relation, name)}")
    walk.looked_up[relation.name].add(name)
    return g.type_of_field(found.type)


def _nearest(relation: Relation, name: str) -> str:
    if name.lower() in g.INSTEAD:
        return f"; {g.INSTEAD[name.lower()]}"
    group = [known for known in relation.by_name if known.startswith(f"{name}.")]
    if group:
        return f"; it is a group of fields, name one of them, such as {group[0]}"
    last = name.lower().rpartition(".")[2]
    near = [known for known in relation.by_name if known == name.lower() or known.rpartition(".")[2] == last]
    return f"; do you mean {near[0]}?" if near else "; docs/relations.md lists the fields"


# Literals and casts.


def _constant(walk: Walk, node: Node, _place: Place) -> str:
    walk.keys(node, "literal")
    kind, text = node["literal"]["kind"], node["literal"].get("text", "")
    if kind == "NULL_LITERAL":
        raise walk.refusal(node, "NULL is not a value to compare with; leave it out")
    if kind not in g.LITERALS or (g.LITERALS[kind] == g.NUMBER and not PLAIN_NUMBER.fullmatch(text)):
        raise walk.refusal(node, "write a plain text in single quotes, a plain number, true or false")
    return g.LITERALS[kind]


def _cast(walk: Walk, node: Node, place: Place) -> str:
    walk.keys(node, "child", "try_cast", "type_expr")
    name = _plain_type(node["type_expr"])
    if node["try_cast"] and name in g.TRY_CASTS:
        walk.refuse_where_known(node, place, "try_cast")
        walk.expect(node["child"], place, "VARCHAR", "try_cast")
        return g.NUMBER
    if not node["try_cast"] and name in g.TYPED_LITERALS and is_text(node["child"]):
        return name
    if not node["try_cast"] and name == "VARCHAR" and walk.purpose == "text":
        return _as_text(walk, node, place)
    told = "of the casts only try_cast(text as bigint) and typed literals such as timestamp '2027-01-31' are allowed"
    raise walk.refusal(node, told)


def _plain_type(node: Node) -> str:
    """The name of a type without length, scale or schema; '' for anything else."""
    name = str(node.get("type_name", ""))
    is_plain = set(node) <= {*COMMON_KEYS, "type_name", "qualified_name"} and node["qualified_name"]["path"] == [name]
    return name.upper() if is_plain else ""


def _as_text(walk: Walk, node: Node, place: Place) -> str:
    found = walk.type_of(node["child"], place)
    if found.endswith("]"):
        raise walk.refusal(node, f"this is {g.in_words(found)}; write array_to_string(…, ', ')")
    return "VARCHAR"


# Operators.


def _conjunction(walk: Walk, node: Node, place: Place) -> str:
    walk.keys(node, "children")
    for child in node["children"]:
        walk.expect(child, place, "BOOLEAN", "and/or")
    return "BOOLEAN"


def _comparison(walk: Walk, node: Node, place: Place) -> str:
    walk.keys(node, "left", "right")
    if node["type"] not in g.COMPARISONS:
        raise walk.not_allowed(node, node["type"])
    found = walk.same(node, [walk.type_of(node[side], place) for side in ("left", "right")], "a comparison")
    if found.endswith("]") and node["type"] not in g.COMPARISONS_OF_LISTS:
        raise walk.refusal(node, "lists have no greater and smaller; compare len(…) or write list_has_all")
    return "BOOLEAN"


def _between(walk: Walk, node: Node, place: Place) -> str:
    walk.keys(node, "input", "lower", "upper")
    walk.scalar(node, walk.same(node, [walk.type_of(node[part], place) for part in ("input", "lower", "upper")], "between"), "between")
    return "BOOLEAN"


def _operator(walk: Walk, node: Node, place: Place) -> str:
    walk.keys(node, "children")
    children: list[Node] = node["children"]
    match node["type"]:
        case "OPERATOR_NOT":
            walk.expect(children[0], place, "BOOLEAN", "not")
        case "COMPARE_IN":
            walk.scalar(node, walk.same(node, [walk.type_of(child, place) for child in children], "in (…)"), "in (…)")
        case "OPERATOR_IS_NULL" | "OPERATOR_IS_NOT_NULL" if walk.purpose == "text":
            walk.type_of(children[0], place)
        case "ARRAY_EXTRACT":
            return _element(walk, node, place)
        case "OPERATOR_COALESCE":
            return _coalesce(walk, node, place)
        case _:
            raise walk.not_allowed(node, node["type"])
    return "BOOLEAN"


def _element(walk: Walk, node: Node, place: Place) -> str:
    walk.refuse_where_known(node, place, "[i]")
    found = walk.type_of(node["children"][0], place)
    if not found.endswith("[]") or found == g.EMPTY_LIST:
        raise walk.refusal(node, f"[i] takes an element of a list, and this is {g.in_words(found)}")
    walk.expect(node["children"][1], place, g.NUMBER, "[i]")
    return found[:-2]


def _coalesce(walk: Walk, node: Node, place: Place) -> str:
    first, *others = node["children"]
    around_subquery = first["class"] == "SUBQUERY" and first["subquery_type"] == "SCALAR"
    if walk.purpose == "verdict" and not (around_subquery and len(others) == 1):
        told = "coalesce turns unknown into known; it may stand only directly around a subquery: coalesce((select …), value)"
        raise walk.refusal(node, told)
    found = selects.type_of_subquery(walk, first, place, has_default=True) if around_subquery else walk.type_of(first, place)
    return walk.same(node, [found, *(walk.type_of(other, place) for other in others)], "coalesce")


def _case(walk: Walk, node: Node, place: Place) -> str:
    if walk.purpose == "verdict":
        raise walk.not_allowed(node, "CASE_EXPR")
    walk.keys(node, "case_checks", "else_expr")
    types = []
    for check in node["case_checks"]:
        walk.expect(check["when_expr"], place, "BOOLEAN", "when")
        types.append(walk.type_of(check["then_expr"], place))
    if not is_null(node["else_expr"]):
        types.append(walk.type_of(node["else_expr"], place))
    return walk.same(node, types, "case")


def is_text(node: Node) -> bool:
    """True for a text that is written out."""
    return bool(node["class"] == "CONSTANT" and node["literal"]["kind"] == "STRING")


def is_null(node: Node) -> bool:
    """True for a NULL that is written out, or for an ELSE that is not."""
    return bool(node["class"] == "CONSTANT" and node["literal"]["kind"] == "NULL_LITERAL")


CHECKS: Mapping[str, Callable[[Walk, Node, Place], str]] = {
    "COLUMN_REF": _column,
    "CONSTANT": _constant,
    "CAST": _cast,
    "CONJUNCTION": _conjunction,
    "COMPARISON": _comparison,
    "BETWEEN": _between,
    "OPERATOR": _operator,
    "CASE": _case,
    "SUBQUERY": selects.type_of_subquery,
}
"""What is checked how; a class of nodes that is not here is refused."""
