"""The cutover clock as a whole: what is known less never makes a step earlier, and no step comes before the one it waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.dns.caches import Sight, Version
from ctm_audit.dns.clock import Window, moments
from ctm_audit.dns.mta_sts import SeenPolicy, StsPolicy
from ctm_audit.model import DOMAIN_STEPS

T0 = datetime(2027, 1, 9, 20)
CODE = "TXT MS=ms1"
STATES = (("MX 0 old",), ("MX 10 park",), ("MX 0 new",))
versions = st.builds(Version, st.sampled_from(STATES), st.one_of(st.none(), st.sampled_from([60, 300, 3600, 86400])))
texts = st.builds(Version, st.sampled_from([("TXT v=spf1 -all",), (CODE, "TXT v=spf1 -all")]), st.sampled_from([300, 3600]))


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def histories(held: st.SearchStrategy[Version]) -> st.SearchStrategy[tuple[Sight, ...]]:
    told = st.lists(st.tuples(held, st.one_of(st.none(), held)), min_size=1, max_size=4)
    return told.map(lambda pairs: tuple(Sight(at(number), pair) for number, pair in enumerate(pairs)))


MODES: tuple[Literal["enforce", "testing"], ...] = ("enforce", "testing")
policies = st.one_of(
    st.none(),
    st.lists(st.sampled_from(MODES), max_size=2).map(
        lambda modes: tuple(SeenPolicy(StsPolicy(mode, 604800, ("old",)), at(number)) for number, mode in enumerate(modes))
    ),
)
windows = st.builds(
    Window,
    begin=st.sampled_from([at(4), at(30)]),
    histories=st.fixed_dictionaries({"mx": histories(versions), "txt": histories(texts)}),
    lowered=st.just(("mx", "txt")),
    target=st.sampled_from([{"mx": ("MX 0 new",)}, {"mx": None}]),
    parked=st.sampled_from([("MX 10 park",), None]),
    code=st.sampled_from([CODE, None]),
    policies=policies,
    floor=st.sampled_from([0, 3600]),
)


@settings(max_examples=300, deadline=None)
@given(windows)
def test_steps_come_in_their_order_and_never_in_the_past(window: Window) -> None:
    found = moments(window)
    assert tuple(moment.step for moment in found) == DOMAIN_STEPS
    to_come = [moment for moment in found if moment.done_at is None]
    assert all(moment.earliest is None or moment.earliest >= window.begin for moment in to_come)
    waiting = [moment.taken for moment in found[found.index(to_come[0]) :] if moment.done_at is None] if to_come else []
    known = [moment for moment in waiting if moment]
    assert known == sorted(known)


@settings(max_examples=300, deadline=None)
@given(windows, st.sampled_from(["code", "policies", "parked", "server"]))
def test_what_is_known_less_is_never_earlier(window: Window, lost: str) -> None:
    if lost == "server":
        holed = {role: (*seen[:-1], Sight(seen[-1].at, (seen[-1].held[0], None))) for role, seen in window.histories.items()}
        less = replace(window, histories=holed)
    else:
        gone: dict[str, Any] = {lost: None}
        less = replace(window, **gone)
    for whole, part in zip(moments(window), moments(less), strict=True):
        if whole.done_at is None and part.done_at is None:
            assert part.earliest is None or (whole.earliest is not None and part.earliest >= whole.earliest)


@pytest.mark.parametrize(("mode", "days"), [("enforce", 7), ("testing", 0)])
def test_a_policy_in_force_holds_the_parking_back(mode: str, days: int) -> None:
    held = {"mx": (Sight(at(0), (Version(("MX 0 old",), 300),)),), "txt": (Sight(at(0), (Version((CODE,), 300),)),)}
    seen = (SeenPolicy(StsPolicy("enforce" if mode == "enforce" else "testing", 7 * 86400, ("old",)), at(0)),)
    window = Window(at(1), held, ("mx", "txt"), {"mx": ("MX 0 new",)}, ("MX 10 park",), code=CODE, policies=seen)
    assert moments(window)[1].earliest == at(1 + 24 * days)
