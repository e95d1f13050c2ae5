"""How many examples a long property test takes: some in CI, many in `make nightly`."""

from __future__ import annotations

import os

NIGHTLY = "CTM_AUDIT_NIGHTLY"


def more(usual: int, nightly: int) -> int:
    """The number for this run."""
    return nightly if os.environ.get(NIGHTLY) else usual
