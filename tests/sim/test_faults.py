"""Each fault changes what its rule reads, on the object that it was planted in and on no other mapped mailbox."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ctm_audit.evidence.tables import Side
from ctm_audit.model import Verdict
from ctm_audit.sim import FAULTS, Fault, contoso_to_fabrikam
from ctm_audit.sim.export import Files, render
from ctm_audit.sim.statements import STATED
from tests.sim.exported import Row, by, rows

CLEAN = contoso_to_fabrikam(people=24)
FILES = render(CLEAN)
ROW = 5
ON_ROWS = [pytest.param(fault, id=name) for name, fault in FAULTS.items() if fault.place == "row"]
ON_TENANTS = [pytest.param(fault, id=name) for name, fault in FAULTS.items() if fault.place != "row"]
BOOK = [tomllib.loads(path.read_text(encoding="utf-8")) for path in (Path(__file__).parents[2] / "rules").glob("*/*.toml")]
ASKED = {rule["id"] for rule in BOOK if rule.get("attest")}


STATISTICS: tuple[Side, str] = ("source", "mailbox_statistics")
RECIPIENTS: tuple[Side, str] = ("target", "recipients")
Tables = dict[tuple[Side, str], list[Row]]


def told_by_id(files: Files) -> Tables:
    """Two tables that name every mapped mailbox by an id that no fault of another one changes."""
    return {(side, name): rows(files, side, name) for side, name in (STATISTICS, RECIPIENTS)}


BEFORE = told_by_id(FILES)


def test_every_rule_that_judges_has_a_fault_that_it_must_notice() -> None:
    noticed = {fault.rule for fault in FAULTS.values() if fault.verdict in (Verdict.FAIL, Verdict.DUE)}
    assert noticed >= {rule["id"] for rule in BOOK} - ASKED
    assert {record.rule for record in STATED} <= ASKED


@pytest.mark.parametrize("fault", [*ON_ROWS, *ON_TENANTS])
def test_a_fault_says_what_it_is_and_changes_the_files(fault: Fault) -> None:
    assert fault.plant.__doc__
    assert render(fault.plant(CLEAN, ROW)) != FILES


@pytest.mark.parametrize("fault", ON_ROWS)
def test_a_fault_of_one_mailbox_leaves_the_other_rows_alone(fault: Fault) -> None:
    planted = fault.plant(CLEAN, ROW)
    after = told_by_id(render(planted))
    for index in (index for index in range(len(CLEAN.rows)) if index != ROW):
        box, user = CLEAN.mailbox(index), CLEAN.mail_user(index)
        assert planted.rows[index] == CLEAN.rows[index]
        assert planted.mailbox(index) == box
        assert planted.mail_user(index) == user
        assert _unchanged(after, STATISTICS, "mailbox_guid", box.exchange_guid)
        assert _unchanged(after, RECIPIENTS, "guid", user.guid)


def _unchanged(after: Tables, place: tuple[Side, str], key: str, value: str) -> bool:
    return by(key, after[place])[value] == by(key, BEFORE[place])[value]


@pytest.mark.parametrize("fault", ON_TENANTS)
def test_a_fault_of_a_tenant_leaves_the_stamping_alone(fault: Fault) -> None:
    users = [user.exchange_guid for user in fault.plant(CLEAN).target.mail_users]
    assert users == [user.exchange_guid for user in CLEAN.target.mail_users]


@pytest.mark.parametrize("row", [0, 7, 23])
def test_every_fault_can_be_planted_in_any_row(row: int) -> None:
    for fault in FAULTS.values():
        assert len(fault.plant(CLEAN, row).rows) >= len(CLEAN.rows)


def test_faults_can_be_planted_one_after_another() -> None:
    both = FAULTS["legacy_dn_missing"].plant(FAULTS["litigation_hold"].plant(CLEAN, 3), 3)
    assert both.mailbox(3).litigation_hold
    assert CLEAN.mailbox(3).legacy_dn not in "".join(both.mail_user(3).proxies)


def test_a_trimmed_x500_address_is_another_address() -> None:
    trimmed = FAULTS["x500_trimmed"].plant(CLEAN, 0)
    kept = {proxy.partition(":")[2].casefold() for proxy in trimmed.mail_user(0).proxies}
    wanted = {proxy.partition(":")[2].casefold() for proxy in CLEAN.mailbox(0).proxies if proxy.startswith("X500:")}
    assert wanted - kept
