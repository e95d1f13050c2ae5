"""Turns a checked rule into the queries that judge it, and names what a run lacks for it.

A judged relation is a table of its name in the schema `main`: `row_no` and one flat column a field, named exactly as the
field (`"source.exchange_guid"`). Every other relation is a table with its plain columns. Only the fields that a rule
reads are packed into structs: judging over whole structs takes nine times as long (docs/design.md, section 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ctm_audit.evidence.relations import JUDGED, RELATIONS, Relation, origin
from ctm_audit.model import Owner
from ctm_audit.rulebook.commands import TEXTS, command_sql, path, placeholders, quoted, text_literal
from ctm_audit.rulebook.grammar import ACCEPTED, ACCEPTED_SUFFIX, ACCEPTS, ACCEPTS_READS
from ctm_audit.rulebook.language import Expression, check_expression
from ctm_audit.rulebook.packed import packed
from ctm_audit.rulebook.rule import Rule
from ctm_audit.rulebook.syntax import Refusal

EXPRESSIONS = ("applies", "passes", "expected", "found", "safe_when")
NOTHING_UNKNOWN = "the values that were collected do not decide it"
NOT_STATED = "nobody has stated it"
WAITING = "time alone may settle it until "
NOW = "project.now"
_NAMES = f"select {ACCEPTED}.name from main.target_accepted_domains {ACCEPTED}"
_SUFFIXES = f"select list('.' || {ACCEPTED}.name) from main.target_accepted_domains {ACCEPTED} where {ACCEPTED}.match_subdomains"
ACCEPTS_MACRO = (
    f"create or replace macro {ACCEPTS}(tenant, domain) as coalesce(domain in ({_NAMES}) or"
    f" len(list_filter(coalesce(({_SUFFIXES}), []), lambda {ACCEPTED_SUFFIX}: ends_with(domain, {ACCEPTED_SUFFIX}))) > 0, false)"
)
"""No subquery surrounds `domain`, so that nothing in the argument can be taken for a column of the accepted domains."""


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule whose expressions passed the walker, with everything that they read."""

    rule: Rule
    relation: Relation
    applies: Expression | None
    passes: Expression
    expected: Expression
    found: Expression
    safe_when: Expression | None
    until: str | None
    placeholders: tuple[str, ...]
    mastered_on_premises: str | None

    @property
    def verdicts(self) -> tuple[Expression, ...]:
        """The expressions that decide: `applies`, if there is one, and `passes`."""
        return (self.passes,) if self.applies is None else (self.applies, self.passes)

    @property
    def verdict_fields(self) -> frozenset[str]:
        """The fields of the judged row that the verdict reads."""
        waiting = {self.until, NOW} if self.until else set()
        return frozenset().union(*(expression.fields for expression in self.verdicts), waiting)

    @property
    def reported(self) -> tuple[Expression, ...]:
        """The expressions that are computed for reported rows alone."""
        return (self.expected, self.found) if self.safe_when is None else (self.expected, self.found, self.safe_when)

    @property
    def fields(self) -> frozenset[str]:
        """All fields of the judged row that the rule reads, for the verdict, the texts, the command and the owner."""
        extra = {*self.placeholders, *([self.mastered_on_premises] if self.mastered_on_premises else [])}
        return self.verdict_fields.union(*(expression.fields for expression in self.reported), extra)

    @property
    def looked_up(self) -> dict[str, frozenset[str]]:
        """The columns that subqueries read, by relation; an empty set when only rows are counted."""
        columns: dict[str, frozenset[str]] = {}
        for expression in (*self.verdicts, *self.reported):
            for relation, names in expression.looked_up.items():
                columns[relation] = columns.get(relation, frozenset()) | names
        return columns

    @property
    def reads(self) -> frozenset[str]:
        """All evidence behind the rule, as `SIDE.TABLE.COLUMN`."""
        columns = {**self.looked_up, self.relation.name: self.fields | self.looked_up.get(self.relation.name, frozenset())}
        return frozenset(read for name, fields in columns.items() for field in fields for read in RELATIONS[name].by_name[field].reads)


def _stated(sql: str, kind: str) -> Expression:
    """A constant in the place of what evidence would say; it reads nothing."""
    return Expression(sql, kind, frozenset(), frozenset(), {})


def asks(rule: Rule) -> str:
    """What to do about a question that only a person can answer."""
    return f"only a person can answer this: record in attestations.toml, under the rule {rule.id}, who states that it is so"


