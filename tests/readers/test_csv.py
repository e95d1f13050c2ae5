"""CSV exports of Windows PowerShell 5.1, PowerShell 7 and spreadsheets, whole and broken."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.readers import csv_file
from ctm_audit.readers.files import read

CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6)


def read_bytes(folder: Path, data: bytes) -> tuple[list[Mapping[str, Any]], list[Fault]]:
    path = folder / "Get-Mailbox.csv"
    path.write_bytes(data)
    items = list(read(path).items)
    return [item for item in items if not isinstance(item, Fault)], [item for item in items if isinstance(item, Fault)]


@pytest.mark.parametrize(
    "text",
    [
        '"Name","Size"\r\n"a","1"\r\n',
        '#TYPE Microsoft.Exchange.Data.Directory.Mailbox\r\n"Name","Size"\r\n"a","1"\r\n',
        '"#TYPE System.Object",\r\n"Name","Size"\r\n"a","1"\r\n',
        "Name;Size\na;1\n",
        "Name\tSize\r\na\t1\r\n\r\n",
        '\r\n"Name","Size"\r\n\r\n"a","1"\r',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_form_of_one_row(tmp_path: Path, text: str, encoding: str) -> None:
    assert read_bytes(tmp_path, text.encode(encoding)) == ([{"Name": "a", "Size": "1"}], [])


@pytest.mark.parametrize("cell", ["NA", "NO", "null", "007", "1.23E+15", "=1+1", "True", "a\r\nb", 'say "a"', " a ", "a,b;c\td"])
def test_a_cell_stays_the_text_it_is(tmp_path: Path, cell: str) -> None:
    quoted = cell.replace('"', '""')
    objects, faults = read_bytes(tmp_path, f'"Name","Size"\r\n"{quoted}","1"\r\n'.encode())
    assert (objects, faults) == ([{"Name": cell, "Size": "1"}], [])


@given(ROWS, st.sampled_from(",;\t"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], separator: str, encoding: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["Name", "Größe", "Id"], *rows])
    path = tmp_path_factory.getbasetemp() / "round.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    reading = read(path)
    assert reading.properties == ("Name", "Größe", "Id")
    assert [list(one.values()) for one in reading.items if not isinstance(one, Fault)] == rows


def test_a_header_alone_tells_the_properties(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('"Name","Size"\r\n', encoding="utf-8", newline="")
    reading = read(path)
    assert (reading.properties, list(reading.items)) == (("Name", "Size"), [])


@pytest.mark.parametrize("data", [b"", b"\r\n \r\n", b"#TYPE System.Object\r\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_header_is_no_answer(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotCollected, match="holds nothing"):
        read_bytes(tmp_path, data)


@pytest.mark.parametrize(("header", "why"), [('"Name","name"', "more than once"), ('"Name"x,"Size"', "not CSV"), ("N\0a\0,", "NUL byte")])
def test_a_header_that_cannot_be_used(tmp_path: Path, header: str, why: str) -> None:
    with pytest.raises(NotCollected, match=why):
        read_bytes(tmp_path, f"{header}\r\n1,2\r\n".encode())


@pytest.mark.parametrize(
    ("rows", "kept", "line", "why"),
    [
        ('"a"\r\n"c","3"\r\n', [["c", "3"]], 2, "1 cells where the header names 2"),
        ('"a","1","x"\r\n"c","3"\r\n', [["c", "3"]], 2, "3 cells where the header names 2"),
        ('"a","1"\r\n"b","cut', [["a", "1"]], 3, "ends within quotes"),
        ('"a","1"\r\nb,tru', [["a", "1"], ["b", "tru"]], 3, "may be cut off"),
        ('"a","1"\r\n"b"x,"2"\r\n"c","3"\r\n', [["a", "1"]], 3, "nothing from here on was read"),
        ('"a","1"\r\n\0\0\r\n', [["a", "1"]], 3, "NUL byte"),
    ],
)
def test_a_broken_row_is_named_by_its_line(tmp_path: Path, rows: str, kept: list[list[str]], line: int, why: str) -> None:
    objects, faults = read_bytes(tmp_path, f'"Name","Size"\r\n{rows}'.encode())
    assert [list(one.values()) for one in objects] == kept
    assert [(fault.file, fault.line) for fault in faults] == [("Get-Mailbox.csv", line)]
    assert why in faults[0].message


def test_an_empty_line_is_a_row_when_there_is_one_column(tmp_path: Path) -> None:
    objects, _ = read_bytes(tmp_path, b'"TenantID"\r\n\r\n"a"\r\n')
    assert objects == [{"TenantID": ""}, {"TenantID": "a"}]


def test_a_very_long_cell_is_read(tmp_path: Path) -> None:
    objects, faults = read_bytes(tmp_path, b'"Name","Size"\r\n"' + b"x" * 1_000_000 + b'","1"\r\n')
    assert faults == []
    assert len(objects[0]["Name"]) == 1_000_000


@given(st.lists(st.lists(st.text(alphabet='a"\r\n,', max_size=4), min_size=2, max_size=2), min_size=1, max_size=3), st.data())
def test_a_cut_file_never_gives_a_cell_that_was_not_there(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], data: st.DataObject
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["A", "B"], *rows])
    whole = text.getvalue().encode()
    objects, faults = read_bytes(tmp_path_factory.getbasetemp(), whole[: data.draw(st.integers(9, len(whole) - 1))])
    kept = [list(one.values()) for one in objects]
    assert faults or kept == rows[: len(kept)]


@given(st.binary(max_size=60) | st.text(alphabet='",;\r\n\0ab', max_size=40).map(str.encode))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    try:
        objects, faults = read_bytes(tmp_path_factory.getbasetemp(), data)
    except NotCollected:
        return
    assert len({tuple(one) for one in objects}) <= 1
    assert all(fault.message for fault in faults)


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes('"Name","Größe"\r\n"Zoë €","1"\r\n'.encode("windows-1252"))
    reading = read(path)
    assert list(reading.items) == [{"Name": "Zoë €", "Größe": "1"}]
    assert reading.remarks == ("x.csv is not UTF-8; it was read as Windows-1252",)


@pytest.mark.parametrize(
    "data",
    [
        '"Name"\r\n"Zoë"\r\n'.encode() + b'"Zo\xeb"\r\n',
        b'\xef\xbb\xbf"Name"\r\n"Zo\xeb"\r\n',
        '"Name"\r\n"Zoë"\r\n'.encode("utf-16") + b"\xeb",
    ],
)
def test_a_damaged_file_of_another_encoding_is_not_taken_for_windows_1252(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert read(path).remarks == ()


def test_a_byte_that_windows_1252_does_not_have_spoils_only_its_cell(tmp_path: Path) -> None:
    objects, faults = read_bytes(tmp_path, b'"Name","Size"\r\n"Zo\xeb","\x81"\r\n')
    assert (objects, faults) == ([{"Name": "Zoë", "Size": "\udcff"}], [])


@pytest.mark.parametrize("rows", ["x" * 300, '"a",' * 100, '"' + "x\n" * 150])
def test_an_endless_row_is_refused_and_many_short_ones_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str) -> None:
    monkeypatch.setattr(csv_file, "LONGEST_ROW", 200)
    objects, faults = read_bytes(tmp_path, ('"A","B"\r\n' + '"a","1"\r\n' * 50 + rows).encode())
    assert len(objects) == 50
    assert "a row is longer than 200 characters; nothing from here on was read" in faults[-1].message
