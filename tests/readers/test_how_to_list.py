"""The list of five columns of the usual how-to: rows with what it holds, and never a word more."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ctm_audit import api
from ctm_audit.cli.main import main
from ctm_audit.evidence.bundle import Bundle, open_bundle
from ctm_audit.evidence.tables import TABLES
from ctm_audit.model import Step
from ctm_audit.project import load
from ctm_audit.sim import contoso_to_fabrikam
from ctm_audit.sim.export import objects_of, render, write

COLUMNS = ("UserPrincipalName", "PrimarySmtpAddress", "ExchangeGuid", "LegacyExchangeDN", "Alias")
HELD = {"upn", "primary_smtp", "exchange_guid", "legacy_exchange_dn", "legacy_exchange_dn_key"}
SCENARIO = contoso_to_fabrikam(people=3)


def five_columns(path: Path, changes: Sequence[Mapping[str, object]] = ()) -> Path:
    rows = [{name: box[name] for name in COLUMNS} for box in objects_of(SCENARIO.source, TABLES["mailboxes"])]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([*rows, *changes])
    return path


def imported(folder: Path, name: str, *options: str, changes: Sequence[Mapping[str, object]] = ()) -> tuple[int, Bundle]:
    folder.mkdir(exist_ok=True)
    path = five_columns(folder / name, changes)
    code = main(["import", "source", str(path), "-o", str(folder / "bundles"), "--collected-at", "2026-11-20", *options])
    return code, open_bundle(next((folder / "bundles").glob("source-*")))


@pytest.mark.parametrize("name", ["people.csv", "Get-Mailbox.csv"])
def test_it_gives_rows_with_what_it_holds_and_the_rest_is_not_collected(tmp_path: Path, name: str) -> None:
    code, bundle = imported(tmp_path, name)
    entry = bundle.tables["mailboxes"]
    assert code == 3
    assert set(entry.columns) == HELD | {column.name for column in TABLES["mailboxes"].columns_of("source") if column.property in COLUMNS}
    assert {*entry.columns, *entry.missing} == {column.name for column in TABLES["mailboxes"].columns_of("source")}
    assert "object_id" in entry.missing
    assert entry.complete is (name == "Get-Mailbox.csv")
    rows = pq.read_table(bundle.parquet("mailboxes")).to_pylist()
    assert {row["upn"] for row in rows} == {box.upn.casefold() for box in SCENARIO.source.mailboxes}
    assert [row["exchange_guid"] for row in rows] == sorted(box.exchange_guid for box in SCENARIO.source.mailboxes)


def test_rows_that_cannot_be_told_apart_are_named(tmp_path: Path) -> None:
    box = SCENARIO.mailbox(0)
    twin = dict(zip(COLUMNS, ("x@contoso.com", "x@contoso.com", box.exchange_guid.upper(), "/o=x", "x"), strict=True))
    nobody = dict(zip(COLUMNS, ("y@contoso.com", "y@contoso.com", "", "/o=y", "y"), strict=True))
    _, bundle = imported(tmp_path, "Get-Mailbox.csv", changes=(twin, nobody))
    entry = bundle.tables["mailboxes"]
    assert not entry.complete
    assert f"same key and different facts: none of them can be used: {box.exchange_guid}" in entry.reason
    assert "1 object without ExchangeGuid left out: 'y@contoso.com'" in entry.reason
    assert entry.rows == len(SCENARIO.source.mailboxes) - 1


def test_no_mailbox_is_ready_by_it(tmp_path: Path) -> None:
    files = {name: text for name, text in render(SCENARIO).items() if name != "source/Get-Mailbox.json"}
    write(files, tmp_path)
    five_columns(tmp_path / "source" / "Get-Mailbox.csv")
    project, mapping = load(tmp_path)
    for side, code in (("source", 3), ("target", 0)):
        assert main(["import", side, str(tmp_path / side), "--project", str(tmp_path)]) == code
    document = api.audit(project, mapping, step=Step.SUBMIT).document
    assert document["ready"] is not True
    assert document["mailboxes"]["ready"] == 0
    passed = {rule["id"] for rule in document["rules"] if rule["passed"]}
    assert passed.isdisjoint({"IDN-02", "STP-01", "STP-03", "STP-05", "STP-06", "LIC-01", "MBX-01", "STP-02"})
