"""One audit from bundles to a run: everything that happens between opening the connection and the finished tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

from ctm_audit.engine.batches import create_batches, see_members
from ctm_audit.engine.catalogue import absences, available, collected, completeness, create_looked_up, make_catalogue
from ctm_audit.engine.delegations import create_delegations
from ctm_audit.engine.dns import JUDGED as DNS_RELATIONS
from ctm_audit.engine.dns import create_dns, create_unobserved
from ctm_audit.engine.domains import create_domains
from ctm_audit.engine.evidence_rows import create_evidence
from ctm_audit.engine.findings import add_findings, create_findings
from ctm_audit.engine.gates import next_step
from ctm_audit.engine.judge import create_judged_rows, judge_all, needed_fields
from ctm_audit.engine.keys import create_lock, see_keys
from ctm_audit.engine.licenses import NEED_FIELDS as LICENSE_NEED_FIELDS
from ctm_audit.engine.licenses import create_license_seats, create_planned_licenses
from ctm_audit.engine.mail_rules import create_mail_rules
from ctm_audit.engine.mailboxes import create_mailboxes
from ctm_audit.engine.mapping_file import create_mapping_file
from ctm_audit.engine.missing import missing_evidence
from ctm_audit.engine.outcome import Outcome
from ctm_audit.engine.pairs import create_pairs, has_unknown
from ctm_audit.engine.probes import create_probe_summary
from ctm_audit.engine.question import Question, stale_tables
from ctm_audit.engine.raw import create_known_keys, create_raw_views
from ctm_audit.engine.record import document
from ctm_audit.engine.scope_groups import create_scope_groups
from ctm_audit.engine.session import lock
from ctm_audit.engine.settings import NEED_FIELDS, create_mapping, create_project, create_reference, create_seats, create_tenants
from ctm_audit.engine.statements import create_statements
from ctm_audit.engine.unmapped import create_unmapped
from ctm_audit.engine.waves import create_waves
from ctm_audit.evidence.relations import (
    BATCHES,
    DELEGATIONS,
    DOMAINS,
    LICENSE_SEATS,
    MAIL_RULES,
    PAIRS,
    RELATIONS,
    SCOPE_GROUPS,
    SEATS,
    TENANTS,
    WAVES,
    Field,
    Relation,
)
from ctm_audit.evidence.relations.probes import CLASSES_READ
from ctm_audit.evidence.tables import SIDES, Side
from ctm_audit.model import MAILBOX_STEPS, Step
from ctm_audit.progress import followed, tell
from ctm_audit.rulebook.judging import Catalogue, CheckedRule, macros
from ctm_audit.rulebook.load import RuleBook

ALWAYS = ("id", "name", "wave", "stage", "source.exchange_guid", "target.exchange_guid")
"""What names a row and says how far it has come, and what mapping.lock remembers of it."""


@dataclass(frozen=True, slots=True)
class Run:
    """A judged run: its document (without the clock), while `findings` and `mailboxes` stand in the connection.

    `pairs` has the facts of every mailbox that a rule read, and `catalogue` says what existed. `unknown` counts for each side
    the rows of the mapping with a key that the bundle was not made for.
    """

    document: dict[str, Any]
    rules: Sequence[CheckedRule]
    pairs: pa.Table
    catalogue: Catalogue
    unknown: dict[Side, int]


def run_audit(
    connection: duckdb.DuckDBPyConnection, question: Question, book: RuleBook, rules: Sequence[CheckedRule], step: Step | None
) -> Run:
    """Judge every rule on a fresh connection; without a step, the next unfinished one is chosen and said so."""
    tell("Joining the evidence")
    pairs = load_evidence(connection, question, rules)
    catalogue = make_catalogue(connection, question.bundles)
    for statement in macros(catalogue):
        connection.execute(statement)
    lock(connection)
    stale = stale_tables(question.project, question.bundles, question.now)
    outcomes = judge_all(connection, rules, catalogue, stale, question.wave)
    if step is None:
        question = replace(question, step=next_step(book.gates, outcomes, MAILBOX_STEPS), step_why="next unfinished step")
    found = _reported(connection, question, book, rules, outcomes, stale.get(question.step, {}))
    return Run(found, rules, pairs, catalogue, {side: count for side in SIDES if (count := has_unknown(connection, side))})


def _reported(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    book: RuleBook,
    rules: Sequence[CheckedRule],
    outcomes: list[Outcome],
    stale: dict[str, str],
) -> dict[str, Any]:
    create_findings(connection)
    for place, (checked, outcome) in enumerate(followed("Gathering findings", [*zip(rules, outcomes, strict=True)])):
        add_findings(connection, place, checked, outcome, question.step)
    readiness = create_mailboxes(connection, outcomes, question.step)
    missing = missing_evidence(outcomes, question.step, stale, absences(question.bundles))
    return document(connection, question, book, outcomes, readiness, missing)


def load_evidence(connection: duckdb.DuckDBPyConnection, question: Question, rules: Sequence[CheckedRule]) -> pa.Table:
    """Create the judged relations and the tables that rules look up, with what they read and nothing else; `pairs` comes back."""
    have, complete = collected(question.bundles), completeness(question.bundles)
    create_raw_views(connection, question.bundles)
    create_known_keys(connection, question.bundles)
    create_project(connection, question.project, question.now, question.reference)
    mapping = create_mapping(connection, question.mapping)
    create_lock(connection, question.lock)
    create_reference(connection, question.reference)
    seats = available(SEATS, have)
    also = NEED_FIELDS if len(seats) == len(SEATS.fields) else ()
    licenses = available(LICENSE_SEATS, have)
    licensed = LICENSE_NEED_FIELDS if len(licenses) == len(LICENSE_SEATS.fields) else ()
    create_planned_licenses(connection, question.project.migration.license, complete, question.reference)
    probed = have.issuperset(TENANTS.by_name["unproven"].reads)
    wanted = _wanted(PAIRS, rules, have, (*also, *licensed, *(CLASSES_READ if probed else ())))
    pairs = create_pairs(connection, mapping, wanted, complete, question.reference.known_plans, question.salt)
    see_keys(connection)
    create_scope_groups(connection, available(SCOPE_GROUPS, have), complete)
    create_probe_summary(connection, question.project.migration.probe, readable=probed)
    create_tenants(connection, available(TENANTS, have), complete)
    create_unmapped(connection, question.bundles, complete, question.project.excluded, everybody=question.project.scope == "all")
    create_evidence(connection, question.bundles, question.project)
    create_mapping_file(connection, question.project, question.mapping)
    create_mail_rules(connection, available(MAIL_RULES, have))
    see_members(connection, complete)
    create_waves(connection, question.project.waves, available(WAVES, have))
    create_batches(connection, available(BATCHES, have))
    create_delegations(connection, available(DELEGATIONS, have), complete)
    create_domains(connection, available(DOMAINS, have), complete)
    of_dns = {name: available(RELATIONS[name], have) for name in DNS_RELATIONS}
    if "dns" in question.bundles:
        create_dns(connection, question.project.domains, of_dns, complete)
    else:
        create_unobserved(connection, question.project.domains, of_dns, complete)
    create_seats(connection, seats, complete, question.reference, needs=bool(also))
    create_license_seats(connection, licenses, question.project.migration.license, question.reference, needs=bool(licensed))
    create_looked_up(connection, rules, question.bundles)
    create_judged_rows(connection, question.wave)
    create_statements(connection, question.statements, question.now)
    return pairs


def _wanted(relation: Relation, rules: Sequence[CheckedRule], have: frozenset[str], also: Sequence[str]) -> tuple[Field, ...]:
    names = needed_fields(rules, relation) | {*ALWAYS, *also}
    return tuple(field for field in available(relation, have) if field.name in names)
