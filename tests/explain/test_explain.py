"""`explain` on the broken example: what it says is what the run recorded, and a run that was changed is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.cli.main import main
from ctm_audit.engine.explain import explain_object, explain_rule
from ctm_audit.engine.folder import read_findings
from ctm_audit.engine.runs import RunRecord
from ctm_audit.errors import CtmAuditError, Refused, UsageError
from ctm_audit.model import Step
from ctm_audit.reference import load_reference
from ctm_audit.report.explain_lines import object_lines, rule_lines
from ctm_audit.rulebook.load import RuleBook, load_book

REFERENCE = load_reference()


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_book(data_folder("rules"))


@pytest.fixture(scope="module")
def run(broken_project: Path) -> RunRecord:
    return api.load_run(project=broken_project)


@pytest.fixture
def copy(run: RunRecord, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run.folder, tmp_path / "run"))


def told(run: RunRecord, book: RuleBook, rule: str, name: str) -> dict[str, Any]:
    return explain_object(run, book, REFERENCE, rule, name)


def test_one_finding_of_every_relation_and_verdict_is_told_as_it_was_recorded(run: RunRecord, book: RuleBook) -> None:
    over = {checked.rule.id: checked.relation.name for checked in book.checked}
    findings = [
        finding for finding in read_findings(run.folder) if finding["object"]["kind"] != "evidence" or over[finding["rule"]] == "evidence"
    ]
    some = {(over[finding["rule"]], finding["verdict"]): finding for finding in findings if finding["count"] == 1}
    assert len(some) > 10
    for finding in some.values():
        found = told(run, book, finding["rule"], finding["object"]["id"])
        assert found["object"] == {**finding["object"], "wave": finding["wave"]}
        same = ("verdict", "reason", "expected", "found", "owner", "command")
        assert {key: found[key] for key in same} == {key: finding[key] for key in same}, finding["rule"]
        assert all(len(line.text) <= 80 for line in object_lines(found) if not line.text.startswith(("Command:", "Export:")))


def test_a_failure_is_told_with_its_facts_and_what_would_let_it_pass(run: RunRecord, book: RuleBook) -> None:
    found = told(run, book, "STP-01", "LUKASZ.wisniewski@contoso.com")
    assert (found["verdict"], found["predicate"]["passes"]["is"]) == ("fail", False)
    facts = {fact["field"]: fact for fact in found["facts"] if fact["decides"]}
    source = facts["source.exchange_guid"]["value"]
    [origin] = facts["target.exchange_guid"]["origins"]
    assert origin["what"] == "target Get-MailUser.ExchangeGuid"
    assert origin["file"].endswith("/mail_users.parquet")
    assert origin["collected_at"].startswith("2026-11-20T")
    [change] = found["counterfactual"]["changes"]
    assert (change["field"], change["from"], change["to"]) == ("target.exchange_guid", "", source)
    assert f"It would pass if target.exchange_guid were '{source}'" in " ".join(line.text.strip() for line in object_lines(found))


def test_a_looked_up_row_may_be_what_would_have_to_change(run: RunRecord, book: RuleBook) -> None:
    [change] = told(run, book, "TRU-14", "target")["counterfactual"]["changes"]
    assert (change["relation"], change["field"], change["to"]) == ("target_migration_endpoints", "remote_tenant", "contoso.onmicrosoft.com")


def test_a_masked_rule_names_its_mask(run: RunRecord, book: RuleBook) -> None:
    found = told(run, book, "LIC-06", "tomas.dvorak@contoso.com")
    assert (found["verdict"], found["counterfactual"]) == ("not_applicable", None)
    assert [mask["rule"] for mask in found["masked_by"]] == ["LIC-04"]
    assert "Not judged because of: LIC-04" in "\n".join(line.text for line in object_lines(found))


def test_a_pass_is_told_with_the_values_that_made_it(run: RunRecord, book: RuleBook) -> None:
    found = told(run, book, "STP-01", "zoe.vandenberg@contoso.com")
    assert (found["verdict"], found["masked_by"], found["counterfactual"]) == ("pass", [], None)


def test_what_was_not_collected_is_undetermined_and_says_how_to_export_it(run: RunRecord, book: RuleBook) -> None:
    found = told(run, book, "TRU-08", "target")
    assert found["verdict"] == "undetermined"
    assert "DomainNames" in found["reason"]
    assert "Get-OrganizationRelationship" in found["exports"][0]
    assert found["predicate"]["passes"]["is"] is None


def test_the_rule_alone_counts_and_names(run: RunRecord, book: RuleBook) -> None:
    found = explain_rule(run, book, "lic-03")
    assert found["counts"]["failed"] == len(found["affected"]) == 4
    assert "Next: ctm-audit explain LIC-03 " in rule_lines(found)[-1].text


@pytest.mark.parametrize(("rule", "name"), [("STP-01", "nobody@contoso.com"), ("STP-99", "target"), ("TRU-14", "contoso")])
def test_what_the_run_does_not_know_is_an_error_with_the_near_ones(run: RunRecord, book: RuleBook, rule: str, name: str) -> None:
    with pytest.raises(UsageError) as error:
        told(run, book, rule, name)
    assert error.value.detail


def change_cell(path: Path, column: str, value: str) -> None:
    table = pa.parquet.read_table(path)
    place = table.schema.get_field_index(column)
    pa.parquet.write_table(table.set_column(place, column, pa.array([value] * table.num_rows, table.schema.field(column).type)), path)


def change_facts(run: Path) -> None:
    change_cell(run / "mailboxes.parquet", "target.exchange_guid", "aaaaaaaa-0000-0000-0000-000000000001")


def spoil_catalogue(run: Path) -> None:
    (run / "relations" / "catalogue.json").write_text('{"fields": []}', encoding="utf-8")


def cut_relation(run: Path) -> None:
    path = run / "relations" / "tenants.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def drop_relations(run: Path) -> None:
    shutil.rmtree(run / "relations")


def change_reference(run: Path) -> None:
    document = json.loads((run / "run.json").read_text(encoding="utf-8"))
    document["reference"]["limits"]["digest"] = "0" * 64
    (run / "run.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "exit_code", "words"),
    [
        (change_facts, 5, "contradicts itself"),
        (spoil_catalogue, 5, "not what an audit wrote"),
        (cut_relation, 5, "cannot be read"),
        (drop_relations, 2, "holds no relations"),
        (change_reference, 5, "The reference facts limits are not those"),
    ],
)
def test_a_run_that_cannot_be_trusted_is_refused(copy: Path, book: RuleBook, harm: Any, exit_code: int, words: str) -> None:
    harm(copy)
    with pytest.raises(CtmAuditError, match=words) as error:
        told(api.load_run(copy), book, "STP-01", "zoe.vandenberg@contoso.com")
    assert error.value.exit_code == exit_code
    assert error.value.hint


def test_a_rule_that_reads_otherwise_today_is_refused(run: RunRecord, book: RuleBook) -> None:
    other = replace(book, checked=tuple(replace(checked, rule=replace(checked.rule, digest="other")) for checked in book.checked))
    with pytest.raises(Refused, match="reads otherwise today"):
        told(run, other, "STP-01", "zoe.vandenberg@contoso.com")


def test_mailboxes_of_other_waves_are_not_explained_and_the_lock_is_recalled(
    broken_project: Path, book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"KEY-01", "STP-01", "STP-14", "MBX-12W"}
    some = tuple(one for one in book.checked if one.rule.attest or one.rule.id in few)
    monkeypatch.setattr(api, "load_book", lambda *_: replace(book, checked=some))
    folder = Path(shutil.copytree(broken_project, tmp_path / "project", ignore=shutil.ignore_patterns("runs")))
    lock = folder / "mapping.lock"
    lines = lock.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if "mary-jane.smith@contoso.com" in line)
    lines[place] = lines[place].replace(
        next(part for part in lines[place].split(",") if part.count("-") == 4), "0badc0de-0000-0000-0000-000000000001"
    )
    lock.write_text("".join(lines), encoding="utf-8")
    project, mapping = api.open_project(folder)
    waves = dict(zip(mapping.rows["source_key"].to_pylist(), mapping.rows["wave"].to_pylist(), strict=True))
    result = api.audit(project, mapping, step=Step.SUBMIT, wave=waves["mary-jane.smith@contoso.com"])
    run = api.load_run(result.folder)
    found = told(run, book, "KEY-01", "mary-jane.smith@contoso.com")
    assert found["verdict"] == "fail"
    assert any("0badc0de" in str(fact["value"]) for fact in found["facts"] if fact["field"].startswith("lock."))
    stranger = next(str(key) for key, wave in waves.items() if wave != waves["mary-jane.smith@contoso.com"])
    with pytest.raises(UsageError, match="in wave"):
        told(run, book, "STP-01", stranger)


def test_the_command_prints_one_document(broken_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "STP-01", "lukasz.wisniewski@contoso.com", "--project", str(broken_project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "fail"
    assert main(["explain", "STP-01", "--project", str(broken_project), "--run", "nothing"]) == 2
