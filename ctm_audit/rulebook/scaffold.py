"""A new rule file to fill in: commented, loadable once the blanks are filled, and failing until then."""

from __future__ import annotations

from pathlib import Path

from ctm_audit.errors import Fault, UsageError
from ctm_audit.evidence.relations import JUDGED
from ctm_audit.rulebook import keys

TEMPLATE = """\
id       = "{id}"
slug     = "{slug}"             # names the problem, not the wish
title    = "WHAT IS WRONG WHEN THIS RULE FAILS"
gate     = "{gate}"                      # one of rules/gates.toml
blocks   = ["submit"]                    # the steps at which a failure refuses; before the first of them it is due
warns    = []                            # the steps at which it only warns
waivable = true
masked_by = []                           # rules that explain this failure better while they fail
# edits  = "target"                      # when the fix edits that side's directory object, which may be mastered on-premises
over     = "{over}"                      # one row is one thing to judge
# applies = ""                           # leave it out when every row is judged
passes   = "{field} = 'WHAT IS RIGHT'"   # true passes, false fails, unknown is undetermined
expected = "'what is right'"
found    = "{field}"
owner    = "migration-lead"              # source-admin, target-admin, on-prem-admin, license-buyer, legal, migration-lead
fix_kind = "manual"                      # script, manual, legal, irreversible
fix      = "WHO DOES WHAT"
# command = "Set-Something -Identity <id>"   # placeholders are fields, <expected> and <found>; no quotes around them
# safe_when = "target.found"             # the rows for which the command is safe; the others get none
# shell   = "exo"                        # exo, compliance, graph, on-premises
# predicts = []                          # what Microsoft's service would answer
# how_to  = "The usual how-to ..."        # when a how-to that people follow leads here; one sentence
why      = "WHAT HAPPENS TO WHOM IF NOBODY REPAIRS IT"
sources  = ["https://learn.microsoft.com/"]

# Each case gives only what it is about: a field that is not named is unknown, a relation that is not named was not collected.
# docs/relations.md lists relations, fields and the rule language. Try it: ctm-audit rules test {id}

[[case]]
name = "as it should be"
is   = "pass"
[[case.{over}]]
{field} = "FILL IN"

[[case]]
name = "as it must not be"
is   = "fail"
[[case.{over}]]
{field} = "WHAT IS RIGHT"

[[case]]
name = "not collected"
is   = "undetermined"
[[case.{over}]]
{field} = "FILL IN, OR TAKE THIS LINE OUT"
"""
FIRST_FIELDS = {
    "pairs": "source.recipient_type_details",
    "tenants": "tenant_id",
    "seats": "name",
    "license_seats": "license",
    "waves": "name",
    "evidence": "lacking",
    "unmapped": "type",
    "mail_rules": "mode",
    "mapping_file": "name",
    "batches": "id",
    "delegations": "trustee",
    "domains": "target.accepted_as",
    "scope_groups": "group_type",
    "dns_domains": "mail_style",
    "dns_servers": "server",
    "dns_resolvers": "resolver",
    "dns_mx_hosts": "host",
}
FAMILY_GATES = {
    "ACC": "access",
    "LIC": "licensing",
    "IDN": "identity",
    "STP": "stamping",
    "DOM": "domains",
    "TRU": "trust",
    "MBX": "mailbox",
    "DEL": "delegation",
    "FLOW": "coexistence",
    "BCH": "batch",
    "DNS": "dns",
    "TEN": "dns",
    "PST": "post-move",
    "CLN": "cleanup",
}


def write_rule(folder: Path, rule_id: str, slug: str, over: str) -> Path:
    """The path of the new file: below its family's folder for the product's own ids, directly in `folder` for X- ids.

    Raises UsageError when a name has the wrong form or a file of that rule is there already; nothing is written then.
    """
    _refuse_names(rule_id, slug, over)
    family = rule_id.partition("-")[0]
    place = folder if family == "X" else folder / family.lower()
    path = place / f"{rule_id}-{slug}.toml"
    taken = sorted(place.glob(f"{rule_id}-*.toml"))
    if taken:
        raise UsageError(
            "Nothing is overwritten.", detail=[f"{found} is there already" for found in taken], hint=f"ctm-audit rules show {rule_id}"
        )
    place.mkdir(parents=True, exist_ok=True)
    text = TEMPLATE.format(id=rule_id, slug=slug, over=over, gate=FAMILY_GATES.get(family, "access"), field=FIRST_FIELDS[over])
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path


def _refuse_names(rule_id: str, slug: str, over: str) -> None:
    faults = []
    read_id = keys.foreign_id if rule_id.startswith("X-") else keys.own_id
    for option, read, value in (("ID", read_id, rule_id), ("--slug", keys.REQUIRED["slug"], slug), ("--over", keys.one_of(JUDGED), over)):
        try:
            read(value)
        except ValueError as error:
            faults.append(Fault(option, 0, 0, str(error)))
    if faults:
        raise UsageError(
            "The new rule needs other names.", detail=faults, hint="ctm-audit rules new STP-99 --slug names-the-problem --over pairs"
        )
