"""Everything that an audit is about, as relations and tables of one connection: joined from bundles, project, mapping and lock."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from ctm_audit.engine.batches import create_batches, see_members
from ctm_audit.engine.catalogue import available, collected, completeness, create_looked_up
from ctm_audit.engine.delegations import create_delegations
from ctm_audit.engine.dns import JUDGED as DNS_RELATIONS
from ctm_audit.engine.dns import create_dns, create_unobserved
from ctm_audit.engine.domains import create_domains
from ctm_audit.engine.evidence_rows import create_evidence
from ctm_audit.engine.judge import create_judged_rows, needed_fields
from ctm_audit.engine.keys import create_lock, see_keys
from ctm_audit.engine.licenses import NEED_FIELDS as LICENSE_NEED_FIELDS
from ctm_audit.engine.licenses import create_license_seats, create_planned_licenses
from ctm_audit.engine.mail_rules import create_mail_rules
from ctm_audit.engine.mapping_file import create_mapping_file
from ctm_audit.engine.pairs import create_pairs
from ctm_audit.engine.probes import create_probe_summary
from ctm_audit.engine.projection import Completeness
from ctm_audit.engine.question import Question
from ctm_audit.engine.raw import create_known_keys, create_raw_views
from ctm_audit.engine.scope_groups import create_scope_groups
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
from ctm_audit.rulebook.judging import CheckedRule

ALWAYS = ("id", "name", "wave", "stage", "source.exchange_guid", "target.exchange_guid")
"""What names a row and says how far it has come, and what mapping.lock remembers of it."""


def load_evidence(connection: duckdb.DuckDBPyConnection, question: Question, rules: Sequence[CheckedRule]) -> dict[str, pa.Table]:
    """Create the judged relations and the tables that rules look up, with what they read and nothing else.

    The Arrow tables that the connection shows come back, by name: `pairs`, `mapping` and `locked`.
    """
    have, complete = collected(question.bundles), completeness(question.bundles)
    given = _create_given(connection, question, complete)
    wanted = _wanted(PAIRS, rules, have, _needed_elsewhere(have))
    pairs = create_pairs(connection, given, wanted, complete, question.reference.known_plans, question.salt)
    see_keys(connection)
    _create_tenants(connection, question, have, complete)
    _create_evidence(connection, question, complete)
    _create_moves(connection, question, have, complete)
    _create_domains(connection, question, have, complete)
    _create_seats(connection, question, have, complete)
    create_looked_up(connection, rules, question.bundles)
    create_judged_rows(connection, question.wave)
    create_statements(connection, question.statements, question.now)
    return {"pairs": pairs, **given}


def _create_given(connection: duckdb.DuckDBPyConnection, question: Question, complete: Completeness) -> dict[str, pa.Table]:
    """Create what bundles, project, lock and reference facts say by themselves; the Arrow tables among them come back."""
    create_raw_views(connection, question.bundles)
    create_known_keys(connection, question.bundles)
    create_project(connection, question.project, question.now, question.reference)
    given = {"mapping": create_mapping(connection, question.mapping), "locked": create_lock(connection, question.lock)}
    create_reference(connection, question.reference)
    create_planned_licenses(connection, question.project.migration.license, complete, question.reference)
    return given


def _needed_elsewhere(have: frozenset[str]) -> tuple[str, ...]:
    """The fields of `pairs` of which other relations are made."""
    needed = (
        (NEED_FIELDS, _is_whole(SEATS, have)),
        (LICENSE_NEED_FIELDS, _is_whole(LICENSE_SEATS, have)),
        (CLASSES_READ, _is_probed(have)),
    )
    return tuple(name for names, are_needed in needed if are_needed for name in names)


def _is_whole(relation: Relation, have: frozenset[str]) -> bool:
    return len(available(relation, have)) == len(relation.fields)


def _is_probed(have: frozenset[str]) -> bool:
    return have.issuperset(TENANTS.by_name["unproven"].reads)


def _create_tenants(connection: duckdb.DuckDBPyConnection, question: Question, have: frozenset[str], complete: Completeness) -> None:
    create_scope_groups(connection, available(SCOPE_GROUPS, have), complete)
    create_probe_summary(connection, question.project.migration.probe, readable=_is_probed(have))
    create_tenants(connection, available(TENANTS, have), complete)
    create_mail_rules(connection, available(MAIL_RULES, have))


def _create_evidence(connection: duckdb.DuckDBPyConnection, question: Question, complete: Completeness) -> None:
    create_unmapped(connection, question.bundles, complete, question.project.excluded, everybody=question.project.scope == "all")
    create_evidence(connection, question.bundles, question.project)
    create_mapping_file(connection, question.project, question.mapping)


def _create_moves(connection: duckdb.DuckDBPyConnection, question: Question, have: frozenset[str], complete: Completeness) -> None:
    see_members(connection, complete)
    create_waves(connection, question.project.waves, available(WAVES, have))
    create_batches(connection, available(BATCHES, have))
    create_delegations(connection, available(DELEGATIONS, have), complete)


def _create_domains(connection: duckdb.DuckDBPyConnection, question: Question, have: frozenset[str], complete: Completeness) -> None:
    create_domains(connection, available(DOMAINS, have), complete)
    of_dns = {name: available(RELATIONS[name], have) for name in DNS_RELATIONS}
    create = create_dns if "dns" in question.bundles else create_unobserved
    create(connection, question.project.domains, of_dns, complete)


def _create_seats(connection: duckdb.DuckDBPyConnection, question: Question, have: frozenset[str], complete: Completeness) -> None:
    create_seats(connection, available(SEATS, have), complete, question.reference, needs=_is_whole(SEATS, have))
    licenses, license_name = available(LICENSE_SEATS, have), question.project.migration.license
    create_license_seats(connection, licenses, license_name, question.reference, needs=_is_whole(LICENSE_SEATS, have))


def _wanted(relation: Relation, rules: Sequence[CheckedRule], have: frozenset[str], also: Sequence[str]) -> tuple[Field, ...]:
    names = needed_fields(rules, relation) | {*ALWAYS, *also}
    return tuple(field for field in available(relation, have) if field.name in names)
