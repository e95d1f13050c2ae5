"""The page of one owner, as Markdown: for somebody who gets nothing else, and knows nothing of the tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ctm_audit.model import COLLECTORS, FixKind, Owner, Weight
from ctm_audit.report.gap_lines import gap_lines
from ctm_audit.report.markdown import block, cell, code, table, text
from ctm_audit.report.words import counted, day_and_time, listed, owner
from ctm_audit.report.work.scripts import SHELLS, Counts, script_names
from ctm_audit.report.work.shares import SHOWN, Share

GROUPS = {
    Weight.BLOCKER: ("Refuses the step {step} now", "{count} refuse {step} now"),
    Weight.WARNING: ("Warns", "{count} warn"),
    Weight.DUE: ("Due later", "{count} will refuse a later step"),
    Weight.INFO: ("For information", "{count} inform"),
}
EXPORT_YOURS = "export your tenant again and hand the files to the migration lead"
AGAIN = {
    Owner.SOURCE_ADMIN: EXPORT_YOURS,
    Owner.TARGET_ADMIN: EXPORT_YOURS,
    Owner.MIGRATION_LEAD: "have the tenants exported again",
}
ELSE_TELL = "tell the migration lead, who has the tenants exported again"
OF_KIND = {
    FixKind.MANUAL: "By hand",
    FixKind.LEGAL: "A decision of the legal owner; nothing here may be done without it",
    FixKind.IRREVERSIBLE: "Cannot be undone: one object at a time, and with a name under it",
}


def owner_page(run: Mapping[str, Any], who: str, mine: Mapping[str, Share], scripts: Counts) -> str:
    """The page of an owner; `mine` is their share of each rule, `scripts` counts the changes of the scripts made for them."""
    return "\n".join((*_head(run, who, mine, scripts), *_gaps(run, who), *_groups(run, mine, scripts)))


def _head(run: Mapping[str, Any], who: str, mine: Mapping[str, Share], scripts: Counts) -> Iterator[str]:
    project = run["project"]
    source, target = (code(project[f"{side}_initial_domain"]) for side in ("source", "target"))
    weights = {rule["id"]: rule["weight"] for rule in run["rules"]}
    counts = {weight: sum(share.findings for rule, share in mine.items() if weights[rule] == weight) for weight in GROUPS}
    told = [said.format(count=f"{counts[weight]:,}", step=run["step"]) for weight, (_, said) in GROUPS.items() if counts[weight]]
    yield f"# Work for the {_name(who)}\n"
    yield (
        f"Mailboxes are to move from the tenant {source} (source) to {target} (target): project {code(project['name'])}."
        " An audit of exported files found what stands here, and it waits for you. The audit has changed nothing.\n"
    )
    wave = f", wave {code(run['wave'])}" if run["wave"] else ""
    yield f"Judged for the step **{text(run['step'])}**{wave} as of {day_and_time(run['now'])}, run {code(run['run_id'])}.\n"
    yield f"{counted(sum(counts.values()), 'finding')}: {listed(told)}.\n"
    yield "".join(_beside(who, scripts))
    yield f"When you have made a change, {AGAIN.get(Owner(who), ELSE_TELL)}: only the next audit sees it.\n"


def _beside(who: str, scripts: Counts) -> Iterator[str]:
    """The files that belong to this page."""
    yield f"* {code(who + '.csv')} holds every one of them, for a spreadsheet. This page shows at most {SHOWN} of a kind.\n"
    for place, rules in scripts.items():
        names, changes = _names(script_names(place, rules)), counted(rules.total(), "change")
        yield f"* {names} can make {changes} for you, in {SHELLS[place.shell]}. It only shows them until you tell it to make them.\n"


def _gaps(run: Mapping[str, Any], who: str) -> Iterator[str]:
    """What this owner has to export again."""
    mine = [gap for gap in run["gaps"] if COLLECTORS[gap["side"]] == who]
    if mine:
        yield "## Missing evidence\n\nThis is missing or not whole, and what was not seen refuses like what is wrong. Get it again with:\n"
        yield from gap_lines(mine)


def _groups(run: Mapping[str, Any], mine: Mapping[str, Share], scripts: Counts) -> Iterator[str]:
    for weight, (title, _) in GROUPS.items():
        rules = [rule for rule in run["rules"] if rule["weight"] == weight and rule["id"] in mine]
        if rules:
            yield f"## {title.format(step=run['step'])}\n"
        for rule in rules:
            yield from _rule(rule, mine[rule["id"]], scripts)


def _rule(rule: Mapping[str, Any], share: Share, scripts: Counts) -> Iterator[str]:
    some = f"{share.undetermined:,} of them " if share.undetermined < share.findings else ""
    unjudged = f", {some}not judged" if share.undetermined else ""
    yield f"### {text(rule['id'])} {text(rule['title'])}\n\n{counted(share.findings, 'finding')}{unjudged}. {text(rule['why'])}\n"
    if rule["predicts"]:
        yield f"Microsoft's service would answer: {', '.join(map(code, rule['predicts']))}.\n"
    if rule["how_to"]:
        yield f"{text(rule['how_to'])}\n"
    for fix in dict.fromkeys(row["fix"] for row in share.rows):
        yield f"**What to do:** {text(fix)}\n"
    if rule["fix_kind"] in OF_KIND and rule["fix_kind"] != FixKind.MANUAL:
        yield f"**{OF_KIND[rule['fix_kind']]}.**\n"
    yield _objects(rule["title"], share)
    if commands := [row["command"] for row in share.rows if row["command"]]:
        holding = [_names(script_names(place, rules)) for place, rules in scripts.items() if rule["id"] in rules]
        yield f"The commands stand in {listed(holding)}.\n" if holding else block(commands, "powershell")


def _objects(title: str, share: Share) -> str:
    left = share.findings - len(share.rows)
    rows = [(_object(title, row), cell(row["wave"] or ""), _value(row["expected"]), _found(row)) for row in share.rows]
    more = f"\n{left:,} more in the table.\n" if left else ""
    return table(("object", "wave", "should be", "is"), rows) + more


def _object(title: str, row: Mapping[str, Any]) -> str:
    """The name of the object; of what stands for many, which has the title of its rule, their number."""
    return counted(row["count"], "object") if row["object_name"] == title else cell(row["object_name"])


def _value(value: str | None) -> str:
    """A value, `nothing` where nothing is; empty where the rule does not say."""
    return "" if value is None else cell(value) or "nothing"


def _found(row: Mapping[str, Any]) -> str:
    """What is there; of an object that was not judged, why not, and of any other what else is said about it."""
    found = _value(row["found"])
    said = cell(row["reason"] or "")
    if row["verdict"] == "undetermined":
        return f"not judged: {said or found}"
    return f"{found} ({said})" if said else found


def _names(names: Sequence[str]) -> str:
    """One name, or the first and the last of many."""
    return code(names[0]) if len(names) == 1 else f"{code(names[0])} to {code(names[-1])}"


def _name(who: str) -> str:
    """The owner inside a sentence."""
    name = owner(who)
    return name[0].lower() + name[1:]
