"""A field is what its declared columns say: no other column changes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from ctm_audit.evidence.relations import PAIRS
from ctm_audit.sim import FAULTS, contoso_to_fabrikam
from tests.engine.tenants import PLACES, loaded, mapping_of, relation_rows
from tests.engine.test_hidden import PEOPLE, evidence_of
from tests.nightly import AT_NIGHT

# They say what was collected: for people to read, or whether there is anything to cross-check.
TELLING = {field.name for field in PAIRS.fields if field.only_told or field.ages}

FEW_READERS = 5


@pytest.mark.slow
def test_a_field_is_never_another_because_of_a_column_that_it_does_not_declare() -> None:
    scenario = contoso_to_fabrikam(people=PEOPLE)
    for row, name in enumerate(("in_another_batch", "target_is_guest", "source_missing", "target_missing")):
        scenario = FAULTS[name].plant(scenario, row)
    whole, mapping = evidence_of(scenario), mapping_of([(row.source, row.target, row.wave, row.upn) for row in scenario.rows])
    with loaded(whole, mapping) as connection:
        before = relation_rows(connection, "pairs")
    for columns in hidden_together([f"{place}.{name}" for place in PLACES for name in whole.columns(place)]):
        with loaded(replace(whole, absent=columns), mapping) as connection:
            after = relation_rows(connection, "pairs")
        for old, new in zip(before, after, strict=True):
            known = {name: value for name, value in new.items() if value is not None and name not in TELLING}
            assert {name: old[name] for name in known} == known, columns


def hidden_together(columns: Sequence[str]) -> list[frozenset[str]]:
    """Columns to hide at a time: each by itself at night; in CI those that many fields read, and all others twice, in any company.

    A field that reads one of them as it should, and is unknown therefore, tells nothing of the others: hence twice.
    """
    if AT_NIGHT:
        return [frozenset([column]) for column in columns]
    reads = Counter(column for field in PAIRS.fields for column in field.reads)
    rare = [column for column in columns if reads[column] <= FEW_READERS]
    shuffled = [column for seed in (1, 2) for column in Random(seed).sample(rare, len(rare))]
    groups = [shuffled[first : first + 20] for first in range(0, len(shuffled), 20)]
    return [frozenset(group) for group in ([column] for column in columns if reads[column] > FEW_READERS)] + [*map(frozenset, groups)]
