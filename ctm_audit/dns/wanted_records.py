"""The records that the target tenant wants for a domain, read from its bundle alone; what Microsoft has not told yet is pending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow.parquet as pq

from ctm_audit.dns.guesses import guessed_mail_host, guessed_selector
from ctm_audit.dns.planned_roles import role_of
from ctm_audit.evidence.bundle import Bundle
from ctm_audit.evidence.tables import TABLES

State = Literal["known", "pending", "unknown"]
Row = dict[str, Any]
NOT_LISTED = "Graph lists the records of verified domains only, and this domain is not among them yet"
UNAVAILABLE = "Microsoft has not made the records yet (domainDnsUnavailableRecord)"
NO_KEYS = "Exchange has made no DKIM keys for the domain yet"


@dataclass(frozen=True, slots=True)
class Value:
    """Records as `TYPE DATA`, sorted, and where they were read; or, with none, why not, and what guessing would have produced."""

    state: State
    why: str
    records: tuple[str, ...] = ()
    guess: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the target wants. `services` are further records by role; `includes` are the names that SPF must include, as records.

    `code` is the ownership text of the target, `old_codes` are those of the source.
    """

    mx: Value
    includes: Value
    selectors: Mapping[str, Value]
    code: Value
    services: Mapping[str, Value] = field(default_factory=dict)
    old_codes: tuple[str, ...] = ()


def wanted_records(domain: str, target: Bundle | None, source: Bundle | None, *, suffixes: Sequence[str], initial_domain: str) -> Wanted:
    """What the bundles say that the target wants for a domain; `suffixes` are those of mail hosts in the cloud, for guesses."""
    rows, lacking = _rows(target, "service_records", domain)
    if any(row["kind"] == "unavailable" for row in rows):
        lacking = Value("pending", UNAVAILABLE)
    elif not rows and lacking is None:
        lacking = Value("pending", NOT_LISTED)
    read = f"Graph serviceConfigurationRecords, {target.name}" if target else ""
    host = guessed_mail_host(domain, suffixes, initial_domain)
    return Wanted(
        mx=_value(rows, "mx", read, lacking, guess=f"MX 0 {host}" if host else ""),
        includes=_includes(rows, read, lacking),
        selectors=_selectors(domain, target, initial_domain),
        code=_code(domain, target),
        services=_services(rows, domain, read) if lacking is None else {},
        old_codes=tuple(_codes(_rows(source, "verification_records", domain)[0])),
    )


def _rows(bundle: Bundle | None, table: str, domain: str) -> tuple[list[Row], Value | None]:
    """The rows of a domain, and why there can be none."""
    if bundle is None:
        return [], Value("unknown", "there is no bundle of the target")
    if table not in bundle.tables:
        return [], Value("unknown", f"{TABLES[table].command} was not collected: {bundle.absent.get(table, 'not asked for')}")
    rows: list[Row] = pq.read_table(bundle.parquet(table)).to_pylist()
    found = [row for row in rows if row.get("domain") == domain]
    entry = bundle.tables[table]
    return found, None if entry.complete else Value("unknown", f"{TABLES[table].command} is not complete: {entry.reason}")


def _value(rows: list[Row], kind: str, read: str, lacking: Value | None, guess: str = "") -> Value:
    records = sorted(f"MX {row['mx_preference']} {row['mx_host']}" for row in rows if row["kind"] == kind and row["mx_host"])
    if lacking is None and not records:
        lacking = Value("pending", "Graph lists no MX for the domain; without a mail subscription there is none")
    return Value(lacking.state, lacking.why, (), guess) if lacking else Value("known", read, tuple(records))


def _includes(rows: list[Row], read: str, lacking: Value | None) -> Value:
    """The names behind `include:`; Graph prints a blank there at times."""
    texts = [row["text"].lower().replace("include: ", "include:") for row in rows if row["kind"] == "txt"]
    words = {word.partition(":")[2] for text in texts if text.startswith("v=spf1") for word in text.split() if word.startswith("include:")}
    if lacking is None and not words:
        lacking = Value("unknown", "Graph lists no SPF record for the domain")
    return lacking or Value("known", read, tuple(sorted(words)))


def _services(rows: list[Row], domain: str, read: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for row in rows:
        if row["kind"] == "cname" and (role := role_of(row["label"], domain, "CNAME")):
            found[role] = Value("known", read, (f"CNAME {row['cname_target']}",))
        if row["kind"] == "srv" and (role := role_of(f"{row['srv_service']}.{row['srv_protocol']}", domain, "SRV")):
            numbers = f"{row['srv_priority']} {row['srv_weight']} {row['srv_port']}"
            found[role] = Value("known", read, (f"SRV {numbers} {row['srv_target']}",))
    return found


def _selectors(domain: str, target: Bundle | None, initial_domain: str) -> dict[str, Value]:
    rows, lacking = _rows(target, "dkim_configs", domain)
    if lacking is None and not rows:
        lacking = Value("pending", NO_KEYS)
    found = {}
    for number in (1, 2):
        host = rows[0][f"selector{number}_cname"] if rows and lacking is None else ""
        reason = lacking or Value("pending", NO_KEYS)
        read = f"Get-DkimSigningConfig, {target.name}" if target else ""
        guess = f"CNAME {guessed_selector(number, domain, initial_domain)}"
        found[f"selector{number}"] = Value("known", read, (f"CNAME {host}",)) if host else Value(reason.state, reason.why, (), guess)
    return found


def _code(domain: str, target: Bundle | None) -> Value:
    rows, lacking = _rows(target, "verification_records", domain)
    codes = _codes(rows)
    if lacking is None and not codes:
        lacking = Value("pending", "the domain was not added to the target yet, so Graph tells no ownership text")
    return lacking or Value("known", f"Graph verificationDnsRecords, {target.name}" if target else "", tuple(codes))


def _codes(rows: list[Row]) -> list[str]:
    return sorted({f"TXT {row['text']}" for row in rows if row["kind"] == "txt" and row["text"]})
