"""Whether an export has an answer for each mailbox, and how long such an answer counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ctm_audit.engine.question import stale_tables
from ctm_audit.model import Step
from tests.engine.tenants import NOW, Evidence, Row, bundles_of, loaded, mapping_of, project_of, relation_rows

MAPPING = mapping_of([("ada@s.com", "ada@t.com", ""), ("bob@s.com", "bob@t.com", "")])
PLACE = "source.mailbox_permissions"
BOXES: list[Row] = [
    {"object_id": f"id-{name}", "upn": f"{name}@s.com", "primary_smtp": f"{name}@s.com", "exchange_guid": f"guid-{name}"}
    for name in ("ada", "bob")
]
OF_ADA: list[Row] = [{"mailbox_guid": "guid-ada", "trustee": "nt authority\\self", "rights": "fullaccess"}]


def answered(evidence: Evidence) -> list[object]:
    with loaded(evidence, MAPPING) as connection:
        return [row["source.has_mailbox_permissions"] for row in relation_rows(connection, "pairs")]


def test_a_mailbox_without_any_entry_was_not_answered_for() -> None:
    assert answered(Evidence({"source.mailboxes": BOXES, PLACE: OF_ADA})) == [True, False]


def test_what_was_cut_off_may_hold_the_answer() -> None:
    evidence = Evidence({"source.mailboxes": BOXES, PLACE: OF_ADA}, incomplete=frozenset({PLACE}))
    assert answered(evidence) == [True, None]


@pytest.mark.parametrize(("hours", "is_stale"), [(2, False), (23, False), (25, True)])
def test_what_takes_a_night_to_export_lasts_a_day(hours: int, is_stale: bool) -> None:
    project = replace(project_of(), max_evidence_age={Step.COMPLETE: timedelta(hours=1)})
    bundles = bundles_of(Evidence(ages={PLACE: timedelta(hours=hours), "source.mailboxes": timedelta(hours=hours)}))
    stale = stale_tables(project, bundles, NOW)[Step.COMPLETE]
    assert (PLACE in stale) is is_stale
    assert "source.mailboxes" in stale
