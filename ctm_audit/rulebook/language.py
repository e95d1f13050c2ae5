"""The rule language: checks one expression against what is allowed and says exactly what it reads.

A verdict is SQL's three-valued logic, and plain SQL turns unknown into true in a dozen ways. So everything that is
not listed is refused (docs/relations.md), and three laws hold: what was not collected does not exist; inside a subquery,
a lambda or a list nothing is unknown; elsewhere only operators stand that keep unknown unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ctm_audit.evidence.relations import Relation
from ctm_audit.rulebook.grammar import in_words
from ctm_audit.rulebook.syntax import Refusal, parse
from ctm_audit.rulebook.walk import Place, Purpose, Walk


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
    walk = Walk(text, over, purpose)
    found = walk.type_of(parse(text), Place())
    looked_up = {name: frozenset(columns) for name, columns in sorted(walk.looked_up.items())}
    expression = Expression(text, found, frozenset(walk.fields), frozenset(walk.guarded), looked_up)
    _refuse_result(expression, purpose)
    return expression


def _refuse_result(expression: Expression, purpose: Purpose) -> None:
    if purpose == "verdict" and expression.type != "BOOLEAN":
        raise Refusal(f"the expression gives {in_words(expression.type)}; a verdict is true or false, so write a comparison")
    if purpose == "verdict" and not expression.fields and not any(expression.looked_up.values()):
        raise Refusal("the expression reads no column, so it would say the same of everything; leave the key out or read a field")
    if purpose == "text" and expression.type.endswith("]"):
        raise Refusal(f"the expression gives {in_words(expression.type)}; write array_to_string(…, ', ')")
