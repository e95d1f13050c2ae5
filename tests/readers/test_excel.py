"""Excel: what went through somebody's hands is read as text, and what Excel replaced is named by its place."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from ctm_audit import spreadsheet
from ctm_audit.errors import Fault
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.mapping import read_mapping
from ctm_audit.readers.files import read
from ctm_audit.spreadsheet import Damaged
from tests.evidence.exported import WHEN, mailbox

ID = "c505fea7-83dd-4a9e-940b-92b8764f2856"


def workbook(path: Path, *sheets: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def one_cell(folder: Path, value: Any, change: Callable[[Any], None] = lambda _: None) -> Any:
    path = workbook(folder / "Get-Mailbox.xlsx", [["Name", "Size"], ["a", value]])
    book = openpyxl.load_workbook(path)
    change(book.worksheets[0]["B2"])
    book.save(path)
    found = list(read(path).items)
    assert len(found) == 1
    assert not isinstance(found[0], Fault)
    return found[0]["Size"]


@pytest.mark.parametrize("text", ["007", "NA", "null", "1.23E+15", ID, "a;b", " x ", "_x0041_", "ö😀"])
def test_a_text_stays_the_text_it_is(tmp_path: Path, text: str) -> None:
    assert one_cell(tmp_path, text) == text


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (1.23e15, "S1!B2 is the number 1.23E+15; Excel keeps only 15 digits"),
        (12345678901234567890, "S1!B2 is the number 1.23E+19; Excel keeps only 15 digits"),
        (1.5, "S1!B2 is the fraction 1.5"),
        (datetime(2026, 3, 1), "S1!B2 is a date or time, in Excel's own format"),
        ("=A1", "S1!B2 is a formula"),
        (ArrayFormula("B2", "=A1:A2"), "S1!B2 is a formula"),
        ("#N/A", "S1!B2 is the error #N/A"),
        ("x" * 32_767, "S1!B2 has 32,767 characters; Excel cuts longer ones"),
    ],
)
def test_what_excel_replaced_is_named_by_its_place(tmp_path: Path, value: Any, what: str) -> None:
    found = one_cell(tmp_path, value)
    assert isinstance(found, Damaged)
    assert str(found) == what


def take(path: Path) -> Intake:
    reading = read(path)
    return intake("mailboxes", reading.items, Meta("source", path.name, WHEN, properties=reading.properties))


def test_damaged_facts_of_a_mailbox_are_null_and_named(tmp_path: Path) -> None:
    boxes = [
        mailbox(1, EmailAddresses="SMTP:a@contoso.com;X500:/o=Ex/cn=A B", InPlaceHolds=f"mbx{'0' * 32}:1"),
        mailbox(2, EmailAddresses="SMTP:b@contoso.com", ArchiveGuid=1.23e36, PrimarySmtpAddress=17),
    ]
    rows = [[*boxes[0]], *([", ".join(v) if isinstance(v, list) else v for v in box.values()] for box in boxes)]
    found = take(workbook(tmp_path / "Get-Mailbox.xlsx", rows))
    told = " ".join(found.holes)
    assert (found.received, found.table.num_rows, found.losses) == (2, 2, ())
    assert "ArchiveGuid makes no sense for 1 of 2 objects: 'User2@Contoso.com': S1!E3 is the number 1.23E+36" in told
    assert "text is meant, but the export holds the number 17 in S1!C3" in told
    assert sorted(str(cell) for cell in found.table["x500"].to_pylist()) == ["['/o=ex/cn=a b']", "[]"]


def test_a_damaged_key_costs_the_row_and_says_so(tmp_path: Path) -> None:
    found = take(workbook(tmp_path / "Get-Mailbox.xlsx", [[*mailbox(1)], [1.2e30, "a@x.com"], [ID, "b@x.com"]]))
    assert found.table.num_rows == 1
    assert "without ExternalDirectoryObjectId left out: 'a@x.com'" in found.losses[0]


def test_rows_above_between_and_below(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", [[], ["#TYPE System.Object"], ["Name", "Size", None], [], ["a"], [None, "1"], ["b", "2", "3"]])
    reading = read(path)
    items = list(reading.items)
    assert items[:2] == [{"Name": "a", "Size": ""}, {"Name": "", "Size": "1"}]
    assert [str(item) for item in items[2:]] == ["x.xlsx:7:3: more cells than the header's 2; the row was left out"]


@pytest.mark.parametrize(
    ("sheets", "why"),
    [
        ([[]], "holds nothing"),
        ([[["Name"]], [["Other"]]], "2 sheets hold something"),
        ([[["Name", "name"]]], "more than once"),
        ([[["Name", 5]]], "is no property|the number 5"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, sheets: list[Any], why: str) -> None:
    with pytest.raises(NotCollected, match=why):
        list(read(workbook(tmp_path / "x.xlsx", *sheets)).items)


def test_an_empty_second_sheet_does_no_harm(tmp_path: Path) -> None:
    assert list(read(workbook(tmp_path / "x.xlsx", [["Name"], ["a"]], [])).items) == [{"Name": "a"}]


def broken(path: Path, part: str, content: bytes) -> Path:
    """The workbook with one part replaced."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (parts | {part: content}).items():
            archive.writestr(name, data)
    return path


BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'


@pytest.mark.parametrize("content", [BOMB, EXTERNAL, b"<worksheet", b"\0", b""])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_a_broken_or_hostile_workbook_is_named(tmp_path: Path, part: str, content: bytes) -> None:
    path = broken(workbook(tmp_path / "x.xlsx", [["Name"], ["a"]]), part, content)
    with pytest.raises(NotCollected, match=r"no Excel workbook, or it is damaged|holds nothing") as reason:
        list(read(path).items)
    assert "root:" not in str(reason.value)


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    path = broken(workbook(tmp_path / "x.xlsx", [["Name"]]), "xl/media/x.bin", b"\0" * (spreadsheet.SMALL + 1))
    with pytest.raises(NotCollected, match="swell to more than is ever needed"):
        read(path)


def test_rows_without_end_are_refused(tmp_path: Path) -> None:
    row = b'<row r="%d"><c t="str"><v>a</v></c></row>' % 2**40
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>' % row
    path = broken(workbook(tmp_path / "x.xlsx", [["Name"]]), "xl/worksheets/sheet1.xml", sheet)
    with pytest.raises(NotCollected, match="more than 1,048,576 rows"):
        read(path)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_workbook_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(data)
    with pytest.raises(NotCollected, match="no Excel workbook"):
        read(tmp_path / "x.xlsx")


def test_a_mapping_in_a_workbook_is_the_mapping_of_its_csv(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["source", "target", "wave", None], ["a@x.com", "b@y.com"], [], ['c"@x.com', "d@y.com", "Pilot"]]
    path = workbook(tmp_path / "mapping.xlsx", rows)
    (tmp_path / "mapping.csv").write_text('source,target,wave\na@x.com,b@y.com,\n\n"c""@x.com",d@y.com,Pilot\n', encoding="utf-8")
    found, meant = read_mapping(path, None), read_mapping(tmp_path / "mapping.csv", None)
    assert found.faults == meant.faults == ()
    assert found.table.rows.equals(meant.table.rows)
    assert found.table.digest == meant.table.digest


def test_every_damaged_cell_of_a_mapping_is_named(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["source", "target", "wave"], ["a@x.com", 1.2e30, datetime(2026, 1, 1)], ["=A1", "b\nc", 7]]
    faults = read_mapping(workbook(tmp_path / "mapping.xlsx", rows), None).faults
    assert [(fault.line, fault.column) for fault in faults] == [(2, 2), (2, 3), (3, 1), (3, 2), (3, 3)]
    assert "S1!B2 is the number 1.20E+30" in faults[0].message
    assert "the number 7 in S1!C3 stands where a text is meant" in faults[4].message


def test_a_mapping_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "mapping.xlsx").write_bytes(b"x")
    assert "no Excel workbook" in read_mapping(tmp_path / "mapping.xlsx", None).faults[0].message
    assert "cannot be read" in read_mapping(tmp_path / "none.xlsx", None).faults[0].message
