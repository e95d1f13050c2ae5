"""Readers and intake against damaged files: no crash, and no row is lost in silence.

A short run in CI; ten minutes in `make nightly`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.errors import Fault
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.readers.files import read
from tests.evidence.exported import WHEN, mailbox
from tests.readers.clixml_writer import HEAD, Writer, clixml

NIGHTLY_SECONDS = 600
ROUNDS = 60
BOXES = [mailbox(number, EmailAddresses=f"SMTP:a{number}@x.com;X500:/o=é") for number in range(4)]


def as_csv(boxes: list[dict[str, Any]]) -> bytes:
    rows = [list(boxes[0]), *([str(value) for value in box.values()] for box in boxes)]
    return "".join(";".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows).encode()


def as_excel(boxes: list[dict[str, Any]], folder: Path) -> bytes:
    book = openpyxl.Workbook()
    for row in [list(boxes[0]), *([str(value) for value in box.values()] for box in boxes)]:
        book.worksheets[0].append(row)
    book.save(folder / "seed.xlsx")
    return (folder / "seed.xlsx").read_bytes()


SEEDS: dict[str, Callable[[Path], bytes]] = {
    "json": lambda _: json.dumps(BOXES, indent=1).encode(),
    "json of UTF-16": lambda _: json.dumps(BOXES, ensure_ascii=False).encode("utf-16"),
    "csv": lambda _: as_csv(BOXES),
    "xml": lambda _: clixml(BOXES).encode(),
    "xml of UTF-16": lambda _: clixml(BOXES).encode("utf-16"),
    "xlsx": lambda folder: as_excel(BOXES, folder),
}
PIECES = [
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b'"',
    b"[",
    b"}",
    b"<",
    b"&a;",
    b"]]>",
    b"\\ud800",
    b"\r\n",
    b"1e999",
    b"null",
    b"_xD800_",
    b"<!DOCTYPE x>",
]


def take(path: Path) -> Intake | None:
    """The intake of a damaged file; None when it says that it cannot be used. Whatever was received is kept, or its loss is named."""
    try:
        reading = read(path)
        made = intake("mailboxes", reading.items, Meta("source", path.name, WHEN, properties=reading.properties, remarks=reading.remarks))
    except NotCollected:
        return None
    assert made.table.num_rows + made.dropped == made.received
    assert not made.dropped or made.losses or made.remarks
    return made


def damaged(data: bytes, dice: random.Random) -> bytes:
    """The bytes with a few of them changed, cut out, doubled or put in."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        place, length = dice.randrange(len(found) + 1), dice.randint(1, 40)
        match dice.randrange(5):
            case 0 if found:
                found[min(place, len(found) - 1)] = dice.randrange(256)
            case 1:
                del found[place : place + length]
            case 2:
                found[place:place] = found[place : place + length]
            case 3:
                found[place:place] = dice.choice(PIECES)
            case _:
                del found[max(place, 1) :]
    return bytes(found)


def fuzz(folder: Path, form: str, seed: int) -> None:
    path = folder / f"Get-Mailbox.{form.partition(' ')[0]}"
    path.write_bytes(damaged(SEEDS[form](folder), random.Random(seed)))
    take(path)  # a failure shows the seed among the arguments


@pytest.mark.parametrize("form", SEEDS)
def test_damaged_files(tmp_path: Path, form: str) -> None:
    for seed in range(ROUNDS if form != "xlsx" else ROUNDS // 5):
        fuzz(tmp_path, form, seed)


@pytest.mark.nightly
@pytest.mark.parametrize("form", SEEDS)
def test_damaged_files_for_ten_minutes(tmp_path: Path, form: str) -> None:
    end, seed = time.monotonic() + NIGHTLY_SECONDS / len(SEEDS), 1_000_000
    while time.monotonic() < end:
        fuzz(tmp_path, form, seed)
        seed += 1


BAD_ROWS: dict[str, list[str]] = {
    "json": ['{"a": NaN}', '{"a": 1, "a": 2}', '"text"', "7", "null", '{"error": {"code": "x"}}', '{"Name": 1, "name": 2}'],
    "csv": ["one cell", '"a";"b";"c"', ";;;;;;"],
    "xml": ["<S>text</S>", "<Nil />", '<Obj RefId="9"><Props><S N="a">1</S><S N="a">2</S></Props></Obj>', '<Ref RefId="77" />'],
}


def written(form: str, rows: list[int | str]) -> str:
    if form == "json":
        return "[" + ",\n".join(row if isinstance(row, str) else json.dumps(BOXES[row]) for row in rows) + "]"
    if form == "csv":
        header, *lines = as_csv(BOXES).decode().splitlines(keepends=True)
        return header + "".join(f"{row}\r\n" if isinstance(row, str) else lines[row] for row in rows)
    writer = Writer()
    return HEAD + "\n".join(row if isinstance(row, str) else writer.record(BOXES[row]) for row in rows) + "</Objs>"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(BAD_ROWS)), st.data())
def test_rows_in_are_rows_kept_and_rows_named(tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject) -> None:
    rows: list[int | str] = data.draw(st.lists(st.integers(0, 3) | st.sampled_from(BAD_ROWS[form]), max_size=8))
    path = tmp_path_factory.getbasetemp() / f"Get-Mailbox.{form}"
    path.write_text(written(form, rows), encoding="utf-8", newline="")
    items = list(read(path).items)
    named = [item for item in items if isinstance(item, Fault)]
    assert len(items) == len(rows)
    assert len(named) >= sum(isinstance(row, str) for row in rows) - rows.count(BAD_ROWS["json"][-1])
    made = take(path)
    if made and any(isinstance(row, str) for row in rows):
        assert made.losses
    if made:
        assert made.table.num_rows == len({row for row in rows if isinstance(row, int)})
