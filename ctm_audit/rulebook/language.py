"""The rule language: checks one expression against what is allowed and says exactly what it reads.

A verdict is SQL's three-valued logic, and plain SQL turns unknown into true in a dozen ways. So everything that is
not listed is refused (docs/relations.md), and three laws hold: what was not collected does not exist; inside a subquery,
a lambda or a list nothing is unknown; elsewhere only operators stand that keep unknown unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ctm_audit.evidence.relations import RELATIONS, Relation
from ctm_audit.rulebook import grammar as g
from ctm_audit.rulebook.syntax import Node, Refusal, parse, position_of, without_places

Purpose = Literal["verdict", "text"]
NAME = re.compile(r"[a-z][a-z0-9_]*")
THIS = "this"
TAKEN = {THIS, *RELATIONS, *(name.split(".")[0] for relation in RELATIONS.values() for name in relation.by_name)}
MAX_DEPTH = 40
COMMON_KEYS = ("class", "type", "query_location", "query_location_length")
JOIN_DEFAULTS = {"delim_flipped": False, "nearest_count": 1, "nearest_order_type": "ASCENDING", "nearest_approx": False}
FUNCTION_KEYS = ("function_name", "qualified_name", "arguments", "order_bys", "distinct", "is_operator", "export_state")


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression and what it reads.

    `fields` are those of the judged row; `guarded` the ones among them that must be known, because they stand inside a
    subquery, a lambda or a list; `looked_up` maps each relation read in a subquery to its columns.
    """

    text: str
    type: str
    fields: frozenset[str]
    guarded: frozenset[str]
    looked_up: Mapping[str, frozenset[str]]

    @property
    def sql(self) -> str:
        """The expression, ready to stand inside a larger query."""
        return f"({self.text}\n)"


def check_expression(text: str, over: Relation, purpose: Purpose) -> Expression:
    """The expression with everything it reads; Refusal when it holds anything that the language does not allow."""
    walk = _Walk(text, over, purpose)
    try:
        found = walk.type_of(parse(text), _Place())
    except RecursionError:
        raise Refusal("the expression is nested too deeply; split the rule") from None
    looked_up = {name: frozenset(columns) for name, columns in sorted(walk.looked_up.items())}
    expression = Expression(text, found, frozenset(walk.fields), frozenset(walk.guarded), looked_up)
    _refuse_result(expression, purpose)
    return expression


