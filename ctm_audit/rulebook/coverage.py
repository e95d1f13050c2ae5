"""Which answers of Microsoft's service the rule book foresees, which it does not, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ctm_audit.reference import ServiceError
from ctm_audit.rulebook.load import RuleBook


@dataclass(frozen=True, slots=True)
class Coverage:
    """One answer: the rules of the book that foresee it, and those that are to foresee it but are not in the book."""

    error: ServiceError
    rules: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def why(self) -> str | None:
        """Why no rule foresees it; None when one does."""
        if self.rules:
            return None
        if self.error.unforeseen:
            return self.error.unforeseen
        return f"Not in this rule book: {', '.join(self.absent)}." if self.absent else "No rule names it."


def coverage(book: RuleBook, errors: Iterable[ServiceError]) -> tuple[Coverage, ...]:
    """Every answer in the order of the catalogue, with what the book's rules predict."""
    ids = {rule.id for rule in book.rules}
    return tuple(
        Coverage(
            error,
            tuple(sorted(rule.id for rule in book.rules if error.name in rule.predicts)),
            tuple(rule_id for rule_id in error.rules if rule_id not in ids),
        )
        for error in errors
    )
