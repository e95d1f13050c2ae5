"""Whom a project that moves everybody has forgotten, and when nobody can tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ctm_audit.engine.projection import Completeness
from ctm_audit.engine.unmapped import create_unmapped
from ctm_audit.evidence.scope import Scope
from ctm_audit.project import Project
from tests.engine.tenants import Evidence, Row, bundles_of, loaded, mapping_of, project_of, relation_rows

MAPPING = mapping_of([("ada@s.com", "ada@t.com", "")])
ALL = replace(project_of(), scope="all", excluded={"bob@s.com": "sold"})
BOXES: list[Row] = [
    {"object_id": f"id-{name}", "upn": f"{name}@s.com", "primary_smtp": f"{name}@s.com", "recipient_type_details": kind}
    for name, kind in (("ada", "UserMailbox"), ("bob", "SharedMailbox"), ("cleo", "UserMailbox"))
]
NOT_EXPORTED = ("not exported", None, None)


def rows(evidence: Evidence, project: Project = ALL) -> list[tuple[object, ...]]:
    with loaded(evidence, MAPPING, project) as connection:
        return [(row["id"], row["type"], row["is_excluded"]) for row in relation_rows(connection, "unmapped")]


def test_everybody_but_the_mapped_is_asked_for() -> None:
    assert rows(Evidence({"source.mailboxes": BOXES})) == [("bob@s.com", "SharedMailbox", True), ("cleo@s.com", "UserMailbox", False)]


def test_a_subset_asks_for_nobody() -> None:
    assert rows(Evidence({"source.mailboxes": BOXES}), project_of()) == []


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence({"source.mailboxes": BOXES[:1]}, incomplete=frozenset({"source.mailboxes"})),
        Evidence(absent=frozenset({"source.mailboxes"})),
    ],
)
def test_mailboxes_that_were_not_exported_are_not_forgotten(evidence: Evidence) -> None:
    assert rows(evidence) == [NOT_EXPORTED]


def test_a_bundle_of_mapped_people_tells_nothing_of_the_others() -> None:
    evidence = Evidence({"source.mailboxes": BOXES[:1]})
    scoped = {side: replace(bundle, scope=Scope("", 1, "", {})) for side, bundle in bundles_of(evidence).items()}
    with loaded(evidence, MAPPING, ALL) as connection:
        connection.execute("drop table unmapped")
        create_unmapped(connection, scoped, Completeness(frozenset({"source.mailboxes"})), [], everybody=True)
        assert [row["id"] for row in relation_rows(connection, "unmapped")] == ["not exported"]
