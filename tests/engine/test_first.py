"""What to do first: the order of repairs against a slow loop that tries every obstacle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.engine.first import order_of_repairs

obstacle_sets = st.frozensets(st.sampled_from(["A", "B", "C", "D"]), max_size=4)
groups = st.dictionaries(obstacle_sets, st.integers(1, 9), max_size=8)


def ready_without(held: dict[frozenset[str], int], gone: set[str]) -> int:
    return sum(count for obstacles, count in held.items() if obstacles <= gone)


@given(groups)
def test_each_entry_says_how_many_are_ready_once_it_is_gone(held: dict[frozenset[str], int]) -> None:
    gone: set[str] = set()
    for repair in order_of_repairs(held, held.get(frozenset(), 0)):
        gone.add(repair.obstacle)
        assert repair.ready_after == ready_without(held, gone)
    assert ready_without(held, gone) == sum(held.values())


@given(groups)
def test_no_other_next_repair_would_have_made_more_ready(held: dict[frozenset[str], int]) -> None:
    gone: set[str] = set()
    everything = {obstacle for obstacles in held for obstacle in obstacles}
    for repair in order_of_repairs(held, held.get(frozenset(), 0)):
        best = max(ready_without(held, gone | {obstacle}) for obstacle in everything - gone)
        assert repair.ready_after == best
        gone.add(repair.obstacle)


def test_tenant_wide_faults_come_first_and_change_no_mailbox() -> None:
    held = {frozenset({"STP-01"}): 3, frozenset(): 2}
    order = order_of_repairs(held, 2, ["TRU-08"])
    assert [(repair.obstacle, repair.holds_back, repair.ready_after) for repair in order] == [("TRU-08", 0, 2), ("STP-01", 3, 5)]


def test_ties_go_to_the_obstacle_that_holds_back_more() -> None:
    held = {frozenset({"A", "B"}): 1, frozenset({"B", "C"}): 1}
    assert order_of_repairs(held, 0)[0].obstacle == "B"
