"""How far a piece of work is, told to whoever listens: the command line shows it, and a caller in Python may."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias, TypeVar

Item = TypeVar("Item")
Listener: TypeAlias = Callable[[str, int, int], None]
"""Hears what is being done, and how many of how many are done; 0 of 0 where nobody can count."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let the listener hear everything that is told inside, in this thread; what it raises ends the work."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def tell(what: str, done: int = 0, total: int = 0) -> None:
    """Tell the listener, if there is one, what is being done and how much of it is."""
    if listener := _listener.get():
        listener(what, done, total)


def followed(what: str, items: Collection[Item]) -> Iterator[Item]:
    """The items; before each, and after the last, it is told how many are done."""
    for done, item in enumerate(items):
        tell(what, done, len(items))
        yield item
    tell(what, len(items), len(items))
