"""`_export.json`: what it says is read whole, or every fault of it is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.errors import UsageError
from ctm_audit.readers.export_record import RecordedFile, read_record
from tests.cli_import.exporting import TENANT, recorded, write_json, write_record


def test_a_record(tmp_path: Path) -> None:
    files = [recorded(), {"name": "Get-MailUser", "error": "Access denied", "collected_at": None}]
    found = read_record(write_record(tmp_path, files))
    assert (found.side, found.tenant_id, found.initial_domain, found.cloud) == ("source", TENANT, "contoso.onmicrosoft.com", "worldwide")
    assert found.files == {
        "get-mailbox.json": RecordedFile("Get-Mailbox.json", 3, datetime(2026, 11, 20, 17, 0, 20), ""),
        "get-mailuser.json": RecordedFile("Get-MailUser.json", None, datetime(2026, 11, 20, 17), "Access denied"),
    }


def test_a_record_as_windows_powershell_writes_it(tmp_path: Path) -> None:
    path = write_record(tmp_path, tables=recorded(), started_at="/Date(1776320086000)/")
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-16")
    assert list(read_record(path).files) == ["get-mailbox.json"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"format_version": "2"}, "format_version: '2' is not 1"),
        ({"side": "middle"}, "side: 'middle' is not source or target"),
        ({"tenant_id": "contoso"}, "tenant_id: 'contoso' is not a GUID"),
        ({"tenant_id": ""}, "tenant_id: the tenant id is empty"),
        ({"started_at": None}, "started_at: the time is empty"),
        ({"started_at": "yesterday"}, "started_at: 'yesterday' is not an ISO time"),
        ({"tables": "x"}, "tables: a list of objects is meant"),
        ({"tables": [recorded(), recorded()]}, "tables: a file is named more than once"),
        ({"tables": [recorded(count=-1)]}, "tables[0].count: -1 is less than 0"),
        ({"tables": [recorded(), recorded("b.json", count="many")]}, "tables[1].count: 'many' is not a whole number"),
        ({"tables": [recorded(collected_at="x")]}, "tables[0].collected_at: 'x' is not an ISO time"),
        ({"initial_domain": ["x"]}, "initial_domain: text is meant"),
    ],
)
def test_what_is_wrong_in_a_record_is_told(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError) as error:
        read_record(write_record(tmp_path, **changes))
    assert any(why in line for line in error.value.detail), error.value.detail
    assert error.value.hint


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read_record(write_record(tmp_path, [recorded(count="x")], side=1, tenant_id=None, started_at=5))
    assert len(error.value.detail) == 4


@pytest.mark.parametrize(
    ("content", "why"),
    [("", "holds nothing"), ("[]", "one object is meant, 0 are there"), ("[{},{}]", "2 are there"), ('{"side": ', "cut off")],
)
def test_a_file_that_is_no_record(tmp_path: Path, content: str, why: str) -> None:
    path = write_json(tmp_path, "_export.json", None)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"_export\.json cannot be used") as error:
        read_record(path)
    assert why in " ".join(error.value.detail)
