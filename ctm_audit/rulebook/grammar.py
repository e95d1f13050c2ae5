"""What the rule language allows: types, functions with their signatures, and what to write instead of what it refuses.

Every function and operator here gives NULL when an argument is NULL (tests/rulebook/test_strictness.py measures it), so
unknown stays unknown. A signature reads `argument argument -> result`; `T` is any scalar type, the same throughout.
"""

from __future__ import annotations

NUMBER = "NUMBER"
EMPTY_LIST = "[]"
SCALARS = ("VARCHAR", "BOOLEAN", NUMBER, "TIMESTAMP", "INTERVAL")
WORDS = {"VARCHAR": "text", "BOOLEAN": "true or false", NUMBER: "a number", "TIMESTAMP": "a time", "INTERVAL": "a length of time"}
PLURALS = {"VARCHAR": "texts", "BOOLEAN": "truth values", NUMBER: "numbers", "TIMESTAMP": "times", "INTERVAL": "lengths of time"}

TEXT_PARTS = ("VARCHAR", NUMBER, "BOOLEAN")
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "list_contains": ("T[] T -> BOOLEAN",),
    "list_has_all": ("T[] T[] -> BOOLEAN",),
    "list_has_any": ("T[] T[] -> BOOLEAN",),
    "list_distinct": ("T[] -> T[]",),
    "list_sort": ("T[] -> T[]",),
    "len": ("T[] -> NUMBER", "VARCHAR -> NUMBER"),
    "length": ("T[] -> NUMBER", "VARCHAR -> NUMBER"),
    "starts_with": ("VARCHAR VARCHAR -> BOOLEAN",),
    "ends_with": ("VARCHAR VARCHAR -> BOOLEAN",),
    "contains": ("VARCHAR VARCHAR -> BOOLEAN",),
    "split_part": ("VARCHAR VARCHAR NUMBER -> VARCHAR",),
    "substr": ("VARCHAR NUMBER -> VARCHAR", "VARCHAR NUMBER NUMBER -> VARCHAR"),
    "left": ("VARCHAR NUMBER -> VARCHAR",),
    "right": ("VARCHAR NUMBER -> VARCHAR",),
    "regexp_matches": ("VARCHAR VARCHAR -> BOOLEAN",),
    "regexp_full_match": ("VARCHAR VARCHAR -> BOOLEAN",),
    "retaining": ("VARCHAR[] -> VARCHAR[]",),
    "reaching": ("VARCHAR[] VARCHAR[] -> VARCHAR[]",),
    "date_diff": ("VARCHAR TIMESTAMP TIMESTAMP -> NUMBER",),
    "to_days": ("NUMBER -> INTERVAL",),
    "to_hours": ("NUMBER -> INTERVAL",),
    "~~": ("VARCHAR VARCHAR -> BOOLEAN",),
    "!~~": ("VARCHAR VARCHAR -> BOOLEAN",),
    "||": ("VARCHAR VARCHAR -> VARCHAR",),
    "+": ("NUMBER NUMBER -> NUMBER", "TIMESTAMP INTERVAL -> TIMESTAMP"),
    "-": ("NUMBER -> NUMBER", "NUMBER NUMBER -> NUMBER", "TIMESTAMP INTERVAL -> TIMESTAMP", "TIMESTAMP TIMESTAMP -> INTERVAL"),
    "*": ("NUMBER NUMBER -> NUMBER",),
}
TEXT_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "array_to_string": ("VARCHAR[] VARCHAR -> VARCHAR",),
    "nullif": ("T T -> T",),
    "format_bytes": ("NUMBER -> VARCHAR",),
    "||": tuple(f"{left} {right} -> VARCHAR" for left in TEXT_PARTS for right in TEXT_PARTS if "VARCHAR" in (left, right)),
}
OPERATORS = ("~~", "!~~", "||", "+", "-", "*")
AGGREGATES: dict[str, tuple[str, ...]] = {
    "count_star": ("-> NUMBER",),
    "count": ("T -> NUMBER",),
    "sum": ("NUMBER -> NUMBER",),
    "min": ("T -> T",),
    "max": ("T -> T",),
    "bool_and": ("BOOLEAN -> BOOLEAN",),
    "bool_or": ("BOOLEAN -> BOOLEAN",),
    "list": ("T -> T[]",),
}
NEVER_NULL_AGGREGATES = ("count_star", "count")

WRITTEN_OUT = {"~~": 1, "!~~": 1, "regexp_matches": 1, "regexp_full_match": 1, "date_diff": 0, "to_days": 0, "to_hours": 0}
"""Which argument must be a literal: a pattern made of data would take its `_` and `%` for wildcards."""

