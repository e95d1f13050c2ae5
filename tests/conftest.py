"""Settings of all tests, and the broken example as a project that was imported and audited once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ctm-audit", deadline=None)  # test machines are shared and slow at times
settings.load_profile("ctm-audit")


@pytest.fixture(scope="session")
def broken_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the broken example with both bundles and one run for submit; tests change nothing in it."""
    from ctm_audit import api
    from ctm_audit.model import Step

    folder = api.copy_example("broken", tmp_path_factory.mktemp("broken") / "project")
    project, mapping = api.open_project(folder)
    for side in ("source", "target"):
        api.import_exports(project, side, [folder / side])
    api.audit(project, mapping, step=Step.SUBMIT)
    return folder
