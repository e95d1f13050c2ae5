"""What to do first: tenant-wide faults, then the repair that, on top of those before it, makes the most mailboxes ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Obstacles = frozenset[str]


@dataclass(frozen=True, slots=True)
class Repair:
    """One entry of the order: the obstacle, how many mailboxes it holds back, and how many are ready once it is gone."""

    obstacle: str
    holds_back: int
    ready_after: int


def order_of_repairs(held: Mapping[Obstacles, int], ready_now: int, tenant_wide: Iterable[str] = ()) -> list[Repair]:
    """The greedy order over groups of mailboxes that share their obstacles (`held` counts each group).

    Ties go to the obstacle that holds back more mailboxes, then to the one that comes first by name.
    """
    repairs = [Repair(obstacle, 0, ready_now) for obstacle in tenant_wide]
    left = Counter({obstacles: count for obstacles, count in held.items() if obstacles})
    done = ready_now
    while left:
        obstacle = _best(left)
        holds_back = sum(count for obstacles, count in left.items() if obstacle in obstacles)
        left = _without(left, obstacle)
        done += left.pop(frozenset(), 0)
        repairs.append(Repair(obstacle, holds_back, done))
    return repairs


def _best(left: Counter[Obstacles]) -> str:
    alone: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    nearest: Counter[str] = Counter()
    shortest = min(len(obstacles) for obstacles in left)
    for obstacles, count in left.items():
        for obstacle in obstacles:
            shared[obstacle] += count
            alone[obstacle] += count if len(obstacles) == 1 else 0
            nearest[obstacle] += count if len(obstacles) == shortest else 0
    return min(shared, key=lambda obstacle: (-alone[obstacle], -nearest[obstacle], -shared[obstacle], obstacle))


def _without(left: Counter[Obstacles], obstacle: str) -> Counter[Obstacles]:
    rest: Counter[Obstacles] = Counter()
    for obstacles, count in left.items():
        rest[obstacles - {obstacle}] += count
    return rest
