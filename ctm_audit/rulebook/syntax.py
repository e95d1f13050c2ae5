"""DuckDB's own syntax tree of one expression of a rule, or a refusal that says what is wrong and where.

DuckDB's parser is the only reader of the text, so nothing can mean one thing to the check and another to the engine.
The JSON form of the tree is no stable interface: whoever walks it refuses what is not listed.
https://duckdb.org/docs/stable/data/json/sql_to_and_from_json
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

Node = dict[str, Any]
MAX_CHARACTERS = 1_000
PLACES = ("query_location", "query_location_length")
NO_PLACE = 2**63
STRINGS_AND_COMMENTS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(?P<comment>--|/\*)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
SERIALIZE = "select json_serialize_sql(t, skip_null := true, skip_empty := true) from (select unnest(?::varchar[]) as t)"
_parsers = threading.local()


class Refusal(Exception):
    """One sentence about an expression; `position` is a character counted from 1, 0 for the whole."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


def parse(text: str) -> Node:
    """The tree of exactly one expression; Refusal for anything that is more, less or something else."""
    _refuse_form(text)
    try:
        statements = _statements(text)
        tree, wrapped = (
            _only_item(_answer(raw, statement, text)) for raw, statement in zip(_serialized(statements), statements, strict=True)
        )
    except RecursionError:
        raise Refusal("the expression is nested too deeply; split the rule") from None
    if without_places(tree) != without_places(wrapped):
        raise Refusal("the expression means something else inside brackets; write one plain expression")
    return tree


def parse_ahead(texts: Iterable[str]) -> None:
    """Make `parse` of these texts quick: asking DuckDB is dearer than what it does, so all of them are one question."""
    sound = [text for text in texts if _has_form(text)]
    statements = [statement for text in sound for statement in _statements(text)]
    try:
        answers = _serialized(statements)
    except duckdb.Error:  # of which text, `parse` will say
        return
    _parsers.ahead = dict(zip(statements, answers, strict=True))


def position_of(node: Node, text: str) -> int:
    """The character, counted from 1, at which the node begins in the expression; 0 when the tree does not say."""
    start = node.get("query_location", NO_PLACE)
    if start >= NO_PLACE:
        return 0
    return len(text.encode()[: max(start - len("SELECT "), 0)].decode(errors="ignore")) + 1


def without_places(node: Any) -> Any:
    """The tree without its positions, for comparing two trees."""
    if isinstance(node, dict):
        return {name: without_places(member) for name, member in node.items() if name not in PLACES}
    if isinstance(node, list):
        return [without_places(member) for member in node]
    return node


def _refuse_form(text: str) -> None:
    if not text.strip():
        raise Refusal("the expression is empty")
    if len(text) > MAX_CHARACTERS:
        raise Refusal(f"the expression has {len(text):,} characters, at most {MAX_CHARACTERS:,} are allowed; split the rule")
    if found := CONTROL.search(text):
        raise Refusal("a control character stands here", found.start() + 1)
    for found in STRINGS_AND_COMMENTS.finditer(text):
        if found["comment"]:
            raise Refusal("comments are not part of the rule language; write it in `why`", found.start() + 1)


def _has_form(text: str) -> bool:
    try:
        _refuse_form(text)
    except Refusal:
        return False
    return True


def _statements(text: str) -> tuple[str, str]:
    """The expression as it stands, and in brackets: what means the same in both is one expression."""
    return f"SELECT {text}", f"SELECT ({text}\n)"


def _parser() -> duckdb.DuckDBPyConnection:
    if not hasattr(_parsers, "connection"):
        _parsers.connection = duckdb.connect(config={"threads": 1})
    connection: duckdb.DuckDBPyConnection = _parsers.connection
    return connection


def _serialized(statements: Sequence[str]) -> list[str]:
    ahead: dict[str, str] = getattr(_parsers, "ahead", {})
    if all(statement in ahead for statement in statements):
        return [ahead[statement] for statement in statements]
    return [raw for (raw,) in _parser().execute(SERIALIZE, [list(statements)]).fetchall()]


def _answer(raw: str, statement: str, text: str) -> Node:
    answer: Node = json.loads(raw)
    if answer["error"]:
        raise Refusal(_syntax_error(answer), _error_position(answer, statement, text))
    return answer


def _syntax_error(answer: Node) -> str:
    return f"this is no single SQL expression ({answer.get('error_message', 'the parser refuses it')})"


def _error_position(answer: Node, statement: str, text: str) -> int:
    start = int(answer.get("position", 0)) - statement.index(text)
    return len(text.encode()[:start].decode(errors="ignore")) + 1 if 0 <= start < len(text.encode()) else 0


def _only_item(answer: Node) -> Node:
    """The one select item of the one statement, which has nothing else."""
    statements = answer["statements"]
    if len(statements) != 1:
        raise Refusal("only one expression may stand here, not several statements")
    if "named_param_map" in statements[0]:
        raise Refusal("write the value instead of a parameter")
    node = statements[0].get("node", {})
    plain = {"type", "cte_map", "select_list", "from_table", "aggregate_handling"}
    from_nowhere = node.get("from_table", {}).get("type") == "EMPTY" and not node.get("cte_map")
    if set(statements[0]) != {"node"} or set(node) != plain or node["type"] != "SELECT_NODE" or not from_nowhere:
        raise Refusal("only an expression may stand here: no FROM, WHERE, WITH, GROUP BY, ORDER BY or LIMIT around it")
    if node["aggregate_handling"] != "STANDARD_HANDLING" or len(node["select_list"]) != 1:
        raise Refusal("only one expression may stand here, without commas outside brackets")
    item: Node = node["select_list"][0]
    return item
