"""The error tree: every refusal has an exit code, a summary, details and a hint that names the next command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EXIT_OK = 0
EXIT_NOT_READY = 1
EXIT_USAGE = 2
EXIT_UNDETERMINED = 3
EXIT_PARTLY_FAILED = 4
EXIT_REFUSED = 5
EXIT_SERVICE = 6
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one place of a file; `line` and `column` count from 1, 0 means "the file as a whole"."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = self.file if not self.line else f"{self.file}:{self.line}:{max(self.column, 1)}"
        return f"{place}: {self.message}"


class CtmAuditError(Exception):
    """A refusal that a person can act on; subclasses fix the exit code."""

    exit_code = EXIT_BUG

    def __init__(self, summary: str, *, detail: Sequence[object] = (), hint: str | None = None) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = tuple(str(line) for line in detail)
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join([self.summary, *(f"  {line}" for line in self.detail)])


class UsageError(CtmAuditError):
    """The command, the project file, the mapping or the rule book is wrong; nothing was written."""

    exit_code = EXIT_USAGE


class EvidenceGap(CtmAuditError):
    """Evidence is missing, stale or incomplete, so the question cannot be answered."""

    exit_code = EXIT_UNDETERMINED


class Refused(CtmAuditError):
    """Something was tampered with, is unsafe or is locked, so the tool will not act on it."""

    exit_code = EXIT_REFUSED


class ServiceFailure(CtmAuditError):
    """Sign-in or a Microsoft service failed."""

    exit_code = EXIT_SERVICE