def _refuse_result(expression: Expression, purpose: Purpose) -> None:
    if purpose == "verdict" and expression.type != "BOOLEAN":
        raise Refusal(f"the expression gives {g.in_words(expression.type)}; a verdict is true or false, so write a comparison")
    if purpose == "verdict" and not expression.fields and not any(expression.looked_up.values()):
        raise Refusal("the expression reads no column, so it would say the same of everything; leave the key out or read a field")
    if purpose == "text" and expression.type.endswith("]"):
        raise Refusal(f"the expression gives {g.in_words(expression.type)}; write array_to_string(…, ', ')")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the expression the walk stands, and so what may stand there."""

    aliases: Mapping[str, Relation] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    all_known: bool = False
    in_subquery: bool = False
    in_lambda: bool = False
    aggregates: bool = False
    may_be_empty: bool = True
    depth: int = 0


class _Walk:
    """One walk over a tree: gives types, collects what is read, refuses the rest."""

    def __init__(self, text: str, over: Relation, purpose: Purpose) -> None:
        self.text = text
        self.over = over
        self.purpose = purpose
        self.fields: set[str] = set()
        self.guarded: set[str] = set()
        self.looked_up: dict[str, set[str]] = {}
        self.names: set[str] = set()

    def type_of(self, node: Node, place: _Place, *, within: str = "") -> str:
        """The type of a node; `within` is the function whose direct argument it is."""
        if place.depth > MAX_DEPTH:
            raise self.refusal(node, "the expression is nested too deeply; split the rule")
        deeper = replace(place, depth=place.depth + 1)
        if node["class"] == "FUNCTION":
            return self._function(node, deeper, within)
        check = getattr(self, f"_{node['class'].lower()}", None)
        if node["class"] not in CLASSES or check is None:
            raise self.not_allowed(node, node["type"])
        found: str = check(node, deeper)
        return found

    def refusal(self, node: Node, message: str) -> Refusal:
        return Refusal(message, position_of(node, self.text))

    def not_allowed(self, node: Node, name: str) -> Refusal:
        hint = g.INSTEAD.get(name)
        shown = name.removeprefix("OPERATOR_").removeprefix("COMPARE_").replace("_", " ").lower() if name.isupper() else name
        return self.refusal(
            node, f"`{shown}` is not part of the rule language" + (f": {hint}" if hint else "; docs/relations.md lists what is")
        )

    def keys(self, node: Node, *allowed: str) -> None:
        """Refuses a node with a part that nobody has thought about, such as an alias, a filter or a sample."""
        for name in node:
            if name not in allowed and name not in COMMON_KEYS:
                raise self.refusal(node, f"`{name.replace('_', ' ')}` is not allowed here; write the plain form")

    def expect(self, node: Node, place: _Place, wanted: str, what: str) -> None:
        found = self.type_of(node, place)
        if found != wanted:
            raise self.refusal(node, f"{what} needs {g.in_words(wanted)}, and this is {g.in_words(found)}")

    def same(self, node: Node, types: list[str], what: str) -> str:
        """The one type that all of them are."""
        found = types[0]
        for other in types[1:]:
            both = g.common(found, other)
            if both is None:
                raise self.refusal(node, f"{what} needs two of a kind, and these are {g.in_words(found)} and {g.in_words(other)}")
            found = both
        return found

    # What a column is.

    def _column_ref(self, node: Node, place: _Place) -> str:
        self.keys(node, "column_names")
        names = node["column_names"]
        if len(names) == 1 and names[0] in place.parameters:
            return place.parameters[names[0]]
        if names[0] in place.aliases:
            return self._looked_up(node, place.aliases[names[0]], ".".join(names[1:]))
        if place.in_subquery and names[0] != THIS:
            raise self.refusal(
                node, f"inside a subquery every column carries its alias and the judged row is `this.`; {'.'.join(names)} has neither"
            )
        if not place.in_subquery and names[0] == THIS:
            raise self.refusal(node, f"outside a subquery write {'.'.join(names[1:]) or 'the field'} without `this.`")
        return self._of_the_row(node, ".".join(names[1:] if place.in_subquery else names), place)

    def _of_the_row(self, node: Node, name: str, place: _Place) -> str:
        found = self.over.by_name.get(name)
        if found is None:
            raise self.refusal(node, f"{self.over.name} has no field {name or 'without a name'}" + self._nearest(self.over, name))
        self.fields.add(name)
        if place.all_known:
            self.guarded.add(name)
        return g.type_of_field(found.type)

    def _looked_up(self, node: Node, relation: Relation, name: str) -> str:
        found = relation.by_name.get(name)
        if found is None:
            raise self.refusal(node, f"{relation.name} has no column {name or 'without a name'}" + self._nearest(relation, name))
        self.looked_up[relation.name].add(name)
        return g.type_of_field(found.type)

    def _nearest(self, relation: Relation, name: str) -> str:
        struct = [known for known in relation.by_name if known.startswith(f"{name}.")]
        if struct:
            return f"; it is a group of fields, name one of them, such as {struct[0]}"
        folded = name.lower()
        near = [known for known in relation.by_name if known == folded or known.rpartition(".")[2] == folded.rpartition(".")[2]]
        return f"; do you mean {near[0]}?" if near else "; docs/relations.md lists the fields"

    # Literals, casts and plain operators.

    def _constant(self, node: Node, place: _Place) -> str:
        self.keys(node, "literal")
        literal = node["literal"]
        if literal["kind"] == "NULL_LITERAL":
            raise self.refusal(node, "NULL is not a value to compare with; leave it out")
        if literal["kind"] not in g.LITERALS or not _is_plain(literal):
            raise self.refusal(node, "write a plain text in single quotes, a plain number, true or false")
        return g.LITERALS[literal["kind"]]

    def _cast(self, node: Node, place: _Place) -> str:
        self.keys(node, "child", "try_cast", "type_expr")
        name = node["type_expr"].get("type_name", "").upper()
        plain = set(node["type_expr"]) <= {*COMMON_KEYS, "type_name", "qualified_name"} and node["type_expr"]["qualified_name"]["path"] == [
            node["type_expr"].get("type_name")
        ]
        if plain and node["try_cast"] and name in g.TRY_CASTS:
            return self._try_cast(node, place)
        if plain and not node["try_cast"] and name in g.TYPED_LITERALS and _is_text(node["child"]):
            return str(name)
        if plain and not node["try_cast"] and name == "VARCHAR" and self.purpose == "text":
            return self._as_text(node, place)
        raise self.refusal(node, "of the casts only try_cast(text as bigint) and typed literals such as timestamp '2027-01-31' are allowed")

    def _try_cast(self, node: Node, place: _Place) -> str:
        self._refuse_where_known(node, place, "try_cast")
        self.expect(node["child"], place, "VARCHAR", "try_cast")
        return g.NUMBER

    def _as_text(self, node: Node, place: _Place) -> str:
        if (found := self.type_of(node["child"], place)).endswith("]"):
            raise self.refusal(node, f"this is {g.in_words(found)}; write array_to_string(…, ', ')")
        return "VARCHAR"

    def _refuse_where_known(self, node: Node, place: _Place, what: str) -> None:
        if place.all_known and self.purpose == "verdict":
            raise self.refusal(
                node, f"{what} may give unknown, and inside a subquery, a lambda or a list nothing may be unknown; move it outside"
            )

    def _conjunction(self, node: Node, place: _Place) -> str:
        self.keys(node, "children")
        for child in node["children"]:
            self.expect(child, place, "BOOLEAN", "and/or")
        return "BOOLEAN"

    def _comparison(self, node: Node, place: _Place) -> str:
        self.keys(node, "left", "right")
        if node["type"] not in g.COMPARISONS:
            raise self.not_allowed(node, node["type"])
        found = self.same(node, [self.type_of(node["left"], place), self.type_of(node["right"], place)], "a comparison")
        if found.endswith("]") and node["type"] not in g.COMPARISONS[:2]:
            raise self.refusal(node, "lists have no greater and smaller; compare len(…) or write list_has_all")
        return "BOOLEAN"

    def _between(self, node: Node, place: _Place) -> str:
        self.keys(node, "input", "lower", "upper")
        found = self.same(node, [self.type_of(node[part], place) for part in ("input", "lower", "upper")], "between")
        if found not in g.SCALARS:
            raise self.refusal(node, "between compares texts, numbers or times, not lists")
        return "BOOLEAN"

    def _operator(self, node: Node, place: _Place) -> str:
        self.keys(node, "children")
        children: list[Node] = node["children"]
        match node["type"]:
            case "OPERATOR_NOT":
                self.expect(children[0], place, "BOOLEAN", "not")
                return "BOOLEAN"
            case "COMPARE_IN":
                self._scalar(node, self.same(node, [self.type_of(child, place) for child in children], "in (…)"), "in (…)")
                return "BOOLEAN"
            case "ARRAY_EXTRACT":
                return self._element(node, place)
            case "OPERATOR_COALESCE":
                return self._coalesce(node, place)
            case "OPERATOR_IS_NULL" | "OPERATOR_IS_NOT_NULL" if self.purpose == "text":
                self.type_of(children[0], place)
                return "BOOLEAN"
        raise self.not_allowed(node, node["type"])

    def _scalar(self, node: Node, found: str, what: str) -> None:
        if found not in g.SCALARS:
            raise self.refusal(node, f"{what} takes one value, not {g.in_words(found)}; write list_contains(list, value)")

    def _element(self, node: Node, place: _Place) -> str:
        self._refuse_where_known(node, place, "[i]")
        found = self.type_of(node["children"][0], place)
        if not found.endswith("[]") or found == g.EMPTY_LIST:
            raise self.refusal(node, f"[i] takes an element of a list, and this is {g.in_words(found)}")
        self.expect(node["children"][1], place, g.NUMBER, "[i]")
        return found[:-2]

    def _coalesce(self, node: Node, place: _Place) -> str:
        children = node["children"]
        if self.purpose == "verdict" and (len(children) != 2 or not _is_scalar_subquery(children[0])):
            raise self.refusal(
                node,
                "coalesce turns unknown into known; it may stand only directly around a subquery: coalesce((select …), value if there is no row)",
            )
        types = [self._with_default(children[0], place), *(self.type_of(child, place) for child in children[1:])]
        return self.same(node, types, "coalesce")

    def _with_default(self, node: Node, place: _Place) -> str:
        if _is_scalar_subquery(node) and not place.in_lambda:
            return self._select(node, place, one_row=True, has_default=True)
        return self.type_of(node, place)

    def _case(self, node: Node, place: _Place) -> str:
        if self.purpose == "verdict":
            raise self.not_allowed(node, "CASE_EXPR")
        self.keys(node, "case_checks", "else_expr")
        types = []
        for check in node["case_checks"]:
            self.expect(check["when_expr"], place, "BOOLEAN", "when")
            types.append(self.type_of(check["then_expr"], place))
        if not _is_null(node["else_expr"]):
            types.append(self.type_of(node["else_expr"], place))
        return self.same(node, types, "case")

    # Functions, lambdas, lists, aggregates.

    def _function(self, node: Node, place: _Place, within: str) -> str:
        name = node["function_name"]
        self._refuse_decorated(node, name)
        self.keys(node, *FUNCTION_KEYS)
        arguments = [self._argument(node, argument) for argument in node.get("arguments", [])]
        if name in g.AGGREGATES and not (name in g.FUNCTIONS):
            return self._aggregate(node, arguments, place)
        if node["distinct"] or "orders" in node["order_bys"]:
            raise self.refusal(node, f"distinct and order by stand only in aggregates, not in {name}")
        if name == "list_value":
            return self._list(node, arguments, place)
        if name in g.LAMBDA_FUNCTIONS:
            return self._with_lambda(node, arguments, place)
        if name == g.ACCEPTS:
            return self._accepts(node, arguments, place)
        return self._call(node, arguments, place, within)

    def _refuse_decorated(self, node: Node, name: str) -> None:
        if node["qualified_name"]["path"] != [name]:
            before = ".".join(node["qualified_name"]["path"][:-1])
            raise self.refusal(node, f"`{before}.{name}(…)` hides what it reads; write {name}({before}, …)")
        if node["is_operator"] != (name in g.OPERATORS):
            raise self.not_allowed(node, name)

    def _argument(self, node: Node, argument: Node) -> Node:
        if set(argument) != {"expression"}:
            raise self.refusal(node, f"{node['function_name']} takes no named arguments")
        expression: Node = argument["expression"]
        return expression

    def _call(self, node: Node, arguments: list[Node], place: _Place, within: str) -> str:
        name = node["function_name"]
        signatures = (g.FUNCTIONS if self.purpose == "verdict" else {**g.FUNCTIONS, **g.TEXT_FUNCTIONS}).get(name)
        if signatures is None:
            raise self.not_allowed(node, name)
        if name == "list_distinct" and within not in g.ORDER_DOES_NOT_MATTER:
            raise self.refusal(node, "list_distinct gives the elements in any order; write list_sort(list_distinct(…))")
        self._refuse_data_as_pattern(node, arguments)
        types = [self.type_of(argument, place, within=name) for argument in arguments]
        return self._result(node, signatures, types)

    def _result(self, node: Node, signatures: tuple[str, ...], types: list[str]) -> str:
        found = g.result_type(signatures, types)
        if found is None:
            given = ", ".join(map(g.in_words, types)) or "nothing"
            hint = "; write list_contains(list, value)" if node["function_name"] == "contains" else ""
            hint = "; write cast(… as varchar)" if node["function_name"] == "||" and self.purpose == "text" else hint
            raise self.refusal(node, f"{node['function_name']} does not take {given}{hint}")
        return found

    def _refuse_data_as_pattern(self, node: Node, arguments: list[Node]) -> None:
        index = g.WRITTEN_OUT.get(node["function_name"])
        if index is None or index >= len(arguments):
            return
        written = arguments[index]
        if written["class"] != "CONSTANT":
            raise self.refusal(
                written, "here only a value that is written out may stand; for data write starts_with, ends_with or contains"
            )
        if node["function_name"] == "date_diff" and written.get("literal", {}).get("text") not in g.DATE_PARTS:
            raise self.refusal(written, f"date_diff counts in {', '.join(g.DATE_PARTS)}")

    def _list(self, node: Node, arguments: list[Node], place: _Place) -> str:
        if not arguments:
            return g.EMPTY_LIST
        inside = replace(place, all_known=True, aggregates=False)
        found = self.same(node, [self.type_of(argument, inside) for argument in arguments], "a list")
        self._scalar(node, found, "a list")
        return f"{found}[]"

    def _with_lambda(self, node: Node, arguments: list[Node], place: _Place) -> str:
        name = node["function_name"]
        if len(arguments) != 2 or arguments[1]["class"] != "LAMBDA":
            raise self.refusal(node, f"write {name}(list, lambda x: …)")
        items = self.type_of(arguments[0], place)
        if not items.endswith("[]"):
            raise self.refusal(node, f"{name} takes a list, and this is {g.in_words(items)}")
        found = self._body(arguments[1], items[:-2] or "VARCHAR", place)
        if name == "list_transform":
            self._scalar(node, found, "list_transform")
            return f"{found}[]"
        if found != "BOOLEAN":
            raise self.refusal(node, f"list_filter keeps what is true, and this lambda gives {g.in_words(found)}")
        return items

    def _body(self, node: Node, element: str, place: _Place) -> str:
        self.keys(node, "lhs", "expr", "syntax_type")
        if node["syntax_type"] != "LAMBDA_KEYWORD":
            raise self.refusal(node, "write lambda x: … instead of x -> …")
        if node["lhs"]["class"] != "COLUMN_REF" or len(node["lhs"]["column_names"]) != 1:
            raise self.refusal(node, "a lambda has exactly one parameter")
        name = self._new_name(node, node["lhs"]["column_names"][0], "lambda parameter")
        parameters = {**place.parameters, name: element}
        return self.type_of(node["expr"], replace(place, parameters=parameters, all_known=True, in_lambda=True, aggregates=False))

    def _new_name(self, node: Node, name: str, what: str) -> str:
        if not NAME.fullmatch(name):
            raise self.refusal(node, f"the {what} {name!r} is not in small letters")
        if name in TAKEN:
            raise self.refusal(node, f"the {what} {name} is also the name of a field or relation; choose another")
        if name in self.names:
            raise self.refusal(node, f"the name {name} is used twice; choose another for the {what}")
        self.names.add(name)
        return name

    def _aggregate(self, node: Node, arguments: list[Node], place: _Place) -> str:
        name = node["function_name"]
        if not place.aggregates:
            raise self.refusal(node, f"{name} stands only in the select list of a subquery, or after having")
        if name not in g.NEVER_NULL_AGGREGATES and place.may_be_empty:
            self._refuse_where_known(node, replace(place, all_known=True), f"{name} over no rows")
        inside = replace(place, aggregates=False, may_be_empty=True)
        types = [self.type_of(argument, inside) for argument in arguments]
        self._refuse_order(node, arguments)
        return self._result(node, g.AGGREGATES[name], types)

    def _refuse_order(self, node: Node, arguments: list[Node]) -> None:
        orders = node["order_bys"].get("orders", [])
        if node["function_name"] != "list" and orders:
            raise self.refusal(node, f"order by has no meaning in {node['function_name']}")
        ordered = [without_places(order.get("expression")) for order in orders]
        chosen = bool(ordered) if self.purpose == "text" else ordered == [without_places(argument) for argument in arguments]
        if node["function_name"] == "list" and not chosen:
            raise self.refusal(node, "the order of list(x) is left to chance; write list(x order by x)")

    def _accepts(self, node: Node, arguments: list[Node], place: _Place) -> str:
        if len(arguments) != 2 or not _is_text(arguments[0]) or arguments[0]["literal"].get("text") != "target":
            raise self.refusal(node, "write accepts('target', domain); only the target's accepted domains are known")
        if place.in_lambda:
            raise self.refusal(node, "accepts cannot stand in a lambda; read target.unaccepted_smtp or move it outside")
        self.expect(arguments[1], replace(place, all_known=True), "VARCHAR", "accepts")
        relation, columns = g.ACCEPTS_READS
        self.looked_up.setdefault(relation, set()).update(columns)
        return "BOOLEAN"

    # Subqueries.

    def _subquery(self, node: Node, place: _Place) -> str:
        self.keys(node, "subquery_type", "subquery", "child", "comparison_type")
        if place.in_lambda:
            raise self.refusal(node, "a subquery cannot stand in a lambda; move it outside")
        if node["subquery_type"] == "SCALAR":
            return self._select(node, place, one_row=True)
        if node["subquery_type"] == "ANY" and node["comparison_type"] == "COMPARE_EQUAL":
            asked = self.type_of(node["child"], place)
            found = self.same(node, [asked, self._select(node, place, one_row=False)], "in (select …)")
            self._scalar(node, found, "in (select …)")
            return "BOOLEAN"
        raise self.refusal(
            node, "of the subqueries only `x [not] in (select …)` and an aggregate in brackets, (select count(*) …), are allowed"
        )

    def _select(self, node: Node, place: _Place, *, one_row: bool, has_default: bool = False) -> str:
        select = self._plain_select(node, one_row)
        aliases = {**place.aliases, **self._from(node, select["from_table"])}
        inside = replace(place, aliases=aliases, all_known=True, in_subquery=True, aggregates=False, may_be_empty=True)
        self._conditions(select, inside)
        item = select["select_list"][0]
        if one_row and not _has_aggregate(item):
            raise self.refusal(
                item,
                "a subquery in brackets must have exactly one row; write an aggregate, such as (select count(*) …) or (select max(…) …)",
            )
        may_be_empty = place.all_known and not has_default and "group_expressions" not in select
        return self.type_of(item, replace(inside, aggregates=True, may_be_empty=may_be_empty))

    def _plain_select(self, node: Node, one_row: bool) -> Node:
        select: Node = node["subquery"].get("node", {})
        if set(node["subquery"]) != {"node"} or select.get("type") != "SELECT_NODE":
            raise self.refusal(node, "union, intersect, except and the like are not part of the rule language; write two conditions")
        allowed = ("cte_map", "select_list", "from_table", "where_clause", "aggregate_handling")
        self._keys_of_select(node, select, (*allowed, *(() if one_row else ("group_expressions", "group_sets", "having", "modifiers"))))
        if select["cte_map"] or select["aggregate_handling"] != "STANDARD_HANDLING" or len(select["select_list"]) != 1:
            raise self.refusal(node, "a subquery selects exactly one value, without WITH and without GROUP BY ALL")
        if select.get("modifiers", []) not in ([], [{"type": "DISTINCT_MODIFIER"}]):
            raise self.refusal(node, "order by, limit and distinct on are not allowed in a subquery")
        return select

    def _keys_of_select(self, node: Node, select: Node, allowed: tuple[str, ...]) -> None:
        words = {
            "group_expressions": "group by",
            "group_sets": "group by",
            "modifiers": "order by, limit or distinct",
            "qualify": "qualify",
        }
        for name in select:
            if name not in allowed and name != "type":
                raise self.refusal(node, f"`{words.get(name, name)}` is not allowed in this subquery")

    def _conditions(self, select: Node, inside: _Place) -> None:
        groups = select.get("group_expressions", [])
        if select["from_table"].get("condition"):
            self.expect(select["from_table"]["condition"], inside, "BOOLEAN", "on")
        if "where_clause" in select:
            self.expect(select["where_clause"], inside, "BOOLEAN", "where")
        for group in groups:
            if group["class"] != "COLUMN_REF":
                raise self.refusal(group, "group by takes columns only")
            self.type_of(group, inside)
        if select.get("group_sets", [list(range(len(groups)))]) != [list(range(len(groups)))]:
            raise self.refusal(groups[0], "grouping sets, rollup and cube are not part of the rule language")
        if "having" in select:
            self._having(select["having"], bool(groups), inside)

    def _having(self, node: Node, grouped: bool, inside: _Place) -> None:
        if not grouped:
            raise self.refusal(node, "having needs group by")
        self.expect(node, replace(inside, aggregates=True, may_be_empty=False), "BOOLEAN", "having")

    def _from(self, node: Node, table: Node) -> dict[str, Relation]:
        """The aliases that a FROM gives; only documented relations, side by side or joined with ON."""
        if table["type"] == "JOIN":
            return self._joined(node, table)
        if table["type"] != "BASE_TABLE":
            raise self.refusal(node, "a subquery reads documented relations only, no functions, values or further subqueries")
        self.keys(table, "alias", "table_name", "qualified_name")
        name = table["table_name"]
        if table["qualified_name"]["path"] != [name] or name not in RELATIONS:
            raise self.refusal(table, f"there is no relation {'.'.join(table['qualified_name']['path'])}; docs/relations.md lists them")
        if "alias" not in table:
            raise self.refusal(table, f"give {name} an alias, such as: from {name} {name[0]}")
        alias = self._new_name(table, table["alias"], "alias")
        self.looked_up.setdefault(name, set())
        return {alias: RELATIONS[name]}

    def _joined(self, node: Node, table: Node) -> dict[str, Relation]:
        self.keys(table, "left", "right", "condition", "join_type", "ref_type", "is_implicit", *JOIN_DEFAULTS)
        plain = all(table.get(name) == value for name, value in JOIN_DEFAULTS.items()) and table["join_type"] == "INNER"
        if not plain or table["ref_type"] not in ("REGULAR", "CROSS") or table["left"]["type"] == "JOIN":
            raise self.refusal(
                node, "only two relations side by side or an inner join with ON are allowed: an outer join makes unknown values"
            )
        return {**self._from(node, table["left"]), **self._from(node, table["right"])}


CLASSES = {"COLUMN_REF", "CONSTANT", "CAST", "CONJUNCTION", "COMPARISON", "BETWEEN", "OPERATOR", "CASE", "SUBQUERY"}


def _is_plain(literal: Node) -> bool:
    return literal["kind"] in ("STRING", "BOOLEAN") or bool(re.fullmatch(r"-?\d{1,18}(\.\d{1,9})?", literal["text"]))


def _is_text(node: Node) -> bool:
    return bool(node["class"] == "CONSTANT" and node["literal"]["kind"] == "STRING")


def _is_null(node: Node) -> bool:
    return bool(node["class"] == "CONSTANT" and node["literal"]["kind"] == "NULL_LITERAL")


def _is_scalar_subquery(node: Node) -> bool:
    return bool(node["class"] == "SUBQUERY" and node["subquery_type"] == "SCALAR")


def _has_aggregate(node: object) -> bool:
    """True when an aggregate of this very subquery stands in the node."""
    if isinstance(node, list):
        return any(map(_has_aggregate, node))
    if not isinstance(node, dict) or node.get("class") == "SUBQUERY":
        return False
    return node.get("function_name") in g.AGGREGATES or any(map(_has_aggregate, node.values()))
