"""The demo's run, made once for all tests of what is made of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctm_audit import api
from ctm_audit.engine.runs import RunRecord, open_run
from ctm_audit.model import Step


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """The run of the broken example at `submit`; nobody may change its folder."""
    folder = api.copy_example("broken", tmp_path_factory.mktemp("demo") / "project")
    project, mapping = api.open_project(folder)
    for side in ("source", "target"):
        api.import_exports(project, side, [Path(folder, side)])
    return open_run(api.audit(project, mapping, step=Step.SUBMIT).folder)
