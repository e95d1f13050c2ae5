"""What runs in CI with some examples and in `make nightly` with many."""

from __future__ import annotations

import os

AT_NIGHT = bool(os.environ.get("CTM_AUDIT_NIGHTLY"))


def examples(in_ci: int, at_night: int) -> int:
    """How many examples a long property test takes."""
    return at_night if AT_NIGHT else in_ci
