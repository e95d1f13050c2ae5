"""Export-Clixml: every element that PowerShell writes, broken files, and files that mean harm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.readers import clixml as reader
from ctm_audit.readers.clixml_values import NOT_KEPT
from ctm_audit.readers.files import read
from tests.readers.clixml_writer import HEAD, clixml

TEXT = st.text(max_size=12)
VALUE = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), TEXT, st.lists(TEXT, max_size=3))
SIZE = '<TN RefId="0"><T>Deserialized.Microsoft.Exchange.Data.ByteQuantifiedSize</T></TN>'
NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True)


def read_bytes(folder: Path, data: bytes) -> tuple[list[Mapping[str, Any]], list[Fault]]:
    path = folder / "Get-Mailbox.xml"
    path.write_bytes(data)
    items = list(read(path).items)
    return [item for item in items if not isinstance(item, Fault)], [item for item in items if isinstance(item, Fault)]


def read_members(folder: Path, inner: str) -> Mapping[str, Any]:
    objects, faults = read_bytes(folder, f'{HEAD}<Obj RefId="0"><Props>{inner}</Props></Obj></Objs>'.encode())
    assert (len(objects), faults) == (1, [])
    return objects[0]


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ('<S N="x">a_x000A_b_x005F_x0041_ &amp;</S>', "a\nb_x0041_ &"),
        ('<S N="x">_xD83D__xDE00_</S>', "😀"),
        ('<S N="x"></S>', ""),
        ('<Nil N="x" />', None),
        ('<B N="x">true</B>', True),
        ('<I32 N="x">-7</I32>', -7),
        ('<U64 N="x">18446744073709551615</U64>', 2**64 - 1),
        ('<I64 N="x">nine</I64>', "nine"),
        ('<G N="x">c505fea7-83dd-4a9e-940b-92b8764f2856</G>', "c505fea7-83dd-4a9e-940b-92b8764f2856"),
        ('<DT N="x">2026-11-20T17:00:00.1234567Z</DT>', "2026-11-20T17:00:00.1234567Z"),
        ('<TS N="x">P90D</TS>', "P90D"),
        ('<Db N="x">1.5</Db>', "1.5"),
        ('<BA N="x">AAE=</BA>', "AAE="),
        ('<URI N="x">https://a.example/</URI>', "https://a.example/"),
        ('<SS N="x">01000000d08c9ddf</SS>', NOT_KEPT),
        ('<Obj N="x" RefId="1"><LST><S>a</S><Nil /><Obj RefId="2"><LST><S>b</S></LST></Obj></LST></Obj>', ["a", None, ["b"]]),
        ('<Obj N="x" RefId="1"><IE><S>a</S></IE></Obj>', ["a"]),
        ('<Obj N="x" RefId="1"><STK><S>a</S></STK></Obj>', ["a"]),
        ('<Obj N="x" RefId="1"><QUE /></Obj>', []),
        ('<Obj N="x" RefId="1"><DCT><En><S N="Key">k</S><I32 N="Value">1</I32></En></DCT></Obj>', {"k": 1}),
        ('<Obj N="x" RefId="1"><TN RefId="0"><T>A.Plan</T></TN><ToString>A.Plan</ToString><Props><S N="y">z</S></Props></Obj>', {"y": "z"}),
        ('<Obj N="x" RefId="1"><TN RefId="0"><T>E</T><T>System.Enum</T></TN><ToString>Room</ToString><I32>16</I32></Obj>', "Room"),
        ('<Obj N="x" RefId="1"><S>wrapped</S><MS><S N="note">y</S></MS></Obj>', "wrapped"),
        (
            f'<Obj N="x" RefId="1">{SIZE}<ToString>1 KB (1,024 bytes)</ToString><Props><U64 N="V">1</U64></Props></Obj>',
            "1 KB (1,024 bytes)",
        ),
        ('<Obj N="x" RefId="1" />', NOT_KEPT),
        ('<Ref N="x" RefId="99" />', NOT_KEPT),
        ('<Ref N="x" RefId="0" />', NOT_KEPT),
    ],
)
def test_each_element(tmp_path: Path, element: str, value: object) -> None:
    assert read_members(tmp_path, element) == {"x": value}


def test_types_and_objects_are_found_again_by_their_references(tmp_path: Path) -> None:
    enum = '<TN RefId="5"><T>E</T><T>Deserialized.System.Enum</T></TN><ToString>A</ToString><I32>1</I32>'
    again = '<Obj N="y" RefId="2"><TNRef RefId="5" /><ToString>B</ToString><I32>2</I32></Obj><Ref N="z" RefId="1" />'
    assert read_members(tmp_path, f'<Obj N="x" RefId="1">{enum}</Obj>{again}') == {"x": "A", "y": "B", "z": "A"}


def test_extended_members_stand_beside_the_properties(tmp_path: Path) -> None:
    whole = f'{HEAD}<Obj RefId="0"><Props><S N="a">1</S></Props><MS><S N="b">2</S></MS></Obj></Objs>'
    assert read_bytes(tmp_path, whole.encode()) == ([{"a": "1", "b": "2"}], [])


@pytest.mark.parametrize("whole", [f"{HEAD}</Objs>", '<?xml version="1.0"?><Objs/>', f"{HEAD}<Obj RefId='0'><LST /></Obj></Objs>"])
def test_no_objects_are_collected_and_empty(tmp_path: Path, whole: str) -> None:
    assert read_bytes(tmp_path, whole.encode()) == ([], [])


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe\r\0\n\0", b" \r\n"])
def test_an_empty_file_is_no_answer(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotCollected, match="holds nothing"):
        read_bytes(tmp_path, data)


@given(st.lists(st.dictionaries(NAME, VALUE, max_size=4), max_size=4), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]], encoding: str) -> None:
    objects = [{f"{name}x": value for name, value in one.items()} for one in objects]
    assert read_bytes(tmp_path_factory.getbasetemp(), clixml(objects).encode(encoding)) == (objects, [])


@given(st.data())
def test_a_cut_file_names_its_loss(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    objects = [{"Name": "a", "List": ["b", "c"]}, {"Name": "d", "List": []}]
    whole = clixml(objects).encode()
    kept, faults = read_bytes(tmp_path_factory.getbasetemp(), whole[: data.draw(st.integers(1, len(whole) - 1))])
    assert kept == objects[: len(kept)]
    assert [(fault.line > 0, "cut off" in fault.message or "not XML" in fault.message) for fault in faults] == [(True, True)]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("whole", "why"),
    [
        (f"{BOMB}<Objs><S>&b;</S></Objs>", "declares a document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><Objs />', "declares a document type"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Objs><S>&a;</S></Objs>', "declares a document type"),
        ("<Objs><S>&undefined;</S></Objs>", "not XML"),
        ("<html><body/></html>", "not Export-Clixml"),
        ("<S>text</S>", "not Export-Clixml"),
        ("<Objs><Obj><Other/></Obj></Objs>", "not Export-Clixml"),
        ("<Objs><Props/></Objs>", "outside of an object"),
        ("<Objs>" + '<Obj RefId="0"><LST>' * 101, "100 deep"),
        ("<Objs></Objs><Objs></Objs>", "not XML"),
        ("<Objs>\0</Objs>", "not XML"),
        ("no xml", "not XML"),
    ],
)
def test_what_is_not_clixml_is_named(tmp_path: Path, whole: str, why: str) -> None:
    objects, faults = read_bytes(tmp_path, whole.encode())
    assert objects == []
    assert any(why in fault.message for fault in faults)
    assert not any("passwd" in str(fault) for fault in faults)


def test_a_property_twice_costs_only_its_object(tmp_path: Path) -> None:
    twice = '<Obj RefId="0"><Props><S N="a">1</S></Props><MS><S N="a">2</S></MS></Obj>'
    objects, faults = read_bytes(tmp_path, f'{HEAD}{twice}<Obj RefId="1"><Props><S N="a">3</S></Props></Obj></Objs>'.encode())
    assert objects == [{"a": "3"}]
    assert "stands twice in one object" in faults[0].message


@pytest.mark.parametrize("inner", ["<S N='a'>" + "x" * 3_000, "<x" + "y" * 3_000, "<Obj RefId='1'><LST>" + "<Nil/>" * 3_000])
def test_one_endless_object_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inner: str) -> None:
    for name, limit in (("LONGEST_OBJECT", 1_000), ("LONGEST_TAG", 1_000), ("STEP", 256)):
        monkeypatch.setattr(reader, name, limit)
    objects, faults = read_bytes(tmp_path, f"{HEAD}<Obj RefId='0'><Props>{inner}".encode())
    assert objects == []
    assert "longer than 1,000 characters" in faults[0].message


@given(st.binary(max_size=60) | st.text(alphabet='<>/="SObjNLT &;', max_size=60).map(lambda text: f"<Objs><Obj RefId='0'>{text}".encode()))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    try:
        objects, faults = read_bytes(tmp_path_factory.getbasetemp(), data)
    except NotCollected:
        return
    assert not objects
    assert faults
