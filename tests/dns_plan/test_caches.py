"""When caches let go: compared with caches that really fetch at every moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.dns.caches import Sight, Version, changed_at, expires, last_given, with_spare

T0 = datetime(2027, 1, 16, 20)
OLD, LOW, NEW = Version(("MX 0 old.example",), 3600), Version(("MX 0 old.example",), 300), Version(("MX 10 park.example",), 300)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def is_new(version: Version) -> bool:
    return version.records == NEW.records


def is_old(version: Version) -> bool:
    return not is_new(version)


published = st.lists(st.tuples(st.integers(1, 500), st.sampled_from(["a", "b", "c"]), st.integers(0, 900)), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(published, published, st.lists(st.integers(0, 200), min_size=1, max_size=4), st.integers(0, 1200))
def test_no_cache_holds_the_old_longer_than_told(
    first: list[tuple[int, str, int]], second: list[tuple[int, str, int]], gaps: list[int], floor: int
) -> None:
    """Two servers publish versions for a while and then the new one; somebody looks at every change, and now and then."""
    timelines = [_timeline(first), _timeline(second)]
    looks = sorted({start for timeline in timelines for start, _ in timeline} | {sum(gaps[:n]) for n in range(len(gaps))} | {3000})
    history = [Sight(at(look), tuple(_held(timeline, look) for timeline in timelines)) for look in looks]
    done_at = changed_at(history, is_new)
    assert done_at is not None
    told = expires(history, is_old, done_at, floor)
    assert told is not None
    really = [fetch + max(held.lasts or 0, floor) for fetch, held in _fetches(timelines) if is_old(held)]
    assert told >= at(max(really, default=0))


def _timeline(published: list[tuple[int, str, int]]) -> list[tuple[int, Version]]:
    """When each version begins; after the last one comes the new one for ever."""
    found, start = [], 0
    for seconds, host, ttl in published:
        found.append((start, Version((f"MX 0 {host}.example",), ttl)))
        start += seconds
    return [*found, (start, NEW)]


def _held(timeline: list[tuple[int, Version]], second: int) -> Version:
    return [version for start, version in timeline if start <= second][-1]


def _fetches(timelines: list[list[tuple[int, Version]]]) -> list[tuple[int, Version]]:
    """The last moment at which a cache can fetch each version from a server."""
    return [(end - 1, version) for timeline in timelines for (_, version), (end, _) in pairwise(timeline)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([OLD, LOW, NEW, None]), min_size=1, max_size=6), st.integers(0, 5))
def test_an_unknown_server_never_makes_anything_earlier(held: list[Version | None], hole: int) -> None:
    history = [Sight(at(100 * number), (version, version)) for number, version in enumerate(held)]
    holed = [Sight(sight.at, (sight.held[0], None)) if number == hole else sight for number, sight in enumerate(history)]
    whole, less = (expires(seen, is_old, at(1000)) for seen in (history, holed))
    assert less is None or (whole is not None and less >= whole)


def test_a_lowered_ttl_shortens_the_wait_only_once_the_high_one_has_run_out() -> None:
    history = [Sight(at(0), (OLD,)), Sight(at(100), (LOW,)), Sight(at(5000), (NEW,))]
    assert last_given(history, OLD, at(5000)) == at(100)
    assert expires(history, is_old, at(5000)) == at(5300)
    assert expires(history[:2], is_old, at(200)) == at(3700)


def test_what_is_not_known_is_never_now() -> None:
    assert expires([], is_old, at(0)) is None
    assert expires([Sight(at(0), (OLD, None))], is_old, at(5)) is None
    assert expires([Sight(at(0), (OLD,))], is_old, None) is None
    assert expires([Sight(at(0), (Version(("A 192.0.2.1",), None),)), Sight(at(9), (NEW,))], is_old, at(9)) is None
    assert expires([Sight(at(0), ())], is_old, at(9)) is None


def test_changed_since_the_first_sight_of_the_last_run() -> None:
    history = [Sight(at(0), (NEW,)), Sight(at(1), (OLD,)), Sight(at(2), (NEW,)), Sight(at(3), (NEW,))]
    assert changed_at(history, is_new) == at(2)
    assert changed_at([*history, Sight(at(4), (NEW, None))], is_new) is None


def test_spare_time_is_a_tenth_and_a_minute() -> None:
    assert with_spare(at(0), at(3600)) == at(3600 + 360 + 60)
    assert with_spare(at(0), at(0)) == at(0)
    assert with_spare(at(0), None) is None
