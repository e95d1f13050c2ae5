"""Proposals for the mapping: every candidate with what speaks for it, and nothing that could be taken for a mapping."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ctm_audit import api
from ctm_audit.cli.main import main
from ctm_audit.engine.session import open_session
from ctm_audit.engine.suggest import suggest
from ctm_audit.errors import EvidenceGap, Refused, UsageError
from ctm_audit.project import load_mapping, load_project
from ctm_audit.sim import Scenario, contoso_to_fabrikam
from tests.engine.test_keys import prepared

PEOPLE = 3
SOURCE = ("object_id", "upn", "primary_smtp", "exchange_guid", "legacy_exchange_dn_key")
TARGET = ("object_id", "upn", "primary_smtp", "exchange_guid", "external_address")


def suggested(
    boxes: Sequence[dict[str, Any]], users: Sequence[dict[str, Any]], mapped: Sequence[tuple[str, str]] = (), *, everybody: bool = False
) -> list[dict[str, Any]]:
    """The proposals for a few mailboxes and MailUsers; what is not said of them is ''."""
    kinds = {"source_mailboxes": (boxes, SOURCE, ("smtp",)), "target_mail_users": (users, TARGET, ("x500",))}
    with open_session() as connection:
        connection.execute("create schema raw")
        for name, (rows, texts, lists) in kinds.items():
            whole = [{column: row.get(column, "") for column in texts} | {column: row.get(column, []) for column in lists} for row in rows]
            schema = pa.schema([*((column, pa.string()) for column in texts), *((column, pa.list_(pa.string())) for column in lists)])
            connection.register("given", pa.Table.from_pylist(whole, schema))
            extra = (
                ", 'UserMailbox' as recipient_type_details, false as is_inactive, false as is_soft_deleted" if lists == ("smtp",) else ""
            )
            connection.execute(f"create table raw.{name} as select *{extra} from given")
            connection.unregister("given")
        connection.execute("create table mapping (source_key varchar, target_key varchar)")
        if mapped:
            connection.executemany("insert into mapping values (?, ?)", [list(row) for row in mapped])
        suggest(connection, everybody=everybody)
        found: list[dict[str, Any]] = connection.sql("select * from suggested order by source, rank, target").to_arrow_table().to_pylist()
        return found


def box(name: str, **more: Any) -> dict[str, Any]:
    return {"object_id": f"s-{name}", "upn": f"{name}@a.com", "primary_smtp": f"{name}@a.com", "smtp": [f"{name}@a.com"]} | more


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"object_id": f"t-{name}", "upn": f"{name}@b.com", "primary_smtp": f"{name}@b.com"} | more


@pytest.mark.parametrize(
    ("source", "target", "column", "state"),
    [
        (box("x", exchange_guid="g"), user("y", exchange_guid="g"), "exchange_guid", "likely"),
        (box("x", legacy_exchange_dn_key="/o=a/cn=x"), user("y", x500=["/o=z", "/o=a/cn=x"]), "x500", "likely"),
        (box("x", smtp=["x@a.com", "old@a.com"]), user("y", external_address="old@a.com"), "external_address", "likely"),
        (box("x"), user("y", upn="x@b.com"), "upn_prefix", "by name only"),
        (box("x"), user("y", primary_smtp="x@b.com"), "local_part", "by name only"),
    ],
)
def test_each_kind_of_evidence_stands_in_its_column(source: dict[str, Any], target: dict[str, Any], column: str, state: str) -> None:
    (row,) = suggested([source], [target])
    kinds = ("exchange_guid", "x500", "external_address", "upn_prefix", "local_part")
    assert {name: row[name] for name in kinds} == {name: "yes" if name == column else "" for name in kinds}
    assert (row["accept"], row["target"], row["state"], row["rank"], row["candidates"]) == ("", target["upn"], state, 1, 1)
    assert row["evidence"]


def test_nothing_in_common_is_no_candidate() -> None:
    (row,) = suggested([box("x")], [user("y")])
    assert (row["target"], row["state"], row["rank"], row["evidence"]) == ("", "none", 0, "")


def test_all_candidates_are_listed_the_strongest_first() -> None:
    rows = suggested([box("x", exchange_guid="g")], [user("x"), user("z", exchange_guid="g"), user("w", primary_smtp="x@b.com")])
    assert [(row["target"], row["rank"], row["candidates"], row["state"]) for row in rows] == [
        ("z@b.com", 1, 3, "ambiguous"),
        ("x@b.com", 2, 3, "ambiguous"),
        ("w@b.com", 3, 3, "ambiguous"),
    ]


def test_a_candidate_of_two_mailboxes_is_ambiguous() -> None:
    rows = suggested([box("x"), box("y", primary_smtp="x@c.com")], [user("x")])
    assert {(row["source"], row["state"], row["against"]) for row in rows} == {
        ("x@a.com", "ambiguous", "mailboxes that could be it: 2"),
        ("y@a.com", "ambiguous", "mailboxes that could be it: 2"),
    }


def test_what_speaks_against_it_is_said() -> None:
    (row,) = suggested([box("x", exchange_guid="g")], [user("x", exchange_guid="h", external_address="other@a.com")])
    assert row["state"] == "contradictory"
    assert row["against"] == "stamped with another ExchangeGuid; ExternalEmailAddress is not an address of the mailbox"


def test_what_too_many_share_says_nothing() -> None:
    boxes = [box("info", object_id=f"s{number}", primary_smtp=f"{number}@a.com") for number in range(21)]
    assert {row["state"] for row in suggested(boxes, [user("info")])} == {"none"}
    assert {row["state"] for row in suggested(boxes[:20], [user("info")])} == {"ambiguous"}


def test_who_is_mapped_is_left_out_unless_everybody_is_asked_for() -> None:
    boxes, users = [box("x", exchange_guid="g"), box("y")], [user("x"), user("y")]
    for key in ("x@a.com", "s-x", "g"):
        assert [row["source"] for row in suggested(boxes, users, [(key, "x@b.com")])] == ["y@a.com"]
    assert len(suggested(boxes, users, [("x@a.com", "x@b.com")], everybody=True)) == 2
    (row,) = suggested([box("z", upn="x@z.com")], users, [("q@a.com", "x@b.com")])
    assert row["state"] == "none"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return contoso_to_fabrikam(people=PEOPLE)


@pytest.fixture
def folder(tmp_path: Path, scenario: Scenario) -> Path:
    return prepared(tmp_path, scenario)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_file_proposes_what_the_mapping_of_the_example_says(folder: Path, scenario: Scenario) -> None:
    (folder / "mapping.csv").write_text("source,target\n", encoding="utf-8")
    found = api.suggest_mapping(load_project(folder))
    told = {row["source"]: (row["target"], row["state"]) for row in rows(found.path)}
    assert found.path == folder / "mapping.suggested.csv"
    for row in scenario.rows:
        assert told[row.source.casefold()] == (row.target.casefold(), "likely")
    assert found.counts["likely"] == PEOPLE
    assert [entry.name for entry in folder.iterdir() if entry.name.startswith(".")] == []


def test_it_is_never_read_as_a_mapping_and_never_overwritten(folder: Path) -> None:
    project = load_project(folder)
    found = api.suggest_mapping(project, everybody=True)
    with pytest.raises(Refused, match="exists"):
        api.suggest_mapping(project)
    found.path.replace(folder / "mapping.csv")
    with pytest.raises(UsageError) as refusal:
        load_mapping(project)
    assert "unknown column 'accept'" in str(refusal.value)


def test_a_cell_that_begins_like_a_formula_is_text(folder: Path, scenario: Scenario) -> None:
    prepared(folder, scenario.with_mailbox(0, upn="=cmd|x@contoso.com"))
    found = api.suggest_mapping(load_project(folder), folder / "x.csv", everybody=True)
    assert "'=cmd|x@contoso.com" in [row["source"] for row in rows(found.path)]


def test_without_mailboxes_there_is_nothing_to_propose(folder: Path) -> None:
    (folder / "target" / "Get-MailUser.json").unlink()
    project = load_project(folder)
    api.import_exports(project, "target", [folder / "target"])
    with pytest.raises(EvidenceGap, match="target Get-MailUser was not collected"):
        api.suggest_mapping(project)
    assert not (folder / "mapping.suggested.csv").exists()


def test_what_was_not_collected_is_said(folder: Path) -> None:
    file = folder / "target" / "Get-MailUser.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"ExchangeGuid"', '"Other"'), encoding="utf-8")
    project = load_project(folder)
    api.import_exports(project, "target", [folder / "target"])
    found = api.suggest_mapping(project, everybody=True)
    assert any("ExchangeGuid" in note for note in found.notes)
    assert not any(row["exchange_guid"] for row in rows(found.path))


def test_the_commands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mapping", "suggest", "--project", str(folder), "--all"]) == 0
    told = capsys.readouterr()
    assert f"{PEOPLE:>9}  likely" in told.out
    assert told.out.splitlines()[-1] == str(folder / "mapping.suggested.csv")
    assert main(["mapping", "suggest", "--project", str(folder), "--all", "--json", "-o", str(folder / "b.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["mailboxes"]["likely"] == PEOPLE
    assert main(["mapping", "check", "--project", str(folder)]) == 0
    assert f"{PEOPLE} rows" in capsys.readouterr().out
    assert main(["mapping", "check", "--project", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == PEOPLE
    (folder / "mapping.csv").write_text("source,target\n,b@b.com\na@a.com,b@b.com,c\n", encoding="utf-8")
    for command in ("check", "suggest"):
        assert main(["mapping", command, "--project", str(folder), *(["-o", str(folder / "c.csv")] if command == "suggest" else [])]) == 2
        told = capsys.readouterr()
        assert "mapping.csv:2:1" in told.err
        assert "mapping.csv:3" in told.err
    assert not (folder / "c.csv").exists()


@pytest.mark.slow
def test_a_hundred_thousand_of_each_take_seconds() -> None:
    many = 100_000
    boxes = [box(f"u{n}", exchange_guid=f"g{n}", legacy_exchange_dn_key=f"/cn={n}") for n in range(many)]
    users = [
        user(f"u{n % 1000 + n}", exchange_guid=f"g{n}", x500=[f"/cn={n}", f"/old={n}"], external_address=f"u{n}@a.com") for n in range(many)
    ]
    began = time.perf_counter()
    assert len(suggested(boxes, users, [(f"u{n}@a.com", f"u{n}@b.com") for n in range(10)])) >= many - 10
    assert time.perf_counter() - began < 30
