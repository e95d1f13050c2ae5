"""The commands of the rules: cmdlets and parameters that exist, and nothing that lifts a hold, purges or deletes in a script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.model import FixKind
from ctm_audit.rulebook.commands import NEVER_IN_A_SCRIPT
from ctm_audit.rulebook.load import load_book
from ctm_audit.rulebook.rule import Rule
from tests.book.cmdlets import COMMON, EXCHANGE_ONLINE, KNOWN, POWERSHELL, used

WITH_COMMAND = [pytest.param(rule, id=rule.id) for rule in load_book(data_folder("rules")).rules if rule.command]
CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "cmdlets.json"


def commands(rule: Rule) -> str:
    assert rule.command is not None
    return rule.command


@pytest.mark.parametrize("rule", WITH_COMMAND)
def test_every_cmdlet_and_parameter_exists_in_its_shell(rule: Rule) -> None:
    assert rule.shell is not None
    outer: frozenset[str] = frozenset()
    for cmdlet, parameters in used(commands(rule)):
        known = KNOWN[rule.shell].get(cmdlet)
        assert known is not None, f"{cmdlet} is not among the cmdlets of {rule.shell} (tests/book/cmdlets.py)"
        outer |= known  # what stands behind a cmdlet in brackets may belong to the one around it
        assert parameters <= outer | COMMON, f"{cmdlet} {sorted(parameters - outer)}"


@pytest.mark.parametrize("rule", WITH_COMMAND)
def test_no_script_lifts_a_hold_purges_or_deletes(rule: Rule) -> None:
    if rule.fix_kind is FixKind.SCRIPT:
        assert not NEVER_IN_A_SCRIPT.search(commands(rule))


@pytest.mark.parametrize("rule", WITH_COMMAND)
def test_no_command_holds_a_secret_or_a_password(rule: Rule) -> None:
    assert not re.search(r"password|secret|ConvertTo-SecureString", commands(rule), re.IGNORECASE)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("Set-Mailbox -Identity <source.upn> -LitigationHoldEnabled $false", True),
        ("Remove-MailUser -Identity <target.upn>", True),
        ("Get-MigrationUser -Identity <target.upn> | Remove-MigrationUser -Confirm:$false", True),
        ("New-ComplianceSearchAction -SearchName x -Purge -PurgeType HardDelete", True),
        ("Set-MailUser -Identity <target.upn> -EmailAddresses @{ Remove = <found> }", False),
        ("Remove-DistributionGroupMember -Identity <id> -Member <found>", False),
    ],
)
def test_what_is_refused_in_a_script(command: str, told: bool) -> None:
    assert bool(NEVER_IN_A_SCRIPT.search(command)) == told


def test_a_command_is_taken_apart() -> None:
    command = (
        "Set-MgUserLicense -UserId <target.upn> -AddLicenses @{ SkuId = (Get-MgSubscribedSku -All | Where-Object x -like '-No-Thing') }"
    )
    assert list(used(command)) == [
        ("Set-MgUserLicense", {"UserId", "AddLicenses"}),
        ("Get-MgSubscribedSku", {"All"}),
        ("Where-Object", frozenset()),
    ]


def contract() -> Mapping[str, Any]:
    """The cmdlets of Exchange Online as Microsoft documents them, where that list is present."""
    return json.loads(CONTRACT.read_text(encoding="utf-8")) if CONTRACT.exists() else {}


def test_the_own_table_says_what_microsoft_says_where_that_list_is_present() -> None:
    """Reads a file outside of the repository where there is one; without it the table stands for itself."""
    documented = contract()
    assert not set(EXCHANGE_ONLINE) & set(POWERSHELL)
    for cmdlet, parameters in EXCHANGE_ONLINE.items():
        entry = documented.get(cmdlet)
        if entry is not None:
            assert entry["cloud"], cmdlet
            assert parameters <= {name for name, told in entry["parameters"].items() if told.get("cloud", True)}, cmdlet
