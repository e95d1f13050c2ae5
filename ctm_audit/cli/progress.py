"""Shows on stderr how far the work is: a bar on a terminal, elsewhere one line every 30 seconds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from ctm_audit.cli import console
from ctm_audit.progress import heard_by

if TYPE_CHECKING:
    from tqdm import tqdm

COUNTED = "{desc} {percentage:3.0f}% |{bar:20}| {n_fmt} of {total_fmt}, {elapsed}"
UNCOUNTED = "{desc}, {elapsed}"
SOON = 0.5
"""Seconds after which work is worth a bar."""


class _Bar:
    """A line that is written again and again, and is gone when the work is done."""

    every = 0.2

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._told = ("", 0, 0)
        self._bar: tqdm[Any] | None = None

    def hear(self, what: str, done: int, total: int) -> None:
        self._told = (what, done, total)

    def beat(self) -> None:
        what, done, total = self._told
        if not what or time.monotonic() - self._begun < SOON:
            return
        if self._bar is None or self._bar.desc != what:
            self.close()
            self._bar = _bar(what, total)
        self._bar.n = done
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class _Lines:
    """A line now and then, for logs."""

    every = 30.0

    def __init__(self) -> None:
        self._told = ""

    def hear(self, what: str, done: int, total: int) -> None:
        self._told = f"{what}: {done:,} of {total:,}" if total else what

    def beat(self) -> None:
        if self._told:
            console.note(f"{self._told} ...")

    def close(self) -> None:
        """Nothing is left to take away."""


@contextmanager
def shown_progress() -> Iterator[None]:
    """Show how far the work inside is; nothing of it is on stdout, and nothing is left on a terminal."""
    shown = _Bar() if _is_terminal() else _Lines()
    ended = Event()
    beating = Thread(target=_beat, args=(shown, ended), daemon=True)
    beating.start()
    try:
        with heard_by(shown.hear):
            yield
    finally:
        ended.set()
        beating.join()
        shown.close()


def _beat(shown: _Bar | _Lines, ended: Event) -> None:
    while not ended.wait(shown.every):
        shown.beat()


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _bar(what: str, total: int) -> tqdm[Any]:
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # its thread would do what `_beat` does
    form = COUNTED if total else UNCOUNTED
    return tqdm(desc=what, total=total or None, file=sys.stderr, leave=False, dynamic_ncols=True, bar_format=form)
