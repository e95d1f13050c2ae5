"""Runs what asks side by side to its end, for callers who know nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def finished(asking: Coroutine[Any, Any, Answer]) -> Answer:
    """What the coroutine returns, or the error that it raises. In a notebook, whose thread has a loop already, another thread runs it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(asking)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asking).result()
