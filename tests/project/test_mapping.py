"""mapping.csv in every form that people save it in, and every fault of it with line and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctm_audit.csv_lines import split_line
from ctm_audit.mapping import Reading, read_mapping
from ctm_audit.mapping_sheet import COLUMNS

ROWS = "source,target,wave\nAda@Contoso.com,ada@fabrikam.com,1\nzoë@contoso.com,zoe@fabrikam.com,1\n"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads a text or bytes as mapping.csv of a project with the waves 1 and pilot."""

    def reading(content: str | bytes, waves: tuple[str, ...] | None = ("1", "pilot")) -> Reading:
        path = tmp_path / "mapping.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read_mapping(path, waves)

    return reading


def told(reading: Reading) -> list[str]:
    return [
        f"{fault.line}:{fault.column}: {fault.message}" for fault in sorted(reading.faults, key=lambda fault: (fault.line, fault.column))
    ]


def test_the_columns_are_those_of_the_contract(read: Any) -> None:
    rows = read(ROWS).table.rows
    assert rows.column_names == ["row", "line", "source", "target", "source_key", "target_key", *COLUMNS[2:]]
    assert [str(kind) for kind in rows.schema.types] == ["int64"] * 2 + ["string"] * (len(COLUMNS) + 2)
    assert all(column.null_count == 0 for column in rows.columns)


def test_keys_are_folded_and_the_text_stays_as_written(read: Any) -> None:
    rows = read("source,target\n Ada@Contoso.com ,STRASSE@fabrikam.com\nGroß@contoso.com,B@x.com\n").table.rows.to_pylist()
    assert [(row["source"], row["source_key"]) for row in rows] == [
        ("Ada@Contoso.com", "ada@contoso.com"),
        ("Groß@contoso.com", "gross@contoso.com"),
    ]
    assert rows[0]["target_key"] == "strasse@fabrikam.com"


