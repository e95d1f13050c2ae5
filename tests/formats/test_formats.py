"""The formats of a run: made of its folder alone, whole, harmless, and the same bytes every time."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from ctm_audit.api import AuditResult, load_run, report_bytes, write_report
from ctm_audit.cli.console import echo_json
from ctm_audit.cli.main import main
from ctm_audit.engine.folder import read_findings
from ctm_audit.engine.runs import RunRecord, open_run
from ctm_audit.errors import Refused
from ctm_audit.report import older
from ctm_audit.report.formats import ENDINGS, workbook
from ctm_audit.report.formats.brief import OBJECTS
from ctm_audit.report.formats.write import WRITERS
from tests.report import sample
from tests.work.made import HOSTILE, finding, record

TEXT = {"type": "object", "properties": {"text": {"type": "string", "minLength": 1}}, "required": ["text"], "additionalProperties": False}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def closed(**properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties and no others; those whose name ends in _ may be missing."""
    told = {name.rstrip("_"): schema for name, schema in properties.items()}
    needed = [name for name in properties if not name.endswith("_")]
    return {"type": "object", "properties": told, "required": needed, "additionalProperties": False}


RULE = closed(
    id={"type": "string"},
    name={"type": "string"},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    helpUri_={"type": "string", "pattern": "^https://"},
    defaultConfiguration=closed(level=LEVEL),
    properties={"type": "object", "properties": {"tags": {"type": "array", "uniqueItems": True}}},
)
LOCATION = closed(
    physicalLocation=closed(artifactLocation=closed(uri={"const": "findings.csv"})),
    logicalLocations={
        "type": "array",
        "items": closed(name={"type": "string"}, fullyQualifiedName={"type": "string"}, kind={"type": "string"}),
    },
)
RESULT = closed(
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=TEXT,
    locations={"type": "array", "items": LOCATION, "minItems": 1},
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    suppressions_={"type": "array", "items": closed(kind={"enum": ["inSource", "external"]}, justification={"type": "string"})},
    properties={"type": "object"},
)
RUN = closed(
    tool=closed(driver=closed(name={"const": "ctm-audit"}, version={"type": "string"}, rules={"type": "array", "items": RULE})),
    automationDetails=closed(id={"type": "string"}),
    invocations={
        "type": "array",
        "items": closed(
            executionSuccessful={"const": True}, toolExecutionNotifications={"type": "array", "items": closed(level=LEVEL, message=TEXT)}
        ),
    },
    properties={"type": "object"},
    results={"type": "array", "items": RESULT},
)
SARIF = {
    **closed(version={"const": "2.1.0"}, runs={"type": "array", "items": RUN}),
    "required": ["$schema", "version", "runs"],
}
SARIF["properties"]["$schema"] = {"const": "https://json.schemastore.org/sarif-2.1.0.json"}
"""The part of SARIF 2.1.0 that is written here, key by key; its schema is in no package.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""


@pytest.fixture(scope="module")
def demo(broken_project: Path) -> RunRecord:
    return load_run(project=broken_project)


@pytest.fixture
def hostile(tmp_path: Path) -> RunRecord:
    """A run in which every name tries to be something else."""
    texts = [*HOSTILE, "=1+1", "+1", "-1", "@x", "[a](https://example.com)", "{0}", "x" * 40_000]
    made = record(tmp_path, (finding(object_id=told, object_name=told, expected=told, found=told, reason=told) for told in texts))
    next(rule for rule in made.document["rules"] if rule["id"] == "STP-05")["failed"] = len(texts)
    boxes = [{**row, "id": text, "target": text} for row, text in zip(sample.mailboxes(), texts, strict=False)]
    pa.parquet.write_table(pa.Table.from_pylist(boxes), tmp_path / "mailboxes.parquet")
    return made


def test_every_format_has_a_writer_and_an_ending() -> None:
    assert set(WRITERS) == set(ENDINGS)


@pytest.mark.parametrize("form", ENDINGS)
def test_the_same_run_gives_the_same_bytes_and_hostile_names_end_nothing(hostile: RunRecord, form: str) -> None:
    first = report_bytes(hostile, form)
    if form == "xlsx":
        time.sleep(2.1)  # times inside a zip have two seconds
    assert report_bytes(hostile, form) == first
    assert "\u202e".encode() not in first or form == "csv"


@pytest.mark.parametrize(("form", "file"), [("html", "readiness.html"), ("csv", "findings.csv"), ("junit", "junit.xml")])
def test_what_an_audit_has_written_is_written_again_alike(demo: RunRecord, form: str, file: str) -> None:
    assert report_bytes(demo, form) == (demo.folder / file).read_bytes()


def test_json_is_what_the_audit_prints_and_fits_its_schema(demo: RunRecord, capsys: pytest.CaptureFixture[str]) -> None:
    echo_json(AuditResult(demo.document, demo.folder, ()).with_findings())
    told = report_bytes(demo, "json").decode("ascii")
    assert told == capsys.readouterr().out
    schema = json.loads((Path(__file__).parents[2] / "docs" / "run.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(told))] == []


def test_sarif_has_every_finding_and_every_rule_and_fits(demo: RunRecord) -> None:
    log = json.loads(report_bytes(demo, "sarif"))
    assert [error.message for error in Draft202012Validator(SARIF).iter_errors(log)] == []
    run, found = log["runs"][0], read_findings(demo.folder)
    assert [result["ruleId"] for result in run["results"]] == [row["rule"] for row in found]
    assert all(run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    refusing = [result for result in run["results"] if result["properties"]["verdict"] == "undetermined" and result["level"] == "error"]
    assert refusing, "what was not judged is loud"
    assert not [result for result in refusing if "suppressions" in result]
    accepted = [result for result in run["results"] if "suppressions" in result]
    assert len(accepted) == sum(row["verdict"] in {"waived", "attested"} for row in found)
    objects = {(row["rule"], *row["object"].values()) for row in found}
    assert len({result["partialFingerprints"]["ctmAuditFinding/v1"] for result in run["results"]}) == len(objects)


def test_no_text_of_sarif_is_a_link_or_a_placeholder(hostile: RunRecord) -> None:
    messages = [result["message"]["text"] for result in json.loads(report_bytes(hostile, "sarif"))["runs"][0]["results"]]
    assert any(r"\[a\](https://example.com)" in text for text in messages)
    assert any("{{0}}" in text for text in messages)


def test_a_run_without_findings_is_whole_json(tmp_path: Path) -> None:
    nothing = record(tmp_path, [])
    assert json.loads(report_bytes(nothing, "json"))["findings"] == []
    assert json.loads(report_bytes(nothing, "sarif"))["runs"][0]["results"] == []


def test_the_workbook_has_a_sheet_an_owner_with_filter_frozen_head_and_links(demo: RunRecord, tmp_path: Path) -> None:
    write_report(demo, "xlsx", tmp_path / "run.xlsx")
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    owners = [told["owner"] for told in demo.document["owners"]]
    assert len(book.sheetnames) == len(owners) + 2
    for name, owner in zip(book.sheetnames[1:-1], owners, strict=True):
        sheet, work = (
            book[name],
            [row for row in read_findings(demo.folder) if row["owner"] == owner and row["verdict"] in {"fail", "due", "undetermined"}],
        )
        assert sheet.max_row == len(work) + 1
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == f"A1:S{len(work) + 1}"
        link = sheet["A2"].hyperlink.location
        assert book["Rules"][link.partition("!")[2]].value == sheet["A2"].value == work[0]["rule"]
    rules = book["Rules"]
    assert str(rules["K2"].hyperlink.target).startswith("https://")
    assert {row[0].value for row in rules.iter_rows(min_row=2)} == {rule["id"] for rule in demo.document["rules"]}


def test_no_cell_of_a_workbook_is_a_formula(hostile: RunRecord, tmp_path: Path) -> None:
    write_report(hostile, "xlsx", tmp_path / "run.xlsx")
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "run.xlsx") for row in sheet.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    texts = [cell for cell in cells if cell.data_type == "s" and not cell.hyperlink]
    assert all(cell.quotePrefix for cell in texts)
    assert "=1+1" in {cell.value for cell in texts}
    assert max(len(str(cell.value)) for cell in texts) == 32_767


def test_what_does_not_fit_into_a_sheet_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS_IN_A_SHEET", 11)
    monkeypatch.setattr(workbook, "LINKS_IN_A_SHEET", 5)
    write_report(record(tmp_path, (finding() for _ in range(25))), "xlsx", tmp_path / "run.xlsx")
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    told = [str(row[1].value) for row in book["Overview"].iter_rows()]
    assert any("10 findings" in text and "15 others stand in work/target-admin.csv" in text for text in told)
    assert book["Target admin"].max_row == 11
    assert sum(bool(row[0].hyperlink) for row in book["Target admin"].iter_rows()) == 5


def test_markdown_is_short_and_nothing_of_anybody_is_markup(hostile: RunRecord, demo: RunRecord) -> None:
    page = report_bytes(hostile, "markdown").decode()
    inline = {child.type for token in MarkdownIt("commonmark").enable("table").parse(page) for child in token.children or ()}
    assert inline <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
    assert len(report_bytes(demo, "markdown")) < 30_000
    assert "**undetermined**" in report_bytes(demo, "markdown").decode()
    assert page.count("`o'brien`") == 1
    assert f"and {len(read_findings(hostile.folder)) - OBJECTS} more" in page


def test_a_record_of_the_first_version_still_renders(demo: RunRecord, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    shutil.copytree(demo.folder, folder)
    shutil.rmtree(folder / "relations")
    document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for key in older.RUN:
        del document[key]
    for part, keys in {**older.PARTS, "rules": {**older.PARTS["rules"], "masked_by": [], "digest": ""}}.items():
        document[part] = [{key: value for key, value in one.items() if key not in keys} for one in document[part]]
    document["reference"] = {name: file["checked"] for name, file in document["reference"].items()}
    del document["rulebook"]["extra"]
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    for table, columns in older.COLUMNS.items():
        path = folder / f"{table}.parquet"
        pa.parquet.write_table(pa.parquet.read_table(path).drop(list(columns)), path)
    for form in ENDINGS:
        assert report_bytes(open_run(folder), form)


def test_the_command_writes_beside_you_and_overwrites_only_what_you_name(
    demo: RunRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    project = str(demo.folder.parents[1])
    name = f"{demo.folder.name}.sarif"
    assert main(["report", "--project", project, "--format", "sarif"]) == 0
    assert (tmp_path / name).read_bytes() == report_bytes(demo, "sarif")
    assert main(["report", "--project", project, "--format", "sarif"]) == Refused.exit_code
    assert main(["report", str(demo.folder), "--format", "sarif", "--out", name]) == 0
    assert main(["report", str(demo.folder), "--format", "xlsx", "--out", "-"]) == 2
    assert main(["report", "nothing", "--project", project]) == 2
    capfdbinary.readouterr()
    assert main(["report", str(demo.folder), "--format", "csv", "--out", "-"]) == 0
    assert capfdbinary.readouterr().out == report_bytes(demo, "csv")


def test_a_report_that_fails_leaves_the_old_one(demo: RunRecord, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        write_report(RunRecord(tmp_path / "gone", demo.document), "json", path)
    assert [(found.name, found.read_text(encoding="utf-8")) for found in tmp_path.iterdir()] == [("run.json", "old")]
