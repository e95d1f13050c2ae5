"""Subqueries in the rule language: `x in (select …)` and an aggregate over a relation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ctm_audit.evidence.relations import RELATIONS, Relation
from ctm_audit.rulebook import grammar as g
from ctm_audit.rulebook.syntax import Node

if TYPE_CHECKING:
    from ctm_audit.rulebook.walk import Place, Walk

JOIN_DEFAULTS = {"delim_flipped": False, "nearest_count": 1, "nearest_order_type": "ASCENDING", "nearest_approx": False}
ONE_ROW_KEYS = ("type", "cte_map", "select_list", "from_table", "where_clause", "aggregate_handling")
SELECT_KEYS = (*ONE_ROW_KEYS, "group_expressions", "group_sets", "having", "modifiers")
PART_NAMES = {
    "group_expressions": "group by",
    "group_sets": "group by",
    "modifiers": "distinct, order by or limit",
    "having": "having",
    "qualify": "qualify",
}


def type_of_subquery(walk: Walk, node: Node, place: Place, *, has_default: bool = False) -> str:
    """The type that a subquery gives; `has_default` says that coalesce stands around it, for when there are no rows."""
    walk.keys(node, "subquery_type", "subquery", "child", "comparison_type")
    if place.in_lambda:
        raise walk.refusal(node, "a subquery cannot stand in a lambda; move it outside")
    match node["subquery_type"], node["comparison_type"]:
        case "SCALAR", _:
            return _select(walk, node, place, one_row=True, has_default=has_default)
        case "ANY", "COMPARE_EQUAL":
            asked = walk.type_of(node["child"], place)
            given = _select(walk, node, place, one_row=False, has_default=False)
            walk.scalar(node, walk.same(node, [asked, given], "in (select …)"), "in (select …)")
            return "BOOLEAN"
    told = "of the subqueries only `x [not] in (select …)` and an aggregate in brackets, (select count(*) …), are allowed"
    raise walk.refusal(node, told)


def _select(walk: Walk, node: Node, place: Place, *, one_row: bool, has_default: bool) -> str:
    select = _plain_select(walk, node, one_row=one_row)
    aliases = {**place.aliases, **_from(walk, node, select["from_table"])}
    inside = replace(place, aliases=aliases, all_known=True, in_subquery=True, aggregates=False, may_be_empty=True)
    _conditions(walk, select, inside)
    item = select["select_list"][0]
    may_be_empty = place.all_known and not has_default and "group_expressions" not in select
    found = walk.type_of(item, replace(inside, aggregates=True, may_be_empty=may_be_empty))
    if one_row and not _has_aggregate(item):
        raise walk.refusal(item, "a subquery in brackets has exactly one row; write an aggregate, (select count(*) …) or (select max(…) …)")
    return found


def _plain_select(walk: Walk, node: Node, *, one_row: bool) -> Node:
    """The one select of a subquery, when it has only the parts that are allowed."""
    select: Node = node["subquery"].get("node", {})
    if set(node["subquery"]) != {"node"} or select.get("type") != "SELECT_NODE":
        raise walk.refusal(node, "union, intersect, except and the like are not part of the rule language; write two conditions")
    for name in select:
        if name not in (ONE_ROW_KEYS if one_row else SELECT_KEYS):
            raise walk.refusal(node, f"`{PART_NAMES.get(name, name)}` is not allowed in this subquery")
    if select["cte_map"] or select["aggregate_handling"] != "STANDARD_HANDLING" or len(select["select_list"]) != 1:
        raise walk.refusal(node, "a subquery selects exactly one value, without WITH and without GROUP BY ALL")
    if select.get("modifiers", []) not in ([], [{"type": "DISTINCT_MODIFIER"}]):
        raise walk.refusal(node, "order by, limit and distinct on are not allowed in a subquery")
    return select


def _conditions(walk: Walk, select: Node, inside: Place) -> None:
    """Check ON, WHERE, GROUP BY and HAVING."""
    if "condition" in select["from_table"]:
        walk.expect(select["from_table"]["condition"], inside, "BOOLEAN", "on")
    if "where_clause" in select:
        walk.expect(select["where_clause"], inside, "BOOLEAN", "where")
    groups = select.get("group_expressions", [])
    for group in groups:
        if group["class"] != "COLUMN_REF":
            raise walk.refusal(group, "group by takes columns only")
        walk.type_of(group, inside)
    if groups and select["group_sets"] != [list(range(len(groups)))]:
        raise walk.refusal(groups[0], "grouping sets, rollup and cube are not part of the rule language")
    if "having" in select:
        if not groups:
            raise walk.refusal(select["having"], "having needs group by")
        walk.expect(select["having"], replace(inside, aggregates=True, may_be_empty=False), "BOOLEAN", "having")


def _from(walk: Walk, node: Node, table: Node) -> dict[str, Relation]:
    """The aliases that a FROM gives; only documented relations, side by side or joined with ON."""
    if table["type"] == "JOIN":
        return _joined(walk, node, table)
    if table["type"] != "BASE_TABLE":
        raise walk.refusal(node, "a subquery reads documented relations only, no functions, values or further subqueries")
    name = ".".join(table["qualified_name"]["path"])
    if name not in RELATIONS:
        raise walk.refusal(table, f"there is no relation {name}; docs/relations.md lists them")
    walk.keys(table, "alias", "table_name", "qualified_name")
    if "alias" not in table:
        raise walk.refusal(table, f"give {name} an alias, such as: from {name} {name[0]}")
    walk.looked_up.setdefault(name, set())
    return {walk.new_name(table, table["alias"], "alias"): RELATIONS[name]}


def _joined(walk: Walk, node: Node, table: Node) -> dict[str, Relation]:
    walk.keys(table, "left", "right", "condition", "join_type", "ref_type", "is_implicit", *JOIN_DEFAULTS)
    plain = all(table.get(name) == value for name, value in JOIN_DEFAULTS.items()) and table["join_type"] == "INNER"
    nested = "JOIN" in (table["left"]["type"], table["right"]["type"])
    if not plain or nested or table["ref_type"] not in ("REGULAR", "CROSS"):
        raise walk.refusal(node, "only two relations side by side or an inner join with ON: an outer join makes unknown values")
    return {**_from(walk, node, table["left"]), **_from(walk, node, table["right"])}


def _has_aggregate(node: object) -> bool:
    """True when an aggregate of this very subquery stands in the node."""
    if isinstance(node, list):
        return any(map(_has_aggregate, node))
    if not isinstance(node, dict) or node.get("class") == "SUBQUERY":
        return False
    return node.get("function_name") in g.AGGREGATES or any(map(_has_aggregate, node.values()))