def expressions_of(rule: Rule) -> dict[str, str]:
    """The expressions that a rule has, by their keys."""
    return {key: text for key in EXPRESSIONS if (text := getattr(rule, key))}


def check_rule(rule: Rule) -> tuple[CheckedRule | None, list[tuple[str, Refusal]]]:
    """The checked rule and no refusals, or None and every refusal with the key that it is about."""
    over = JUDGED[rule.over]
    refused: list[tuple[str, Refusal]] = []
    texts = expressions_of(rule)
    checked = {key: _checked(texts.get(key), key, over, refused) for key in EXPRESSIONS}
    if rule.states:
        checked |= {"passes": _stated("null::boolean", "BOOLEAN"), "expected": _stated(text_literal(rule.states), "VARCHAR")}
        checked["found"] = _stated(text_literal(NOT_STATED), "VARCHAR")
    fields = tuple(name for name in placeholders(rule.command) if name not in TEXTS)
    refused += [("command", _unknown_placeholder(name, over)) for name in fields if name not in over.by_name]
    refused += _no_time(rule.until, over)
    applies, passes, expected, found, safe_when = checked.values()
    if refused or not (passes and expected and found):
        return None, refused
    mastered = f"{rule.edits}.is_dir_synced" if rule.edits else None
    return CheckedRule(rule, over, applies, passes, expected, found, safe_when, rule.until, fields, mastered), []


def _checked(text: str | None, key: str, over: Relation, refused: list[tuple[str, Refusal]]) -> Expression | None:
    if not text:
        return None
    try:
        return check_expression(text, over, "text" if key in ("expected", "found") else "verdict")
    except Refusal as refusal:
        refused.append((key, refusal))
        return None


def _no_time(name: str | None, over: Relation) -> list[tuple[str, Refusal]]:
    if not name or (name in over.by_name and over.by_name[name].type == "TIMESTAMP"):
        return []
    return [("until", Refusal(f"{name} is no time that {over.name} has; write the dotted name of a field of the type TIMESTAMP"))]


def _unknown_placeholder(name: str, over: Relation) -> Refusal:
    return Refusal(f"<{name}> is no field of {over.name}; write a field's dotted name, <expected> or <found>")


