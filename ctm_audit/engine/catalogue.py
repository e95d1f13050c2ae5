"""What exists in this run: the fields whose evidence was collected, the tables that are complete, and why others are not.

Only what this says exists is put into DuckDB, so that a rule that reads more cannot even be bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from threading import Lock

import duckdb

from ctm_audit.engine.projection import Completeness
from ctm_audit.engine.raw import Bundles
from ctm_audit.evidence.bundle import Bundle, TableEntry
from ctm_audit.evidence.relations import JUDGED, RELATIONS, Field, Relation
from ctm_audit.evidence.scope import BELONGING, NAMES
from ctm_audit.evidence.tables import ALL_SIDES, evidence_of
from ctm_audit.rulebook.grammar import ACCEPTS_READS
from ctm_audit.rulebook.judging import Catalogue, CheckedRule

NOT_OBSERVED = "nobody has asked the name servers: ctm-audit dns observe DOMAIN"
ONLY_MAPPED = "the bundle holds only objects of the mapping; import with --keep all holds everybody"


def reduced_tables(bundle: Bundle) -> tuple[str, ...]:
    """The tables of which a bundle may lack the rows of people whom the mapping does not name."""
    return (*NAMES, *BELONGING) if bundle.scope else ()


def collected(bundles: Bundles) -> frozenset[str]:
    """Everything that was collected, as `SIDE.TABLE` and `SIDE.TABLE.COLUMN`."""
    return frozenset(name for side, table, entry in _entries(bundles) for name in _names(f"{side}.{table}", entry))


def completeness(bundles: Bundles) -> Completeness:
    """The tables that surely hold every row."""
    return Completeness(frozenset(f"{side}.{table}" for side, table, entry in _entries(bundles) if entry.complete))


def absences(bundles: Bundles) -> dict[str, str]:
    """Why a table, a column, or rows of a table are not here."""
    why: dict[str, str] = {}
    for side in ALL_SIDES:
        bundle = bundles.get(side)
        for table in evidence_of(side):
            place = f"{side}.{table.name}"
            entry = bundle.tables.get(table.name) if bundle else None
            if entry is None:
                why[place] = bundle.absent.get(table.name, "no file holds it") if bundle else NOT_OBSERVED
                continue
            why |= {f"{place}.{column}": reason for column, reason in entry.missing.items()}
            if not entry.complete:
                why[place] = entry.reason
    return why


def available(relation: Relation, have: frozenset[str]) -> tuple[Field, ...]:
    """The fields of a relation whose every origin was collected."""
    return tuple(field for field in relation.fields if have.issuperset(field.reads))


def make_catalogue(connection: duckdb.DuckDBPyConnection, bundles: Bundles) -> Catalogue:
    """The catalogue of this run; looked-up tables must have been created by `create_looked_up`."""
    have, complete = collected(bundles), completeness(bundles)
    fields = {
        relation.name: frozenset(field.name for field in available(relation, have))
        for relation in RELATIONS.values()
        if have.issuperset(relation.over)
    }

    known: dict[tuple[str, str], bool] = {}
    one_at_a_time = Lock()  # rules are judged in threads, and a connection serves one

    def holds_null(relation: str, column: str) -> bool:
        with one_at_a_time:
            if (relation, column) not in known:
                row = connection.execute(f'select count(*) > count("{column}") from main."{relation}"').fetchone()
                known[relation, column] = row is None or bool(row[0])
            return known[relation, column]

    reduced = {f"{side}.{table}": ONLY_MAPPED for side, bundle in bundles.items() for table in reduced_tables(bundle)}
    return Catalogue(
        fields=fields,
        complete=frozenset(name for name in fields if _whole(RELATIONS[name], complete.tables, reduced.keys())),
        why=reduced | absences(bundles),
        holds_null=holds_null,
    )


def _whole(relation: Relation, complete: frozenset[str], reduced: Set[str]) -> bool:
    """True when no row of the relation can be missing."""
    return (complete if relation.of_mapped else complete - reduced).issuperset(relation.over)


def create_looked_up(connection: duckdb.DuckDBPyConnection, rules: Iterable[CheckedRule], bundles: Bundles) -> None:
    """Create, with only the columns that some rule reads, every evidence table that rules look up in subqueries."""
    have = collected(bundles)
    wanted = {ACCEPTS_READS[0]: set(ACCEPTS_READS[1])}  # what the macros of the language read
    for checked in rules:
        for name, columns in checked.looked_up.items():
            wanted.setdefault(name, set()).update(columns)
    for name in sorted(wanted):
        relation = RELATIONS[name]
        if name in JUDGED or not relation.over or not have.issuperset(relation.over):
            continue
        there = [field.name for field in available(relation, have) if field.name in wanted[name]] or [available(relation, have)[0].name]
        connection.execute(f"create table {name} as select {', '.join(there)} from raw.{name}")


def _entries(bundles: Bundles) -> Iterator[tuple[str, str, TableEntry]]:
    for side, bundle in bundles.items():
        for table, entry in bundle.tables.items():
            yield side, table, entry


def _names(place: str, entry: TableEntry) -> Iterator[str]:
    yield place
    yield from (f"{place}.{column}" for column in entry.columns)
