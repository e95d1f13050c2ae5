"""One simulated truth in each format: the same bytes where the format can say it all, and never another value where it cannot."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.evidence.bundle import write_bundle
from ctm_audit.evidence.intake import Intake, Meta, intake
from ctm_audit.evidence.tables import SIDES, Side, Table, tables_of
from ctm_audit.readers.files import read
from ctm_audit.readers.unpack import unpacked
from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.export import objects_of
from tests.evidence.exported import WHEN, mailbox, object_id
from tests.readers.clixml_writer import clixml

Objects = Sequence[dict[str, Any]]
SEPARATOR = ";"


def as_json_lines(path: Path, objects: Objects) -> None:
    path.write_text("\r\n".join(map(json.dumps, objects)) or "[]", encoding="utf-16")


def as_json(path: Path, objects: Objects) -> None:
    path.write_text(json.dumps(objects, ensure_ascii=False), encoding="utf-8-sig")


def as_pages(path: Path, objects: Objects) -> None:
    pages = [{"value": [one], "@odata.nextLink": "https://next"} for one in objects]
    path.write_text("".join(json.dumps(page) for page in [*pages, {"value": []}]), encoding="utf-8")


def as_clixml(path: Path, objects: Objects) -> None:
    path.write_text(clixml(objects), encoding="utf-8")


def as_clixml_of_windows(path: Path, objects: Objects) -> None:
    path.write_text(clixml(objects), encoding="utf-16")


def as_graph_powershell(path: Path, objects: Objects) -> None:
    path.write_text(json.dumps([{**_capitalised(one), "AdditionalProperties": {}} for one in objects]), encoding="utf-8")


def _capitalised(value: Any) -> Any:
    if isinstance(value, list):
        return [_capitalised(member) for member in value]
    return {name[:1].upper() + name[1:]: _capitalised(member) for name, member in value.items()} if isinstance(value, dict) else value


def _cell(value: Any) -> str:
    """A property as a person exports it who knows that lists must be joined."""
    if isinstance(value, list):
        return SEPARATOR.join(str(member) if not isinstance(member, dict) else "@{...}" for member in value)
    return "" if value is None else "System.Object" if isinstance(value, dict) else str(value)


def _sheet(objects: Objects) -> list[list[str]]:
    return [list(objects[0]), *([_cell(value) for value in one.values()] for one in objects)] if objects else [["Nothing"]]


def as_csv(path: Path, objects: Objects) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows(_sheet(objects))
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def as_excel(path: Path, objects: Objects) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row, cells in enumerate(_sheet(objects), 1):
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(row, column)
            cell.value, cell.data_type = value, "s"  # a person formats the columns as text
    book.save(path)


WHOLE: dict[str, tuple[str, Callable[[Path, Objects], None]]] = {
    "lines of UTF-16": ("json", as_json_lines),
    "pages": ("json", as_pages),
    "clixml": ("xml", as_clixml),
    "clixml of Windows PowerShell": ("xml", as_clixml_of_windows),
    "Graph PowerShell": ("json", as_graph_powershell),
}
FLAT: dict[str, tuple[str, Callable[[Path, Objects], None]]] = {"csv": ("csv", as_csv), "excel": ("xlsx", as_excel)}


def take(folder: Path, table: Table, side: Side, objects: Objects, form: tuple[str, Callable[[Path, Objects], None]]) -> Intake:
    path = folder / f"export.{form[0]}"
    form[1](path, objects)
    reading = read(path)
    return intake(table.name, reading.items, Meta(side, path.name, WHEN, part="g" if table.parts else "", properties=reading.properties))


def parquet(folder: Path, side: Side, made: Intake) -> bytes:
    bundle = write_bundle(folder, side=side, tenant_id="", initial_domain="", cloud="", collected_how="", tables=[made], absent={})
    return bundle.parquet(made.name).read_bytes()


def never_another_value(truth: Intake, flat: Intake) -> None:
    """Every cell is the true one, or was not collected, and then something says so."""
    key = [name for name in truth.table.column_names if name in flat.table.column_names]
    meant = {tuple(row[name] for name in flat_key(truth)): row for row in truth.table.to_pylist()}
    lost = False
    for row in flat.table.to_pylist():
        true = meant[tuple(row[name] for name in flat_key(truth))]
        for name in key:
            assert row[name] in (true[name], None), name
            lost |= row[name] != true[name]
    assert not lost or flat.holes
    assert flat.table.num_rows == truth.table.num_rows or flat.losses


def flat_key(made: Intake) -> tuple[str, ...]:
    from ctm_audit.evidence.tables import TABLES

    return TABLES[made.name].key


SCENARIO = contoso_to_fabrikam(people=8)
TRUTHS = [
    (side, table, objects_of(tenant, table))
    for side, tenant in zip(SIDES, (SCENARIO.source, SCENARIO.target), strict=True)
    for table in tables_of(side)
]


@pytest.mark.parametrize(("side", "table", "objects"), TRUTHS, ids=[f"{side} {table.name}" for side, table, _ in TRUTHS])
def test_a_simulated_tenant(tmp_path: Path, side: Side, table: Table, objects: Objects) -> None:
    truth = take(tmp_path, table, side, objects, ("json", as_json))
    whole = parquet(tmp_path / "truth", side, truth)
    for name, form in WHOLE.items():
        made = take(tmp_path, table, side, objects, form)
        assert (made.losses, made.holes, made.missing) == (truth.losses, truth.holes, truth.missing)
        assert parquet(tmp_path / name, side, made) == whole
    for form in FLAT.values() if objects else ():
        never_another_value(truth, take(tmp_path, table, side, objects, form))


HOSTILE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ["=1+1", "@SUM(A1)", "NA", "null", "007", "1.23E+15", "System.String[]", "a\r\nb", "_x000A_", "😀", "\u202e", "ﬁ", "x;y", "{a, b}"]
)
X500 = HOSTILE.map("X500:/o=Ex, Labs; (a|b)/cn={}".format)
BOX = st.builds(
    lambda number, name, dn, proxies, holds: mailbox(
        number,
        DisplayName=name,
        LegacyExchangeDN=dn,
        EmailAddresses=[f"SMTP:User{number}@contoso.com", *proxies],
        InPlaceHolds=[f"mbx{object_id(hold)}:2" for hold in holds],
    ),
    st.integers(0, 5),
    HOSTILE,
    HOSTILE,
    st.lists(X500 | st.just("smtp:é@x.example"), max_size=3),
    st.lists(st.integers(0, 9), max_size=2),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(BOX, min_size=1, max_size=4, unique_by=lambda box: box["ExternalDirectoryObjectId"]))
def test_hostile_mailboxes(tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]]) -> None:
    folder = tmp_path_factory.mktemp("truth")
    table = next(table for table in tables_of("source") if table.name == "mailboxes")
    truth = take(folder, table, "source", objects, ("json", as_json))
    whole = parquet(folder / "truth", "source", truth)
    for name, form in WHOLE.items():
        made = take(folder, table, "source", objects, form)
        assert (made.losses, made.holes, made.missing) == (truth.losses, truth.holes, truth.missing)
        assert parquet(folder / name, "source", made) == whole
    never_another_value(truth, take(folder, table, "source", objects, FLAT["csv"]))


def test_a_zip_is_its_folder(tmp_path: Path) -> None:
    files = {"Get-Mailbox.json": as_json, "Get-MailUser.xml": as_clixml}
    for name, write in files.items():
        write(tmp_path / name, [mailbox(1)])
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files:
            archive.write(tmp_path / name, name)
    with unpacked([tmp_path / "all.zip"]) as (folder,):
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == {name: (tmp_path / name).read_bytes() for name in files}
