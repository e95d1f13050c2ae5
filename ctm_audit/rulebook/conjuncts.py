"""The conditions of an expression that must all hold, each as it is written."""

from __future__ import annotations

import re

from ctm_audit.rulebook.syntax import Node, Refusal, parse, without_places

TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[()\[\]]|\band\b", re.IGNORECASE)


def conjuncts(text: str) -> tuple[str, ...]:
    """What stands between the outermost `and`s; the whole expression where the parser sees no such parts."""
    parts: list[str] = []
    current = ""
    for piece in _pieces(text):
        current = f"{current} and {piece}" if current else piece
        if _tree(current):
            parts.append(current)
            current = ""
    return tuple(" ".join(part.split()) for part in parts) if not current and _mean_the_same(parts, text) else (" ".join(text.split()),)


def _pieces(text: str) -> list[str]:
    """The text cut at every `and` that stands in no brackets and no quotes; one of them may belong to `between`."""
    cuts, depth, start = [], 0, 0
    for found in TOKEN.finditer(text):
        token = found.group()
        depth += (token in "([") - (token in ")]")
        if token.lower() == "and" and depth == 0:
            cuts.append(text[start : found.start()].strip())
            start = found.end()
    return [*cuts, text[start:].strip()]


def _tree(text: str) -> Node | None:
    try:
        return parse(text)
    except Refusal:
        return None


def _mean_the_same(parts: list[str], text: str) -> bool:
    return len(parts) > 1 and _leaves(_tree(text)) == [leaf for part in parts for leaf in _leaves(_tree(part))]


def _leaves(tree: Node | None) -> list[Node]:
    """The conditions below every `and`; the parser takes brackets around some of them for nothing."""
    if tree is None or tree["type"] != "CONJUNCTION_AND":
        return [without_places(tree)]
    return [leaf for child in tree["children"] for leaf in _leaves(child)]
