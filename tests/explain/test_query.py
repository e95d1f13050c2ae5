"""`query`: everything documented can be asked, nothing else can be done, and what it prints is safe where it lands."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.cli.main import main
from ctm_audit.engine import judge, session, shown
from ctm_audit.engine.ask import Answer, answered, tables_named
from ctm_audit.engine.runs import RunRecord
from ctm_audit.errors import UsageError
from ctm_audit.reference import load_reference
from ctm_audit.report.answer_text import as_csv, as_json, as_table, plain
from ctm_audit.rulebook.judging import Catalogue
from ctm_audit.rulebook.load import load_book
from ctm_audit.statements import NOTHING_SAID
from ctm_audit.written_runs import asked

NOTHING = Catalogue({}, frozenset(), {}, lambda *_: False)
TEXT: Mapping[str, str] = {"name": "VARCHAR", "n": "BIGINT"}


@pytest.fixture(scope="module")
def run(broken_project: Path) -> RunRecord:
    return api.load_run(project=broken_project)


def rows(run: RunRecord, question: str) -> list[tuple[Any, ...]]:
    with asked(run, question) as answer:
        return list(answer.rows())


def test_the_newest_bundles_are_asked_with_everything_that_was_collected(broken_project: Path) -> None:
    names = ("source_mailboxes", "target_users", "pairs", "tenants", "delegations", "limits")
    columns = "a.upn, a.recipient_type_details, p.source.exchange_guid, p.plan.upn"
    question = f"""select {columns}, {", ".join(f"(select count(*) from {name})" for name in names)},
        (select list(distinct table_name) from duckdb_tables() where not internal)
        from source_mailboxes a join pairs p on p.source.exchange_guid = a.exchange_guid where a.upn like 'lukasz%'"""
    with api.query(question, project=broken_project) as answer:
        [row] = answer.rows()
    assert row[:2] == ("lukasz.wisniewski@contoso.com", "UserMailbox")
    assert all(count > 0 for count in row[4:-1])
    assert row[-1] is None, "tables that the engine works with, keys of hashes among them, are not here"
    assert "source bundle source-" in answer.source


def test_a_run_is_asked_when_it_or_its_tables_are_named(broken_project: Path, run: RunRecord) -> None:
    question = "select f.rule, p.source.exchange_guid from FINDINGS f join pairs p on p.id = f.object_id where f.rule = 'STP-01'"
    with api.query(question, project=broken_project) as answer:
        assert answer.source == f"run {run.folder.name}"
        assert [row[0] for row in answer.rows()] == ["STP-01"] * len(rows(run, question))
    with api.query("select count(*) from pairs", run=run.folder.name, project=broken_project) as answer:
        assert answer.source == f"run {run.folder.name}"


@pytest.mark.parametrize(
    "question",
    [
        "delete from findings",
        "select 1; select 2",
        "create table x as select 1",
        "copy findings to 'x.csv'",
        "set threads = 1",
        "pragma version",
        "attach 'x.db'",
        "install httpfs",
        "begin",
        "explain analyze select 1",
        "",
        "-- nothing",
        "selct 1",
    ],
)
def test_whatever_is_not_one_select_is_refused_before_anything_is_opened(question: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"one SELECT|syntax error"):
        tables_named(question)
    assert main(["query", question, "--project", str(tmp_path / "nowhere")]) == 2


@pytest.mark.parametrize(
    "question",
    [
        "select * from read_text('{own}')",
        "from '{own}'",
        "from read_csv('{own}')",
        "from glob('{folder}/*')",
        "from read_parquet('{folder}/x.parquet')",
        "from read_json('https://example.invalid/x')",
        "from query('select * from read_text(''{own}'')')",
        "from enable_logging('QueryLog', storage = 'file', storage_path = '{folder}/log')",
        "with gone as (delete from pairs returning *) select * from gone",
        "select * from run",
        "select getenv('HOME')",
        "select $1",
    ],
)
def test_a_hostile_question_reaches_no_file_no_network_and_no_name_of_ours(run: RunRecord, question: str, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("a,b\n1,2\n", encoding="utf-8")
    asking = question.format(own=own, folder=tmp_path)
    with pytest.raises(UsageError) as error:
        rows(run, asking)
    assert error.value.summary.startswith("The question cannot be answered: ")
    assert list(tmp_path.iterdir()) == [own]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("select * from pair", "do you mean pairs"),
        ("select exchange_gid from pairs", "exchange_guid"),
        ("select p.source.uqn from pairs p", "do you mean upn"),
        ("select * from dns_servers", "nobody has asked the name servers"),
        (
            "select domain_names from target_organization_relationships",
            "target_organization_relationships.domain_names is documented",
        ),
        ("select upn from tenants", "pairs.source.upn is documented"),
    ],
)
def test_what_is_not_there_is_told_with_the_reason_or_the_near_names(run: RunRecord, question: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        rows(run, question)
    assert told in " ".join(error.value.detail), error.value


def test_a_question_that_takes_too_long_or_too_much_is_stopped(run: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "SECONDS_A_RULE", 0.3)
    with pytest.raises(UsageError, match="took longer"):
        rows(run, "select count(*) from range(10000000000) a, range(100000) b where a.range + b.range = 7")
    monkeypatch.setattr(judge, "SECONDS_A_RULE", 60.0)
    monkeypatch.setitem(session.SETTINGS, "memory_limit", "60MB")
    with pytest.raises(UsageError, match="needs more memory"):
        rows(run, "select list(range) from range(20000000)")
    with pytest.raises(UsageError, match="Could not convert"):
        rows(run, "select cast(case when range = 90000 then 'x' else '1' end as int) from range(100000)")


def test_rows_that_are_not_here_are_told_beside_the_answer(broken_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctm_audit.engine.shown.load_evidence", None)  # tables of bundles as they are need nothing to be joined
    question = "select count(*) from Source_Archive_Statistics a, source_organization"
    with api.query(question, project=broken_project) as answer:
        assert answer.notes == ("source_archive_statistics may lack rows: 8 objects here, but 10 exported",)
    with pytest.raises(UsageError) as error, api.query(f"{question}, mailboxes", project=broken_project):
        pass
    assert "no rule of this run looks it up" in error.value.detail[0]


@pytest.mark.parametrize("value", ["timestamp '290000-01-01'", "date '200000-01-01'", "timestamp 'infinity'"])
def test_a_value_that_python_does_not_know_is_told(value: str) -> None:
    with pytest.raises(UsageError, match="cannot be told") as error:
        list(of(sql=f"select {value} as v").rows())
    assert error.value.hint == "cast it to varchar"


def test_every_relation_that_was_collected_is_there_and_no_other(broken_project: Path) -> None:
    project, mapping = api.open_project(broken_project)
    asking = api._question(project, mapping, load_reference(), NOTHING_SAID)
    with shown.bundles_shown(asking, load_book(data_folder("rules")).checked, frozenset()) as (connection, catalogue):
        for name in catalogue.fields:
            relation = connection.sql(f"select * from {name} limit 1")
            assert {*relation.columns} <= {field.partition(".")[0] for field in catalogue.fields[name]}, name
            relation.fetchall()
        views = connection.sql("select distinct view_name from duckdb_views() where not internal").fetchall()
    assert all(name.removeprefix("rows_of_") in catalogue.fields for (name,) in views)


def test_an_endless_answer_comes_block_by_block(run: RunRecord) -> None:
    with asked(run, "select range from range(1000000000000)") as answer:
        assert next(answer.rows()) == (0,)


def of(**values: Any) -> Answer:
    with duckdb.connect() as connection, answered(connection, values["sql"], "here", NOTHING) as answer:
        return replace(answer, blocks=iter(list(answer.blocks)))


def test_every_type_has_a_form_in_json_and_csv() -> None:
    answer = of(
        sql="""select 1 as a, 2 as a, null as nothing, 1.5::decimal(5, 2) as d, sum(range) as h, uuid() is null as u, '\\xC3'::blob as b,
        date '2027-01-31' as day, timestamp '2027-01-31 08:00:00' as t, timestamptz '2027-01-31 08:00:00+01' as z, interval 3 day as i,
        'nan'::double as n, ['x', null] as l, {'k': [timestamp '2027-01-31']} as s, map {'k': 1} as m from range(4)"""
    )
    answer = replace(answer, blocks=iter([*answer.blocks] * 2))
    rows = answer.rows()
    row = next(rows)
    told = json.loads("".join(as_json(answer)))
    assert (told["source"], told["notes"]) == ("here", [])
    assert told["columns"][1] == {"name": "a_2", "type": "INTEGER"}
    expected: dict[str, Any] = {
        "a": 1,
        "a_2": 2,
        "nothing": None,
        "d": 1.5,
        "h": 6,
        "u": False,
        "b": "c3",
        "day": "2027-01-31",
        "n": "nan",
        "l": ["x", None],
    }
    expected |= {"t": "2027-01-31T08:00:00Z", "z": "2027-01-31T07:00:00Z", "s": {"k": ["2027-01-31T00:00:00Z"]}, "m": [["k", 1]]}
    assert {key: value for key, value in told["rows"][0].items() if key != "i"} == expected
    header, line = csv.reader(io.StringIO("".join(as_csv(answer.columns, [row]))))
    assert dict(zip(header, line, strict=True))["l"] == '["x", null]'


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-"])
def test_no_text_is_a_formula_in_csv(text: str) -> None:
    [_, line] = csv.reader(io.StringIO("".join(as_csv(TEXT, [(text, -5)])), newline=""))
    assert line == [f"'{text}", "-5"]


def test_a_table_shows_what_is_hidden_and_turns_when_it_is_too_wide() -> None:
    hostile = [("a\nb\u202e\x1b[31m", 1), ("寿司", 22), ("x" * 99, None)]
    lines = "".join(as_table(TEXT, hostile, None)).splitlines()
    assert lines[0] == f"{'name':<60}   n"
    assert lines[2].startswith("a\\nb[U+202E][U+001B][31m ")
    assert lines[3] == f"寿司{' ' * 56}  22"
    assert lines[4] == f"{'x' * 57}..."
    assert "".join(as_table(TEXT, hostile[1:2], 5)) == "-- 1\nname  寿司\nn     22\n"


def test_values_that_only_look_alike_are_kept_apart() -> None:
    assert [plain(value) for value in (True, 1, "1", 2**70, float("inf"))] == [True, 1, "1", 2**70, "inf"]


def test_the_command_prints_and_writes_all_formats(broken_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = "select id, verdict from mailboxes where id like 'lukasz%'"
    common = ["query", question, "--project", str(broken_project)]
    assert main(common) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[2] == "lukasz.wisniewski@contoso.com  blocked"
    assert shown.err.startswith("Asked: run 2026-11-20-submit-")
    out = tmp_path / "people.csv"
    assert main([*common, "--format", "csv", "--out", str(out)]) == 0
    assert out.read_bytes() == b"\xef\xbb\xbfid,verdict\nlukasz.wisniewski@contoso.com,blocked\n"
    late = "select cast(case when range = 90000 then 'x' else '1' end as int), (select count(*) from mailboxes) from range(100000)"
    assert main(["query", late, "--project", str(broken_project), "--out", str(out)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["people.csv"], "the file that stood there is still whole"
    assert out.read_bytes().startswith(b"\xef\xbb\xbfid")


def test_a_pipe_gets_utf_8_whatever_the_console_speaks_and_may_close(broken_project: Path) -> None:
    question = "select 'Łukasz' as name, range from range(1000000000000), (select count(*) as n from mailboxes) where n > 0"
    command = [sys.executable, "-m", "ctm_audit", "query", question, "--format", "csv", "--project", str(broken_project)]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(Path(api.__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == [b"name,range\n", "Łukasz,0\n".encode()]
        process.stdout.close()
        assert process.wait(60) == 0
