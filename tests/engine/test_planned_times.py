"""When a wave is to be submitted stands in each of its pairs; a wave without a time says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ctm_audit.project import Wave
from tests.engine.tenants import Evidence, loaded, mapping_of, project_of, relation_rows

SOON = datetime(2027, 1, 2, 20)
WAVES = (Wave("1", True, SOON, None, False), Wave("2", False, None, None, False))
NOBODY = Evidence({})


def test_each_pair_knows_when_its_wave_is_submitted() -> None:
    mapping = mapping_of([("a@s.com", "a@t.com", "2"), ("b@s.com", "b@t.com", "1"), ("c@s.com", "c@t.com", "")])
    with loaded(NOBODY, mapping, replace(project_of(), waves=WAVES)) as connection:
        rows = relation_rows(connection, "pairs")
    assert [(row["plan.has_submit_by"], row["plan.submit_by"]) for row in rows] == [(False, None), (True, SOON), (False, None)]


def test_without_waves_no_pair_has_a_time() -> None:
    with loaded(NOBODY, mapping_of([("a@s.com", "a@t.com", "")])) as connection:
        rows = relation_rows(connection, "pairs")
    assert [(row["plan.has_submit_by"], row["plan.submit_by"]) for row in rows] == [(False, None)]
