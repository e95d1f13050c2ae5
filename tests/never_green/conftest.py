"""One clean project for all these tests."""

from __future__ import annotations

import pytest

from tests.never_green.world import World, clean


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"), clean())
