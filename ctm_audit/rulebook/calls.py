"""Calls in the rule language: functions, lists, lambdas and aggregates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ctm_audit.rulebook import grammar as g
from ctm_audit.rulebook.syntax import Node, without_places

if TYPE_CHECKING:
    from ctm_audit.rulebook.walk import Place, Walk

FUNCTION_KEYS = ("function_name", "qualified_name", "arguments", "order_bys", "distinct", "is_operator", "export_state")


def type_of_function(walk: Walk, node: Node, place: Place, within: str) -> str:
    """The type that a call gives; `within` is the function whose direct argument it is."""
    name = node["function_name"]
    arguments = _arguments(walk, node)
    if name in g.AGGREGATES:
        return _aggregate(walk, node, arguments, place)
    if node["distinct"] or "orders" in node["order_bys"]:
        raise walk.refusal(node, f"distinct and order by stand only in aggregates, not in {name}")
    match name:
        case "list_value":
            return _list(walk, node, arguments, place)
        case "list_filter" | "list_transform":
            return _with_lambda(walk, node, arguments, place)
        case g.ACCEPTS:
            return _accepts(walk, node, arguments, place)
    return _call(walk, node, arguments, place, within)


def _arguments(walk: Walk, node: Node) -> list[Node]:
    """The arguments of a plain call: no schema, no method chain, no named arguments."""
    name, path = node["function_name"], node["qualified_name"]["path"]
    if path != [name]:
        before = ".".join(path[:-1])
        raise walk.refusal(node, f"`{before}.{name}(…)` hides what it reads; write {name}({before}, …)")
    if node["is_operator"] != (name in g.OPERATORS):
        raise walk.not_allowed(node, name)
    walk.keys(node, *FUNCTION_KEYS)
    given = node.get("arguments", [])
    if any(set(argument) != {"expression"} for argument in given):
        raise walk.refusal(node, f"{name} takes no named arguments")
    return [argument["expression"] for argument in given]


def _call(walk: Walk, node: Node, arguments: list[Node], place: Place, within: str) -> str:
    name = node["function_name"]
    allowed = g.FUNCTIONS if walk.purpose == "verdict" else {**g.FUNCTIONS, **g.TEXT_FUNCTIONS}
    if name not in allowed:
        raise walk.not_allowed(node, name)
    if name == "list_distinct" and within not in g.ORDER_DOES_NOT_MATTER:
        raise walk.refusal(node, "list_distinct gives the elements in any order; write list_sort(list_distinct(…))")
    _refuse_data_as_pattern(walk, node, arguments)
    return _result(walk, node, allowed[name], [walk.type_of(argument, place, within=name) for argument in arguments])


def _result(walk: Walk, node: Node, signatures: tuple[str, ...], types: list[str]) -> str:
    found = g.result_type(signatures, types)
    if found is None:
        given = ", ".join(map(g.in_words, types)) or "nothing"
        hint = f"; {g.WRONG_ARGUMENTS[node['function_name']]}" if node["function_name"] in g.WRONG_ARGUMENTS else ""
        raise walk.refusal(node, f"{node['function_name']} does not take {given}{hint}")
    return found


def _refuse_data_as_pattern(walk: Walk, node: Node, arguments: list[Node]) -> None:
    index = g.WRITTEN_OUT.get(node["function_name"])
    if index is None or index >= len(arguments):
        return
    written = arguments[index]
    if written["class"] != "CONSTANT":
        raise walk.refusal(written, "only a value that is written out may stand here; for data write starts_with, ends_with or contains")
    if node["function_name"] == "date_diff" and written["literal"].get("text") not in g.DATE_PARTS:
        raise walk.refusal(written, f"date_diff counts in {', '.join(g.DATE_PARTS)}")


def _list(walk: Walk, node: Node, arguments: list[Node], place: Place) -> str:
    if not arguments:
        return g.EMPTY_LIST
    inside = replace(place, all_known=True, aggregates=False)
    found = walk.same(node, [walk.type_of(argument, inside) for argument in arguments], "a list")
    return walk.scalar(node, found, "a list") + "[]"


def _with_lambda(walk: Walk, node: Node, arguments: list[Node], place: Place) -> str:
    name = node["function_name"]
    if len(arguments) != 2 or arguments[1]["class"] != "LAMBDA":
        raise walk.refusal(node, f"write {name}(list, lambda x: …)")
    items = walk.type_of(arguments[0], place)
    if not items.endswith("[]"):
        raise walk.refusal(node, f"{name} takes a list, and this is {g.in_words(items)}")
    found = _body(walk, arguments[1], items[:-2] or "VARCHAR", place)
    if name == "list_transform":
        return walk.scalar(node, found, name) + "[]"
    if found != "BOOLEAN":
        raise walk.refusal(node, f"list_filter keeps what is true, and this lambda gives {g.in_words(found)}")
    return items


def _body(walk: Walk, node: Node, element: str, place: Place) -> str:
    walk.keys(node, "lhs", "expr", "syntax_type")
    if node["syntax_type"] != "LAMBDA_KEYWORD":
        raise walk.refusal(node, "write lambda x: … instead of x -> …")
    if node["lhs"]["class"] != "COLUMN_REF" or len(node["lhs"]["column_names"]) != 1:
        raise walk.refusal(node, "a lambda has exactly one parameter")
    name = walk.new_name(node, node["lhs"]["column_names"][0], "lambda parameter")
    parameters = {**place.parameters, name: element}
    return walk.type_of(node["expr"], replace(place, parameters=parameters, all_known=True, in_lambda=True, aggregates=False))


def _aggregate(walk: Walk, node: Node, arguments: list[Node], place: Place) -> str:
    name = node["function_name"]
    if not place.aggregates:
        raise walk.refusal(node, f"{name} stands only in the select list of a subquery, or after having")
    if name not in g.NEVER_NULL_AGGREGATES and place.may_be_empty:
        walk.refuse_where_known(node, place, f"{name} over no rows")
    _refuse_chance(walk, node, arguments)
    inside = replace(place, aggregates=False)
    return _result(walk, node, g.AGGREGATES[name], [walk.type_of(argument, inside) for argument in arguments])


def _refuse_chance(walk: Walk, node: Node, arguments: list[Node]) -> None:
    """Only `list` has an order, and it must have one; in a verdict that of its own values, which leaves nothing to chance."""
    orders = [without_places(order.get("expression")) for order in node["order_bys"].get("orders", [])]
    if node["function_name"] != "list" and orders:
        raise walk.refusal(node, f"order by has no meaning in {node['function_name']}")
    own = orders == [without_places(argument) for argument in arguments]
    if node["function_name"] == "list" and not (own or (orders and walk.purpose == "text")):
        raise walk.refusal(node, "the order of list(x) is left to chance; write list(x order by x)")


def _accepts(walk: Walk, node: Node, arguments: list[Node], place: Place) -> str:
    if len(arguments) != 2 or arguments[0].get("literal") != {"kind": "STRING", "text": "target"}:
        raise walk.refusal(node, "write accepts('target', domain); only the target's accepted domains are known")
    if place.in_lambda:
        raise walk.refusal(node, "accepts cannot stand in a lambda; read target.unaccepted_smtp or move it outside")
    walk.expect(arguments[1], replace(place, all_known=True, aggregates=False), "VARCHAR", "accepts")
    relation, columns = g.ACCEPTS_READS
    walk.looked_up.setdefault(relation, set()).update(columns)
    return "BOOLEAN"