# What a run lacks for a rule.


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What exists in a run. What is not named here does not exist, and what is not called complete is incomplete.

    `fields` maps each relation to its fields that exist; `complete` are the relations that surely have all rows.
    `why` explains absence: relation, `SIDE.TABLE` or `SIDE.TABLE.COLUMN` → reason. `holds_null(relation, field)` tells
    whether a looked-up column is unknown in any row.
    """

    fields: Mapping[str, frozenset[str]]
    complete: frozenset[str]
    why: Mapping[str, str]
    holds_null: Callable[[str, str], bool]

    def is_incomplete(self, relation: str) -> bool:
        """True unless the relation surely has all its rows."""
        return relation not in self.complete


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a rule cannot be judged at all; `reads` names the evidence, `SIDE.TABLE.COLUMN` or `SIDE.TABLE` for missing rows."""

    reason: str
    reads: tuple[str, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables behind it, as `SIDE.TABLE`."""
        return tuple(sorted({".".join(read.split(".")[:2]) for read in self.reads}))


def gaps(checked: CheckedRule, catalogue: Catalogue) -> tuple[Gap, ...]:
    """Everything that makes the whole rule undetermined in this run; empty when it can be judged."""
    return _gaps(checked.relation, checked.fields, checked.looked_up, catalogue)


def can_tell_whom(checked: CheckedRule, catalogue: Catalogue) -> bool:
    """True when everything is there that says of which rows the rule asks, whatever else it lacks."""
    whom = checked.applies
    return whom is not None and not (
        catalogue.is_incomplete(checked.relation.name) or _gaps(checked.relation, whom.fields, whom.looked_up, catalogue)
    )


def _gaps(over: Relation, fields: Iterable[str], looked_up: Mapping[str, Iterable[str]], catalogue: Catalogue) -> tuple[Gap, ...]:
    found = _missing(over, fields, catalogue)
    for name, columns in sorted(looked_up.items()):
        relation = RELATIONS[name]
        found += _missing(relation, columns, catalogue) or _doubtful(relation, columns, catalogue)
    return tuple(dict.fromkeys(found))


def _missing(relation: Relation, names: Iterable[str], catalogue: Catalogue) -> list[Gap]:
    """Law 1: what was not collected does not exist."""
    if relation.name not in catalogue.fields:
        return [
            Gap(
                f"needs {_of(relation)}, which was not collected{_because(relation.name, relation.over, catalogue)}",
                _reads_of(relation, names),
            )
        ]
    absent = sorted(set(names) - catalogue.fields[relation.name])
    reads = {name: _absent_reads(relation, name, catalogue) for name in absent}
    return [
        Gap(f"needs {_origins(reads[name]) or name}, which was not collected{_because(name, reads[name], catalogue)}", reads[name])
        for name in absent
    ]


def lacking_rows(relation: Relation, catalogue: Catalogue) -> Gap | None:
    """Why rows of the relation may be missing; None when it surely has them all."""
    if not catalogue.is_incomplete(relation.name):
        return None
    return Gap(f"{_of(relation)} may lack rows{_because(relation.name, relation.over, catalogue)}", relation.over)


def _doubtful(relation: Relation, names: Iterable[str], catalogue: Catalogue) -> list[Gap]:
    """Law 2: inside a subquery nothing is unknown, so rows may not be missing and no cell may be unknown."""
    if lacking := lacking_rows(relation, catalogue):
        return [lacking]
    unknown = [name for name in sorted(names) if catalogue.holds_null(relation.name, name)]
    return [
        Gap(f"{_origins(relation.by_name[name].reads) or f'{relation.name}.{name}'} is unknown in some rows", relation.by_name[name].reads)
        for name in unknown
    ]


def _of(relation: Relation) -> str:
    return relation.doc.rstrip(".") if relation.over else f"the relation {relation.name}"


def _reads_of(relation: Relation, names: Iterable[str]) -> tuple[str, ...]:
    reads = {read for name in names for read in relation.by_name[name].reads}
    return tuple(sorted(reads)) or relation.over


def _absent_reads(relation: Relation, name: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The evidence behind a field that does not exist in this run."""
    reads = relation.by_name[name].reads
    return tuple(read for read in reads if not _exists(read, catalogue)) or reads


def _exists(read: str, catalogue: Catalogue) -> bool:
    side, table, column = read.split(".")
    return column in catalogue.fields.get(f"{side}_{table}", frozenset())


def _origins(reads: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(map(origin, reads)))


def _because(name: str, places: Iterable[str], catalogue: Catalogue) -> str:
    keys = [name, *(key for place in places for key in (place, place.rpartition(".")[0]))]
    reasons = dict.fromkeys(catalogue.why[key] for key in keys if key in catalogue.why)
    return f" ({'; '.join(reasons)})" if reasons else ""


# The queries.


def macros(catalogue: Catalogue) -> tuple[str, ...]:
    """The statements that define the language's macros, to be run once all relations exist."""
    relation, columns = ACCEPTS_READS
    return (ACCEPTS_MACRO,) if frozenset(columns) <= catalogue.fields.get(relation, frozenset()) else ()


def verdict_query(checked: CheckedRule, *, incomplete: bool, rows: str = "true") -> str:
    """SQL that gives `row_no, verdict` for the rows that the condition `rows` on row_no keeps; without masking.

    `incomplete` says that rows of the judged relation may be missing: known failures stay, passes become undetermined.
    """
    when_true = "undetermined" if incomplete else "pass"
    return (
        "select row_no, case when applies is null then 'undetermined' when not applies then 'not_applicable'"
        f" when passes is null then 'undetermined' when passes then '{when_true}' else 'fail' end as verdict"
        f" from ({judgement_query(checked, rows=rows)})"
    )


def judgement_query(checked: CheckedRule, *, rows: str = "true") -> str:
    """SQL that gives `row_no, applies, passes` for the rows asked for, each true, false or NULL, with the guards of law 2."""
    applies = "true" if checked.applies is None else _guarded(checked.applies)
    columns = f"row_no, {applies} as applies, {_settled(checked)} as passes"
    judged = packed(checked.relation, checked.verdict_fields, rows)
    return f"{_with_lookups(checked.verdicts)}select {columns} from {judged} this"


def question_query(checked: CheckedRule) -> str:
    """SQL that gives `row_no` of every row of which the rule asks, or may ask; see `can_tell_whom`."""
    if checked.applies is None:
        return f"select row_no from main.{quoted(checked.relation.name)}"
    rows = packed(checked.relation, checked.applies.fields)
    return f"{_with_lookups((checked.applies,))}select row_no from {rows} this where ({_guarded(checked.applies)}) is distinct from false"


def text_query(checked: CheckedRule, *, rows: str = "true") -> str:
    """SQL that gives `row_no, expected, found, owner, command, reason, until` for the rows that the condition `rows` on row_no keeps.

    `command` is NULL when a value in it is, where it is not safe, and for an object mastered on-premises; `reason` names the fields of the
    verdict that are unknown in the row.
    """
    columns = [
        "row_no",
        f"cast({checked.expected.sql} as varchar) as expected",
        f"cast({checked.found.sql} as varchar) as found",
        f"{_owner(checked)} as owner",
        f"{_unknown(checked)} as unknown",
        f"{_until(checked)} as until",
        f"{_guarded(checked.safe_when) if checked.safe_when else 'true'} as is_safe",
        *(f"this.{path(name)} as {quoted(f'<{name}>')}" for name in checked.placeholders),
    ]
    inner = f"select {', '.join(columns)} from {packed(checked.relation, checked.fields, rows)} this"
    command = command_sql(checked.rule.command, {name: checked.relation.by_name[name].type for name in checked.placeholders})
    command = f"case when is_safe and owner <> '{Owner.ON_PREM_ADMIN}' then {command} end"
    undecided = text_literal(asks(checked.rule) if checked.rule.attest else NOTHING_UNKNOWN)
    waiting = f"when until is not null then {text_literal(WAITING)} || until "
    reason = f"case {waiting}when len(unknown) = 0 then {undecided} else 'unknown for this object: ' || array_to_string(unknown, ', ') end"
    lookups = _with_lookups(checked.reported)
    return f"{lookups}select row_no, expected, found, owner, {command} as command, {reason} as reason, until from ({inner})"


def _guarded(expression: Expression) -> str:
    """The expression, NULL when a field that must be known is not: the row's half of law 2."""
    if not expression.guarded:
        return expression.sql
    unknown = " or ".join(f"this.{path(name)} is null" for name in sorted(expression.guarded))
    return f"case when {unknown} then null else {expression.sql} end"


def _settled(checked: CheckedRule) -> str:
    """Whether the row passes; a failure that waiting may still settle is unknown, and so is one of which nobody knows how long."""
    passes = _guarded(checked.passes)
    if not checked.until:
        return passes
    return f"case when {passes} then true when not {passes} and not ({_is_waiting(checked)}) then false end"


def _is_waiting(checked: CheckedRule) -> str:
    return f"this.{path(checked.until or NOW)} > this.{path(NOW)}"


def _until(checked: CheckedRule) -> str:
    """When waiting is over, as text; NULL when there is nothing to wait for."""
    if not checked.until:
        return "null::varchar"
    return f"case when {_is_waiting(checked)} then strftime(this.{path(checked.until)}, '%Y-%m-%dT%H:%M:%SZ') end"


def _owner(checked: CheckedRule) -> str:
    owner = f"'{checked.rule.owner}'"
    if checked.mastered_on_premises is None:
        return owner
    return f"case when this.{path(checked.mastered_on_premises)} then '{Owner.ON_PREM_ADMIN}' else {owner} end"


def _unknown(checked: CheckedRule) -> str:
    """The list of the verdict's fields that are NULL in the row, each with its origin."""
    members = (
        f"case when this.{path(name)} is null then {text_literal(_with_origin(checked, name))} end"
        for name in sorted(checked.verdict_fields)
    )
    return f"list_filter([{', '.join(members)}]::varchar[], lambda field_name: field_name is not null)"


def _with_origin(checked: CheckedRule, name: str) -> str:
    origins = _origins(checked.relation.by_name[name].reads)
    return f"{name} ({origins})" if origins else name


def _with_lookups(expressions: Iterable[Expression]) -> str:
    """Judged relations that subqueries look up, packed like the judged row, so that `p.target.upn` resolves."""
    looked_up: dict[str, set[str]] = {}
    for expression in expressions:
        for name, columns in expression.looked_up.items():
            if name in JUDGED:
                looked_up.setdefault(name, set()).update(columns)
    tables = [f"{quoted(name)} as not materialized (from {packed(JUDGED[name], columns)})" for name, columns in sorted(looked_up.items())]
    return f"with {', '.join(tables)} " if tables else ""
