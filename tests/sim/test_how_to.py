"""What the usual how-to does to two tenants, and that the report names each of its traps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ctm_audit import api
from ctm_audit.evidence.tables import SIDES
from ctm_audit.model import Step
from ctm_audit.project import load
from ctm_audit.sim.examples import how_to
from ctm_audit.sim.export import write
from ctm_audit.sim.how_to import PEOPLE
from tests.book.test_traps import TRAPS

# The points of docs/how-to-traps.md that exports show, each with one of its rules and the number of mailboxes (None: no mailbox).
SHOWN = {
    3: ("LIC-04", 1),
    4: ("IDN-03", 1),
    5: ("TRU-04", None),
    6: ("TRU-01W", None),
    7: ("TRU-02W", None),
    11: ("TRU-08", None),
    12: ("TRU-09", None),
    18: ("IDN-06", PEOPLE),
    19: ("STP-09", PEOPLE - 1),
    21: ("IDN-03", 1),
    22: ("STP-13", 1),
    23: ("STP-06", PEOPLE - 1),
    24: ("STP-03", 1),
    26: ("STP-12", PEOPLE - 1),
    27: ("TRU-14W", None),
    31: ("BCH-02", None),
    35: ("MBX-01", 1),
    36: ("MBX-09", 1),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The rules of the audit for submit, by id; the imports have no gap and the audit refuses."""
    folder: Path = tmp_path_factory.mktemp("how-to")
    write(how_to(), folder)
    project, mapping = load(folder / "ctm-audit.toml")
    imports = [api.import_exports(project, side, [folder / side]).exit_code for side in SIDES]
    result = api.audit(project, mapping, step=Step.SUBMIT)
    assert (imports, result.exit_code) == ([0, 0], 1)
    assert result.document["mailboxes"]["ready"] == 0
    findings = result.with_findings()["findings"]
    texts = {rule["id"]: [one["found"] for one in findings if one["rule"] == rule["id"]] for rule in result.document["rules"]}
    return {rule["id"]: rule | {"texts": texts[rule["id"]]} for rule in result.document["rules"]}


@pytest.mark.parametrize("trap", SHOWN)
def test_the_trap_is_named(trap: int, told: dict[str, dict[str, Any]]) -> None:
    rule, mailboxes = SHOWN[trap]
    assert rule in TRAPS[trap][1]
    assert told[rule]["failed"] >= 1
    assert mailboxes in (None, told[rule]["failed"])


def test_what_the_how_to_does_right_is_not_blamed(told: dict[str, dict[str, Any]]) -> None:
    for rule in ("STP-05", "STP-08", "LIC-01", "ACC-01", "ACC-04", "DOM-03"):
        assert told[rule]["failed"] == 0, rule


@pytest.mark.parametrize("rule", ["STP-06", "STP-09", "TRU-04", "TRU-01W", "IDN-06"])
def test_a_finding_knows_the_signature_of_the_how_to(rule: str, told: dict[str, dict[str, Any]]) -> None:
    assert any("usual how-to" in text for text in told[rule]["texts"])
