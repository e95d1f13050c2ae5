"""JSON exports: every form that people have, and every way in which a file can be broken."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.readers import scanner
from ctm_audit.readers.files import read

TEXTS = st.text(max_size=12)
OBJECTS = st.lists(
    st.dictionaries(TEXTS, TEXTS | st.integers() | st.booleans() | st.none() | st.lists(TEXTS, max_size=3), min_size=1), max_size=6
)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]


def read_bytes(folder: Path, data: bytes) -> tuple[list[Mapping[str, Any]], list[Fault]]:
    path = folder / "Get-Mailbox.json"
    path.write_bytes(data)
    items = list(read(path).items)
    return [item for item in items if not isinstance(item, Fault)], [item for item in items if isinstance(item, Fault)]


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"a": 2}]',
        '{"a": 1}\r\n{"a": 2}\r\n',
        '{"a": 1}{"a": 2}',
        '[{"a": 1}]\n[{"a": 2}]',
        '[[{"a": 1}], [{"a": 2}]]',
        '{"value": [{"a": 1}], "@odata.nextLink": "https://next"}{"value": [{"a": 2}]}',
        '[{"value": [{"a": 1}], "@odata.nextLink": "https://n"}, {"value": [], "@odata.nextLink": "https://n"}, {"value": [{"a": 2}]}]',
        '{"@odata.context": "x", "@adminapi.warnings": [], "value": [{"a": 1}, {"a": 2}]}',
        '{"value": [{"a": 1}, {"a": 2}], "Count": 2}',
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_form_of_two_objects(tmp_path: Path, text: str, encoding: str) -> None:
    assert read_bytes(tmp_path, text.encode(encoding)) == ([{"a": 1}, {"a": 2}], [])


def test_utf_16_big_endian(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, codecs.BOM_UTF16_BE + '[{"a": "ü😀"}]'.encode("utf-16-be")) == ([{"a": "ü😀"}], [])


def test_files_put_one_after_another(tmp_path: Path) -> None:
    page = '{"value": [{"a": 1}]}\r\n'.encode("utf-8-sig")
    assert read_bytes(tmp_path, page * 3) == ([{"a": 1}] * 3, [])


@pytest.mark.parametrize("text", ["[]", "[\n]", '{"value": []}', '[{"value": []}]'])
def test_no_objects_are_an_answer(tmp_path: Path, text: str) -> None:
    assert read_bytes(tmp_path, text.encode()) == ([], [])


@pytest.mark.parametrize("data", [b"", b"\r\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF8 + b" \n"])
def test_an_empty_file_is_no_answer(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotCollected, match="holds nothing"):
        read_bytes(tmp_path, data)


@given(OBJECTS, st.sampled_from(["list", "lines", "pages"]), st.sampled_from(ENCODINGS), st.sampled_from([None, 2]), st.integers(1, 40))
def test_round_trip_through_windows_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]], form: str, encoding: str, indent: int | None, step: int
) -> None:
    forms: dict[str, list[Any]] = {"list": [objects], "lines": objects, "pages": [{"value": [one]} for one in objects]}
    text = "\n".join(json.dumps(document, indent=indent, ensure_ascii=step % 2 == 0) for document in forms[form])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "STEP", step)
        path = tmp_path_factory.getbasetemp() / "round.json"
        path.write_bytes((text or "[]").encode(encoding, "surrogatepass"))
        assert list(read(path).items) == objects


@pytest.mark.parametrize(
    ("text", "kept", "place", "why"),
    [
        ('[{"a": 1},\n {"a": "cu', 1, (2, 8), "cut off"),
        ('[{"a": 1},\n {"a": 2}', 1 + 1, (2, 10), "cut off"),
        ('[{"a": 1},', 1, (1, 11), "cut off"),
        ("[", 0, (1, 2), "cut off"),
        ('{"a": 1}\n garbage', 1, (2, 2), "Expecting value"),
        ('[{"a": 1} {"a": 2}]', 1, (1, 11), "Expecting ',' or ']'"),
        ('[{"a": 1}, ]', 1, (1, 12), "Expecting value"),
        ("Name : Adele\nAlias: adele", 0, (1, 1), "Expecting value"),
        ('[{"a": 1},\n{"a": "\t"}]', 1, (2, 8), "Invalid control character"),
        ('[{"a": 1},\n{"a": ' + "9" * 5000 + "}]", 1, (2, 1), "thousands of digits"),
        ('[{"a": 1},\n\0\0\0', 1, (2, 1), "NUL byte"),
    ],
)
def test_where_reading_stops_is_said_and_what_came_before_is_kept(
    tmp_path: Path, text: str, kept: int, place: tuple[int, int], why: str
) -> None:
    objects, faults = read_bytes(tmp_path, text.encode())
    assert len(objects) == kept
    assert len(faults) == 1
    assert (faults[0].file, faults[0].line, faults[0].column) == ("Get-Mailbox.json", *place)
    assert why in faults[0].message
    assert "nothing from here on was read" in faults[0].message


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"a": {"b": 1, "b": 1}}', "stands twice"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ("null", "null"),
        ('"text"', "'text'"),
        ("7", "7"),
        ('{"error": {"code": "Denied", "message": "no"}}', "'Denied' 'no'"),
        ('{"value": [{}, {}], "Count": 3}', "3 members and has 2"),
    ],
)
def test_one_bad_object_costs_only_itself(tmp_path: Path, bad: str, why: str) -> None:
    objects, faults = read_bytes(tmp_path, f'[{{"a": 1}},\n{bad},\n{{"a": 3}}]'.encode())
    assert [one for one in objects if one] == [{"a": 1}, {"a": 3}]
    assert len(faults) == 1
    assert why in str(faults[0])
    assert "2" in str(faults[0]).partition(" ")[0] or "value 2" in str(faults[0])


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_huge_nesting_is_refused(tmp_path: Path, opening: str) -> None:
    objects, faults = read_bytes(tmp_path, opening.encode() * 100_000)
    assert objects == []
    assert "nested too deeply" in faults[0].message


def test_an_unfollowed_page_link_is_a_fault(tmp_path: Path) -> None:
    pages = '{"value": [{"id": 1}]} {"value": [{"id": 2}], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x"}'
    objects, faults = read_bytes(tmp_path, pages.encode())
    assert len(objects) == 2
    assert "@odata.nextLink that was not followed" in faults[0].message
    assert "skiptoken" not in str(faults[0])


def test_utf_16_without_a_mark_is_named(tmp_path: Path) -> None:
    objects, faults = read_bytes(tmp_path, '[{"a": 1}]'.encode("utf-16-le"))
    assert objects == []
    assert "UTF-16 without a byte order mark" in faults[0].message


@pytest.mark.parametrize(
    "data",
    [
        b'[{"a": "\xff"}, {"a": "b"}]',
        b'[{"a": "\\ud800"}, {"a": "b"}]',
        codecs.BOM_UTF16_LE + '[{"a": "\ud800"}, {"a": "b"}]'.encode("utf-16-le", "surrogatepass"),
    ],
)
def test_bytes_that_are_no_text_spoil_one_cell_only(tmp_path: Path, data: bytes) -> None:
    objects, faults = read_bytes(tmp_path, data)
    assert faults == []
    assert len(objects) == 2
    assert objects[1] == {"a": "b"}
    with pytest.raises(UnicodeEncodeError):
        objects[0]["a"].encode()


def test_a_value_longer_than_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "STEP", 16)
    monkeypatch.setattr(scanner, "LONGEST_VALUE", 64)
    objects, faults = read_bytes(tmp_path, b'[{"a": 1}, {"a": "' + b"x" * 1000 + b'"}]')
    assert objects == [{"a": 1}]
    assert "longer than 64 characters" in faults[0].message


@given(OBJECTS, st.data())
def test_a_cut_file_never_passes_as_whole(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]], data: st.DataObject
) -> None:
    whole = json.dumps(objects).encode()
    kept, faults = read_bytes(tmp_path_factory.getbasetemp(), whole[: data.draw(st.integers(1, len(whole) - 1))])
    assert kept == objects[: len(kept)]
    assert faults


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:0a \n\\u', max_size=40).map(str.encode))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    try:
        objects, faults = read_bytes(tmp_path_factory.getbasetemp(), data)
    except NotCollected:
        return
    assert objects or faults or data.strip(b"\xef\xbb\xbf \r\n\t").startswith((b"[", b"{", b"\xff\xfe", b"\xfe\xff"))
