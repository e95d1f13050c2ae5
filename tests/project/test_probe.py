"""How many test moves the project asks for."""

from __future__ import annotations

import pytest

from ctm_audit.project_keys import probe


@pytest.mark.parametrize(("written", "number"), [("all", 0), ("ALL", 0), ("sample:3", 3), (" Sample:12 ", 12)])
def test_all_or_so_many_of_a_kind(written: str, number: int) -> None:
    assert probe(written) == number


@pytest.mark.parametrize("written", ["sample:0", "sample:00", "sample:", "sample:-1", "sample:3.5", "3", "some", "", 3, True])
def test_anything_else_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"sample:3|text in quotes|must not be empty"):
        probe(written)
