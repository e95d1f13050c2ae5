"""Record sets as people write them who keep their zones in dnscontrol or octoDNS. Only names that a domain move touches are written.

https://docs.dnscontrol.org/language-reference/domain-modifiers , https://github.com/octodns/octodns/blob/main/docs/records.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ctm_audit.dns.planned_roles import LABELS
from ctm_audit.dns.record_sets import RecordSet, RecordSets, hidden
from ctm_audit.dns.zone_lines import absolute, not_known

BESIDE = "The zone holds other names too; these are the ones that the move touches."


def dnscontrol(domain: str, phase: str, sets: RecordSets) -> str:
    """A `D_EXTEND` with the records of a phase; what is not known stands there as a comment."""
    lines = [f"// {domain}, {phase}. {BESIDE}", f"D_EXTEND({json.dumps(domain)},"]
    for one in sets.values():
        lines += [f"  {line}" for line in _dnscontrol(one)]
    return "\n".join([*lines, ");", ""])


def octodns(domain: str, phase: str, sets: RecordSets) -> str:
    """The YAML of a phase; what is not known stands there as a comment. Every value is written as JSON, which YAML reads."""
    lines = [f"# {domain}, {phase}. {BESIDE}", "---"]
    by_label: dict[str, list[RecordSet]] = {}
    for role, one in sets.items():
        by_label.setdefault(LABELS[role], []).append(one)
    for label, each in sorted(by_label.items()):
        lines += [f"# {not_known(one)}" for one in each if not one.is_known]
        lines += [f"# {one.name}: a text that looked like a secret is not known any more" for one in each if one.is_known and hidden(one)]
        records = [record for one in each if one.is_known and not hidden(one) for record in _octodns(one)]
        if records:
            lines += [f"{json.dumps(label)}:", *(f"- {json.dumps(record)}" for record in records)]
    return "\n".join([*lines, ""])


def _dnscontrol(one: RecordSet) -> Iterator[str]:
    if not one.is_known:
        yield f"// {not_known(one)}"
    label = json.dumps(LABELS[one.role] or "@")
    for record in one.records:
        kind, _, data = record.partition(" ")
        if hidden(one) and data.startswith("("):
            yield f"// {one.name}: a text that looked like a secret is not known any more"
            continue
        values = [json.dumps(data)] if kind == "TXT" else [_javascript(word) for word in absolute(kind, data).split(" ")]
        yield f"{kind}({label}, {', '.join(values)}, TTL({one.ttl})),"


def _javascript(word: str) -> str:
    return word if word.isascii() and word.isdigit() else json.dumps(word)


def _octodns(one: RecordSet) -> Iterator[dict[str, object]]:
    """One entry for each type that stands at the name."""
    for kind in sorted({record.partition(" ")[0] for record in one.records}):
        data = [record.partition(" ")[2] for record in one.records if record.startswith(f"{kind} ")]
        if kind == "CNAME":
            yield {"type": kind, "ttl": one.ttl, "value": absolute(kind, data[0])}
        else:
            yield {"type": kind, "ttl": one.ttl, "values": [_octodns_value(kind, text) for text in data]}


def _octodns_value(kind: str, data: str) -> object:
    words = absolute(kind, data).split(" ")
    if kind == "MX":
        return {"preference": int(words[0]), "exchange": words[1]}
    if kind == "SRV":
        return {"priority": int(words[0]), "weight": int(words[1]), "port": int(words[2]), "target": words[3]}
    return data.replace(";", "\\;") if kind == "TXT" else words[0]
