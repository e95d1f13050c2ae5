"""The run of the broken example."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit.api import load_run
from ctm_audit.engine.runs import RunRecord


@pytest.fixture(scope="session")
def demo(broken_project: Path) -> RunRecord:
    """The run of the broken example for submit; nobody may change its folder."""
    return load_run(project=broken_project)
