"""The functions of the rule language that read hold ids, made from reference/holds.toml.

What no form of the reference data describes retains: an id is harmless only when it is known to be.
https://learn.microsoft.com/purview/ediscovery-identify-a-hold-on-an-exchange-online-mailbox
"""

from __future__ import annotations

from functools import cache

from ctm_audit.reference import Reference, load_reference
from ctm_audit.reference.facts import HoldForm
from ctm_audit.rulebook.commands import text_literal
from ctm_audit.rulebook.grammar import HELD_ID, OWN_ID, REACHING, RETAINING

TOLD = "told_holds"
HEXADECIMAL = "[0-9a-f]{32}"
PARTS = {"<guid>": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<32 hexadecimal digits>": HEXADECIMAL}
SUFFIX = ":<suffix>"
OF_GROUPS = "grp"


def hold_macros(reference: Reference) -> tuple[str, ...]:
    """The statements that define `retaining` and `reaching` for rules, and `told_holds`, ids with their owners, for fields.

    `retaining(ids)` are those of the ids that keep content. `reaching(ids, own)` are those of the organization's ids that keep content
    in a mailbox with these own ids: exclusions are told by the policy, without its suffix, and group policies reach no mailbox of people.
    """
    harmless = text_literal(_harmless(reference))
    policy = f"split_part({HELD_ID}, ':', 1)"
    excluded = f"list_contains(list_transform(own_ids, lambda {OWN_ID}: split_part({OWN_ID}, ':', 1)), '-' || {policy})"
    reaching = f"list_filter({RETAINING}(hold_ids), lambda {HELD_ID}: not starts_with({HELD_ID}, '{OF_GROUPS}') and not {excluded})"
    bodies = {
        f"{RETAINING}(hold_ids)": f"list_filter(hold_ids, lambda {HELD_ID}: not regexp_full_match({HELD_ID}, {harmless}))",
        f"{REACHING}(hold_ids, own_ids)": f"case when own_ids is not null then {reaching} end",
        f"{TOLD}(hold_ids)": f"list_transform(hold_ids, lambda {HELD_ID}: {HELD_ID} || ' (' || {_owner(reference.holds)} || ')')",
    }
    return tuple(f"create or replace macro {name} as {body}" for name, body in bodies.items())


@cache
def bundled_hold_macros() -> tuple[str, ...]:
    """The same, of the bundled reference data: with these the cases of rules are judged."""
    return hold_macros(load_reference())


def _harmless(reference: Reference) -> str:
    """A pattern for the ids that are known to retain nothing."""
    suffixes = "|".join(suffix.value for suffix in reference.hold_suffixes if suffix.retains == "no" and suffix.value.isdigit())
    known = [form for form in reference.holds if form.form.startswith(form.prefix)]
    patterns = [_pattern(form, "(?::[0-9]+)?") for form in known if form.retains == "no"]
    patterns += [_pattern(form, f":(?:{suffixes})") for form in known if form.retains == "by suffix" and suffixes]
    return "|".join(pattern for pattern in patterns if pattern)


def _pattern(form: HoldForm, suffix: str) -> str:
    """The form as a pattern, '' when it is written in a way that is not understood: then nothing fits it, and the id is a hold."""
    rest = form.form.removeprefix(form.prefix).removesuffix(SUFFIX)
    prefix = form.prefix.casefold()
    return f"{prefix}{PARTS[rest]}{suffix}" if rest in PARTS and prefix.strip("-").isalnum() else ""


def _owner(forms: tuple[HoldForm, ...]) -> str:
    """SQL that says who owns an id, by its prefix; the longest that fits counts."""
    by_prefix = sorted((form for form in forms if form.prefix), key=lambda form: -len(form.prefix))
    cases = [f"when starts_with({HELD_ID}, {text_literal(form.prefix.casefold())}) then {text_literal(form.owner)}" for form in by_prefix]
    bare = [f"when regexp_full_match({HELD_ID}, '{HEXADECIMAL}') then {text_literal(form.owner)}" for form in forms if not form.prefix]
    return f"case {' '.join((*cases, *bare))} else 'of an unknown kind; ask the compliance administrator' end"