DATE_PARTS = ("day", "hour", "minute", "second")
ORDER_DOES_NOT_MATTER = ("list_sort", "len", "length", "list_contains", "list_has_all", "list_has_any")
COMPARISONS_OF_LISTS = ("COMPARE_EQUAL", "COMPARE_NOTEQUAL")
COMPARISONS = (
    *COMPARISONS_OF_LISTS,
    "COMPARE_LESSTHAN",
    "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_GREATERTHAN",
    "COMPARE_GREATERTHANOREQUALTO",
)
LITERALS = {"STRING": "VARCHAR", "INTEGER": NUMBER, "NUMERIC": NUMBER, "BOOLEAN": "BOOLEAN"}
TYPED_LITERALS = ("TIMESTAMP", "INTERVAL")
TRY_CASTS = ("INTEGER", "BIGINT")

ACCEPTS = "accepts"
ACCEPTED, ACCEPTED_SUFFIX = "accepted", "accepted_suffix"
RETAINING, REACHING, HELD_ID, OWN_ID = "retaining", "reaching", "held_id", "own_id"
TAKEN = ("row_no", ACCEPTED, ACCEPTED_SUFFIX, HELD_ID, OWN_ID)
"""Names that the queries around an expression use themselves."""
ACCEPTS_READS = ("target_accepted_domains", ("name", "match_subdomains"))

WRONG_ARGUMENTS = {
    "contains": "write list_contains(list, value)",
    "||": "texts only; in `expected` and `found` write cast(… as varchar)",
    "+": "two lists are not joined: list_contains(a, x) or list_contains(b, x)",
}
_FOLDED = "texts are folded on import; compare the folded field as it is"
_CLOCK = "write project.now, which --as-of can fix"
_KNOWN = "it turns what was not collected into an answer; leave the unknown value alone"
_LOST = "it loses the unknown; write list_has_any or list_has_all"
_FIELDS = "write each field with its dotted name, such as source.upn"
_PRODUCTS = "division by zero is no verdict; compare products: a * 100 >= b * 90"
_WORDS = {
    "lower upper lcase ucase ~~* !~~* COLLATE": _FOLDED,
    "now today current_timestamp current_date current_time get_current_timestamp localtimestamp localtime transaction_timestamp": _CLOCK,
    "if ifnull nullif concat concat_ws greatest least error try": _KNOWN,
    "COMPARE_DISTINCT_FROM COMPARE_NOT_DISTINCT_FROM OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL CASE_EXPR OPERATOR_TRY": _KNOWN,
    "list_intersect list_concat list_cat array_concat array_cat list_append list_bool_and list_bool_or": _LOST,
    "row struct_pack STRUCT_EXTRACT": _FIELDS,
    "/ // %": _PRODUCTS,
    "array_contains list_has array_has": "write list_contains",
    "^@ prefix": "write starts_with",
    "suffix": "write ends_with",
}
INSTEAD = {word: hint for words, hint in _WORDS.items() for word in words.split()} | {
    "list_apply": "write list_filter(list, lambda x: …) or list_transform(list, lambda x: …)",
    "like_escape": "write contains, starts_with or ends_with",
    "unnest": "write x in (select …), list_contains or list_filter",
    "ARRAY_SLICE": "write list_filter",
    "ARRAY_CONSTRUCTOR": "write the list in square brackets alone",
    "WINDOW_AGGREGATE": "write x in (select … group by …)",
    "STAR": "write count(*) or name the column",
    "LAMBDA": "a lambda stands only as the second argument of list_filter or list_transform",
}


def in_words(type_: str) -> str:
    """A type as a person would say it."""
    if type_ == EMPTY_LIST:
        return "an empty list"
    return f"a list of {PLURALS[type_[:-2]]}" if type_.endswith("[]") else WORDS[type_]


def type_of_field(sql_type: str) -> str:
    """The type of the language for a field's SQL type."""
    return NUMBER if sql_type == "BIGINT" else sql_type


def common(left: str, right: str) -> str | None:
    """The type that both are, None when they differ; an empty list is any list."""
    if left == EMPTY_LIST and right.endswith("[]"):
        return right
    if right == EMPTY_LIST and left.endswith("[]"):
        return left
    return left if left == right else None


def result_type(signatures: tuple[str, ...], arguments: list[str]) -> str | None:
    """The type that a call gives, None when no signature takes these arguments."""
    for signature in signatures:
        takes, _, gives = signature.partition("->")
        element = _element(takes.split(), arguments)
        if element is not None:
            return gives.strip().replace("T", element, 1) if gives.strip() in ("T", "T[]") else gives.strip()
    return None


def _element(takes: list[str], arguments: list[str]) -> str | None:
    """What `T` stands for when the arguments fit, '' when it stands for nothing; None when they do not fit."""
    if len(takes) != len(arguments):
        return None
    found = {_bound(pattern, argument) for pattern, argument in zip(takes, arguments, strict=True)}
    found.discard("")
    return None if None in found or len(found) > 1 else next(iter(found), "")


def _bound(pattern: str, argument: str) -> str | None:
    """The scalar type that `T` takes here, '' for none; None when the argument does not fit."""
    if pattern == "T":
        return argument if argument in SCALARS else None
    if pattern == "T[]":
        return "" if argument == EMPTY_LIST else argument[:-2] if argument.endswith("[]") else None
    return "" if common(pattern, argument) else None
