"""The crash file: where our own code was when it broke, and nothing of what it worked on.

No exception messages, no values, no arguments, no environment: any of them may hold personal data or a secret.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

from ctm_audit import __version__

PACKAGE = Path(__file__).resolve().parent.parent
DEPENDENCIES = ("click", "dnspython", "duckdb", "jinja2", "msal", "pandas", "pandera", "pyarrow", "requests")


def write_crash_file(error: BaseException, command: str) -> Path | None:
    """The path of the new crash file in the temporary folder, else in the working folder; None if neither can be written."""
    text = describe(error, command)
    for folder in (tempfile.gettempdir, os.getcwd):
        try:
            return _write(folder(), text)
        except OSError:
            continue
    return None


def describe(error: BaseException, command: str) -> str:
    """What the crash file says: command, versions, and our own frames of each error in the chain."""
    lines = [f"ctm-audit {__version__} stopped in `{command}` at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", *_versions(), ""]
    for link in _chain(error):
        lines += [f"{type(link).__module__}.{type(link).__qualname__}", *_frames(link.__traceback__), ""]
    return "\n".join(lines)


def _write(folder: str, text: str) -> Path:
    number, name = tempfile.mkstemp(prefix="ctm-audit-crash-", suffix=".txt", dir=folder, text=True)
    with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return Path(name)


def _versions() -> Iterator[str]:
    from importlib import metadata

    yield f"Python {platform.python_version()} on {sys.platform} ({platform.machine()})"
    for name in DEPENDENCIES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} is not installed"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, oldest last; a chain may be a circle."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Our own frames with their lines; of other packages only the name, once for frames in a row."""
    return (line for line, _ in groupby(_frame_lines(trace)))


def _frame_lines(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in walk_tb(trace):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(PACKAGE):
            yield f"  {file.relative_to(PACKAGE.parent).as_posix()}:{line} in {frame.f_code.co_name}"
        else:
            yield f"  … {frame.f_globals.get('__name__', '?').partition('.')[0]}"