FORMS = {
    "byte-order mark": "\ufeff" + ROWS,
    "semicolons": ROWS.replace(",", ";"),
    "tabs": ROWS.replace(",", "\t"),
    "quotes": '"source","target","wave"\n"Ada@Contoso.com","ada@fabrikam.com","1"\n"zoë@contoso.com","zoe@fabrikam.com","1"\n',
    "some quotes": ROWS.replace("Ada@Contoso.com", '"Ada@Contoso.com"'),
    "Windows line ends": ROWS.replace("\n", "\r\n"),
    "old Mac line ends": ROWS.replace("\n", "\r"),
    "no line end at the end": ROWS.rstrip(),
    "other names": ROWS.replace("source,target", "SourceUser,TARGETUSER"),
    "blanks around": ROWS.replace(",", " , ").replace("source", " Source"),
    "another order": "wave,target,source\n1,ada@fabrikam.com,Ada@Contoso.com\n1,zoe@fabrikam.com,zoë@contoso.com\n",
    "empty columns more": ROWS.replace("wave\n", "wave,upn,license\n").replace(",1\n", ",1,,\n"),
    "UTF-16": ROWS.encode("utf-16"),
    "UTF-16 big-endian": b"\xfe\xff" + ROWS.encode("utf-16-be"),
    "Windows-1252": ROWS.encode("windows-1252"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form: str, read: Any) -> None:
    plain, other = read(ROWS), read(FORMS[form])
    assert not other.faults
    assert other.table.rows.equals(plain.table.rows)
    assert other.table.digest == plain.table.digest


@pytest.mark.parametrize("form", [form for form in FORMS if form != "Windows-1252"])
def test_only_windows_1252_is_noted(form: str, read: Any) -> None:
    assert not any("UTF-8" in note for note in read(FORMS[form]).table.notes)


def test_windows_1252_is_noted_in_a_sentence(read: Any) -> None:
    notes = read(FORMS["Windows-1252"]).table.notes
    assert any("is not UTF-8; it was read as Windows-1252." in note for note in notes)


@pytest.mark.parametrize(
    "other",
    [
        ROWS.replace("Ada", "Bob"),
        ROWS.replace("Ada", "ada"),
        "source,target,wave\n" + "".join(reversed(ROWS.splitlines(keepends=True)[1:])),
        ROWS.replace(",1\n", ",pilot\n", 1),
        ROWS.replace("wave", "license"),
    ],
)
def test_another_meaning_has_another_digest(other: str, read: Any) -> None:
    assert read(other).table.digest != read(ROWS).table.digest


def test_blank_lines_are_passed_over_and_lines_still_count(read: Any) -> None:
    rows = read('source,target\n\n , \na@x.com,b@y.com\n,\n"",""\nc@x.com,d@y.com\n\n').table.rows
    assert rows["line"].to_pylist() == [4, 7]
    assert rows["row"].to_pylist() == [1, 2]


HEADERS = [
    ("", "1:1: unknown column ''; known are source, target"),
    ("source", "1:1: the first line must name the columns source and target; target missing"),
    ("a@x.com,b@y.com", "1:1: unknown column 'a@x.com'"),
    ("source,target,waves", "1:15: unknown column 'waves'; did you mean 'wave'?"),
    ("source,target,Source", "1:15: the column source stands already in column 1"),
    ("source,SourceUser,target", "1:8: the column source stands already in column 1"),
    ('source,"target', "1:8: the quote does not close on this line"),
    ("source|target", "1:1: unknown column 'source|target'"),
    ("s\0o\0u\0", "1:2: NUL bytes: UTF-16 without a byte-order mark?"),
]


@pytest.mark.parametrize(("header", "fault"), HEADERS)
def test_a_wrong_header_is_told_at_its_place(header: str, fault: str, read: Any) -> None:
    found = told(read(f"{header}\na@x.com,b@y.com\n"))
    assert any(line.startswith(fault) for line in found), found


LINES = [
    ("a@x.com", "2:1: cells: 1, but the header has 3"),
    ("a@x.com,b@y.com,1,more", "2:19: cells: 4, but the header has 3"),
    (",b@y.com,1", "2:1: source is empty"),
    ("a@x.com, ,1", "2:9: target is empty"),
    ("=a@x.com,b@y.com,1", "2:1: source: '=a@x.com' begins like a formula"),
    ("a@x.com,@b,1", "2:9: target: '@b' begins like a formula"),
    ('a@x.com,"b@y.com,1', "2:9: the quote does not close on this line"),
    ('a@x.com,"b"@y.com,1', "2:12: text stands behind the closing quote"),
    ('a@x.com,b"b@y.com,1', "2:10: a quote stands inside a cell without quotes"),
    ("a@x.com,b@\u200by.com,1", "2:11: a character that cannot be seen: U+200B, zero width space"),
    ("a@x.com,b@y.com\x07,1", "2:16: a character that cannot be seen: U+0007, a control character"),
    ('a@x.com,"b@\ty.com",1', "2:12: a character that cannot be seen: U+0009, a control character"),
    ("a@x.com,b@y.com\0,1", "2:16: a character that cannot be seen: U+0000"),
    ("a@x.com,\u202eb@y.com,1", "2:9: a character that cannot be seen: U+202E, right-to-left override"),
    ("a@x.com,b@y.com,2", "2:17: the project file has no [[wave]] named '2'"),
    ("a@x.com,b@y.com,Pilot", "2:17: the project file has no [[wave]] named 'Pilot'; did you mean 'pilot'?"),
]


@pytest.mark.parametrize(("line", "fault"), LINES)
def test_a_wrong_line_is_told_at_its_place_and_stops_no_other(line: str, fault: str, read: Any) -> None:
    found = told(read(f"source,target,wave\n{line}\nq@x.com,,1\n"))
    assert len(found) == 2, found
    assert found[0].startswith(fault)
    assert found[1] == "3:9: target is empty"


@pytest.mark.parametrize("column", ["upn", "primary", "final_upn", "final_primary"])
@pytest.mark.parametrize("text", ["ada", "ada@contoso", "a b@contoso.com", "@contoso.com", "ada@contoso..com", "a@b@c.com", "=a@b.com"])
def test_addresses_must_be_addresses(column: str, text: str, read: Any) -> None:
    (fault,) = told(read(f"source,target,{column}\na,b,{text}\nc,d,ada@contoso.com\ne,f,\n"))
    assert fault == f"2:5: {column}: {text!r} is not an address such as ada@contoso.com"


def test_the_route_is_closed_and_folded(read: Any) -> None:
    reading = read("source,target,route\na,b,MRS\nc,d,\ne,f,Orchestrator\n")
    assert reading.table.rows["route"].to_pylist() == ["mrs", "", "orchestrator"]
    assert told(read("source,target,route\na,b,post\n")) == ["2:5: route: 'post' is neither mrs nor orchestrator"]


@pytest.mark.parametrize("column", ["source", "target", "upn", "primary", "final_upn", "final_primary"])
def test_a_second_of_the_same_names_both_lines(column: str, read: Any) -> None:
    lines = [{"source": f"s{number}@x.com", "target": f"t{number}@x.com", column: text} for number, text in enumerate(TWINS)]
    columns = list(lines[0])
    text = "\n".join([",".join(columns), *(",".join(line[name] for name in columns) for line in lines)])
    found = told(read(text))
    at = sum(len(lines[0][name]) + 1 for name in columns[: columns.index(column)]) + 1
    assert found == [f"4:{at}: {column} 'gross@contoso.com' stands already in line 2"]


TWINS = ["groß@contoso.com", "other@contoso.com", "GROSS@Contoso.com"]


def test_the_same_person_on_both_sides_is_left_to_the_rules(read: Any) -> None:
    assert not read("source,target,upn,primary\nada@x.com,ada@x.com,ada@x.com,ada@x.com\n").faults


def test_a_broken_line_still_counts_for_doubles(read: Any) -> None:
    assert told(read('source,target\na@x.com,b"@y.com\na@x.com,c@y.com\n')) == [
        "2:10: a quote stands inside a cell without quotes",
        "3:1: source 'a@x.com' stands already in line 2",
    ]


def test_one_unknown_wave_is_one_fault_with_its_count(read: Any) -> None:
    text = "source,target,wave\n" + "".join(f"a{number}@x.com,b{number}@x.com,7\n" for number in range(400))
    assert told(read(text)) == ["2:19: the project file has no [[wave]] named '7' (400 rows)"]


def test_unknown_project_waves_compare_nothing(read: Any) -> None:
    assert not read("source,target,wave\na,b,7\n", None).faults


def test_a_mapping_without_rows_is_no_mapping(read: Any) -> None:
    for text in ("source,target\n", "source,target", "source,target\n\n,\n"):
        assert told(read(text)) == ["1:1: there is no row below the header; write one for each mailbox"]


def test_neither_utf8_nor_windows_1252_has_its_place(read: Any) -> None:
    assert told(read(b"source,target\na,b\xfc\x81\n")) == [
        "2:5: byte 0x81 is no character of windows-1252; the file is neither UTF-8 nor Windows-1252; save it as UTF-8"
    ]


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (missing,) = read_mapping(tmp_path / "mapping.csv", ()).faults
    assert (missing.line, missing.message) == (0, "the file does not exist")
    (folder,) = read_mapping(tmp_path, ()).faults
    assert folder.message.startswith("the file cannot be read")


def test_notes_name_empty_waves_unassigned_rows_and_signs(read: Any) -> None:
    notes = read("source,target,wave\n+a@x.com,b@x.com,1\nc@x.com,-d@x.com,\n").table.notes
    assert [note.partition("mapping.csv: ")[2] for note in notes] == [
        "no row is in wave 'pilot'.",
        "rows without a wave: 1.",
        "cells of source that begin with + or -: 1; kept as text, but a spreadsheet would compute them.",
        "cells of target that begin with + or -: 1; kept as text, but a spreadsheet would compute them.",
    ]


def test_a_cell_larger_than_a_block_is_read(read: Any) -> None:
    long = "x" * 3_000_000
    assert read(f"source,target\n{long},b\nc,d\n").table.rows["source"][0].as_py() == long


def test_ten_thousand_wrong_lines_are_looked_at_and_the_rest_counted(read: Any) -> None:
    found = read("source,target\n" + "x\n" * 10_005).faults
    assert len(found) == 10_001
    assert found[-1].message == "5 more lines are wrong"


SIGNS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"])
CELLS = st.text(SIGNS, min_size=1, max_size=8).filter(lambda text: text.strip() and text.strip()[0] not in "=@+-")


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5, unique_by=(lambda row: fold(row[0]), lambda row: fold(row[1]))),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoted=st.booleans(),
)
@example(rows=[('"', ",")], separator=";", end="\n", encoding="utf-8", quoted=False)
def test_what_is_written_is_what_is_read(
    rows: list[tuple[str, str]], separator: str, end: str, encoding: str, quoted: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quoted or '"' in text or separator in text else text

    lines = [separator.join(["source", "target"]), *(separator.join(map(cell, row)) for row in rows)]
    path = tmp_path_factory.getbasetemp() / "written.csv"
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    reading = read_mapping(path, ())
    assert not reading.faults
    found = reading.table.rows.to_pylist()
    assert [(row["source"], row["target"]) for row in found] == [(source.strip(), target.strip()) for source, target in rows]
    assert [row["source_key"] for row in found] == [fold(source) for source, _ in rows]


def fold(text: str) -> str:
    return text.strip().casefold()


@given(line=st.text(st.sampled_from('ab",;\t \u200b\x00='), max_size=12), separator=st.sampled_from(",;\t"))
def test_the_quick_look_and_the_slow_one_agree(line: str, separator: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A line is refused exactly when the slow look finds a complaint or another number of cells."""
    path = tmp_path_factory.getbasetemp() / "line.csv"
    path.write_text(f"source{separator}target\nq{separator}r\n{line}\n", encoding="utf-8", newline="\n")
    cells = split_line(line, separator)
    is_blank = not line.replace('""', "").strip(f" \t{separator}")
    is_sound = len(cells) == 2 and not any(cell.complaints for cell in cells)
    texts = [cell.text.strip() for cell in cells]
    is_good = is_sound and all(text and text[0] not in "=@" for text in texts) and texts[0] != "q" and texts[1] != "r"
    assert bool(read_mapping(path, ()).faults) == (not is_blank and not is_good)
