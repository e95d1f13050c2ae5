"""From rules to a run: masking, waves, steps, age, order, and rules that cannot be judged to the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from ctm_audit.engine import findings, judge, session
from ctm_audit.engine.missing import missing_evidence
from ctm_audit.engine.outcome import Outcome
from ctm_audit.evidence.tables import Side
from ctm_audit.model import Owner, Step
from ctm_audit.rulebook.judging import CheckedRule, Gap
from tests.engine.tenants import Evidence, Row, audited, loaded, mapping_of, project_of
from tests.rulebook.make import checked, rule


def person(number: int, side: Side = "source", **changes: Any) -> Row:
    ident = f"{number:08}-0000-4000-8000-{'1' if side == 'source' else '2':0>12}"
    return {
        "object_id": ident,
        "upn": f"p{number}@{side}.com",
        "primary_smtp": f"p{number}@{side}.com",
        "exchange_guid": f"{number:08}-0000-4000-8000-00000000000a",
        "archive_guid": "",
        "x500": [],
        "smtp": [],
        "capabilities": [],
        **changes,
    }


def people(count: int, **changes: Any) -> dict[str, list[Row]]:
    return {
        "source.mailboxes": [person(number, **changes) for number in range(1, count + 1)],
        "target.mail_users": [person(number, "target") for number in range(1, count + 1)],
    }


def mapped(count: int, *waves: str) -> Any:
    return mapping_of([(f"p{n}@source.com", f"p{n}@target.com", waves[(n - 1) % len(waves)] if waves else "") for n in range(1, count + 1)])


def a_rule(rule_id: str, passes: str, **changes: Any) -> CheckedRule:
    return checked(id=rule_id, passes=passes, expected="'x'", found="id", **changes)


def results(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in document["rules"]}


def found(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["rule"], one["object"]["id"], one["verdict"]) for one in document["findings"]]


FAILS_FOR_P1 = "source.upn <> 'p1@source.com'"


def test_a_masked_rule_is_silent_for_the_same_object_only() -> None:
    rules = (a_rule("A-1", FAILS_FOR_P1), a_rule("A-2", "source.upn = ''", masked_by=("A-1",)))
    told = audited(Evidence(people(3)), mapped(3), *rules)
    assert found(told) == [("A-1", "p1@source.com", "fail"), ("A-2", "p2@source.com", "fail"), ("A-2", "p3@source.com", "fail")]
    assert results(told)["A-2"]["not_applicable"] == 1


def test_a_mask_works_whatever_the_order_of_the_rules_is_and_along_a_chain() -> None:
    rules = (
        a_rule("A-3", "source.upn = ''", masked_by=("A-2",)),
        a_rule("A-2", "source.upn = ''", masked_by=("A-1",)),
        a_rule("A-1", FAILS_FOR_P1),
    )
    told = audited(Evidence(people(2)), mapped(2), *rules)
    assert found(told) == [("A-3", "p1@source.com", "fail"), ("A-2", "p2@source.com", "fail"), ("A-1", "p1@source.com", "fail")]


def test_only_a_failure_masks() -> None:
    rows = people(2)
    rows["source.mailboxes"][0]["litigation_hold"] = None
    rows["source.mailboxes"][1]["litigation_hold"] = True
    rules = (a_rule("A-1", "not source.litigation_hold"), a_rule("A-2", "source.upn = ''", masked_by=("A-1", "GONE-1")))
    told = audited(Evidence(rows), mapped(2), *rules)
    assert ("A-2", "p1@source.com", "fail") in found(told)
    assert ("A-2", "p2@source.com", "fail") not in found(told)


@pytest.mark.parametrize(("passes", "masked"), [("id <> 'source'", 2), ("id <> ''", 0)])
def test_a_failing_rule_of_a_tenant_masks_every_mailbox(passes: str, masked: int) -> None:
    rules = (a_rule("A-1", passes, over="tenants"), a_rule("A-2", "source.upn <> ''", masked_by=("A-1",)))
    told = results(audited(Evidence(people(2)), mapped(2), *rules))
    assert (told["A-2"]["not_applicable"], told["A-2"]["passed"]) == (masked, 2 - masked)


def test_a_wave_asks_about_its_own_rows_and_the_tenants() -> None:
    rules = (a_rule("A-1", "source.upn = ''"), a_rule("A-2", "id = ''", over="tenants"), a_rule("A-3", "needed < 0", over="seats"))
    told = audited(Evidence(people(4)), mapped(4, "1", "2"), *rules, project=project_of(waves=("1", "2")), wave="2")
    assert [rule["failed"] for rule in told["rules"]][:2] == [2, 2]
    assert told["rules"][2]["failed"] + told["rules"][2]["undetermined"] == 1
    assert told["mailboxes"]["total"] == 2
    assert {one["wave"] for one in told["findings"] if one["object"]["kind"] == "mailbox"} == {"2"}


def test_a_rule_masked_in_another_wave_does_not_mask_in_this_one() -> None:
    rules = (a_rule("A-1", FAILS_FOR_P1), a_rule("A-2", "source.upn = ''", masked_by=("A-1",)))
    told = audited(Evidence(people(2)), mapped(2, "1", "2"), *rules, project=project_of(waves=("1", "2")), wave="2")
    assert found(told) == [("A-2", "p2@source.com", "fail")]


def test_without_a_step_the_next_unfinished_one_is_audited_and_said_so() -> None:
    rules = (
        a_rule("A-1", "source.upn <> ''", blocks=(Step.ASSESS, Step.PREPARE)),
        a_rule("A-2", FAILS_FOR_P1, blocks=(Step.SUBMIT,), warns=(Step.PREPARE,)),
    )
    told = audited(Evidence(people(2)), mapped(2), *rules, step=None)
    assert (told["step"], told["step_why"], told["ready"]) == ("submit", "next unfinished step", False)
    asked = audited(Evidence(people(2)), mapped(2), *rules, step=Step.PREPARE)
    assert (asked["step"], asked["step_why"], asked["ready"]) == ("prepare", "asked for", True)


def test_a_step_that_asks_nothing_makes_nobody_ready() -> None:
    told = audited(Evidence(people(2)), mapped(2), a_rule("A-1", "source.upn <> ''"), step=Step.CLOSE)
    assert (told["ready"], told["mailboxes"]["ready"], told["mailboxes"]["undetermined"]) == (None, 0, 2)


@pytest.mark.parametrize(("step", "hours", "ready"), [(Step.SUBMIT, 25, None), (Step.SUBMIT, 23, True), (Step.PREPARE, 25, True)])
def test_a_table_may_be_too_old_for_one_step_and_not_for_another(step: Step, hours: int, ready: bool | None) -> None:
    rule = a_rule("A-1", "source.upn <> ''", blocks=(Step.PREPARE, Step.SUBMIT))
    told = audited(Evidence(people(2), ages={"source.mailboxes": timedelta(hours=hours)}), mapped(2), rule, step=step)
    assert told["ready"] is ready
    assert (told["mailboxes"]["ready"], results(told)["A-1"]["passed"]) == ((2, 2) if ready else (0, 0))
    assert ready or "25 h old; submit allows 24 h" in results(told)["A-1"]["reason"]


def test_old_evidence_keeps_known_failures_and_other_rules() -> None:
    rules = (a_rule("A-1", FAILS_FOR_P1), a_rule("A-2", "target.upn <> ''"))
    told = audited(Evidence(people(2), ages={"source.mailboxes": timedelta(days=9)}), mapped(2), *rules)
    first, second = results(told).values()
    assert (first["failed"], first["undetermined"], first["passed"]) == (1, 1, 0)
    assert second["passed"] == 2
    assert found(told) == [("A-1", "A-1", "undetermined"), ("A-1", "p1@source.com", "fail")]


@pytest.mark.parametrize(("unknown", "listed"), [(3, True), (4, False)])
def test_many_undetermined_objects_are_one_finding_with_their_number(unknown: int, listed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "LISTED_ROWS", 3)
    rows = people(5, litigation_hold=True)
    for row in rows["source.mailboxes"][:unknown]:
        row["litigation_hold"] = None
    told = audited(Evidence(rows), mapped(5), a_rule("A-1", "not source.litigation_hold"))
    undetermined = [one for one in told["findings"] if one["verdict"] == "undetermined"]
    assert [one["count"] for one in undetermined] == ([1] * 3 if listed else [4])
    assert {one["object"]["kind"] for one in undetermined} == {"mailbox" if listed else "evidence"}
    assert [one["object"]["id"] for one in told["findings"] if one["verdict"] == "fail"] == [
        f"p{n}@source.com" for n in range(unknown + 1, 6)
    ]
    assert [person["verdict"] for person in told["people"]].count("undetermined") == unknown


def test_findings_stand_in_the_order_of_the_rules_and_of_the_mapping() -> None:
    rules = (a_rule("B-1", "target.upn = ''", gate="trust"), a_rule("A-1", "source.upn = ''"))
    told = audited(Evidence(people(30)), mapped(30), *rules)
    order = [f"p{number}@source.com" for number in range(1, 31)]
    assert [(one["rule"], one["object"]["id"]) for one in told["findings"]] == [(rule, one) for rule in ("B-1", "A-1") for one in order]


OVERFLOW = "source.quota * source.quota > 7"


def test_a_rule_that_raises_is_undetermined_with_the_error_and_the_others_are_judged() -> None:
    rules = (a_rule("A-1", OVERFLOW), a_rule("A-2", FAILS_FOR_P1))
    told = audited(Evidence(people(2, quota=9_000_000_000)), mapped(2), *rules)
    first = results(told)["A-1"]
    assert (first["undetermined"], first["passed"], first["failed"]) == (2, 0, 0)
    assert "could not be judged" in first["reason"]
    assert "Overflow" in first["reason"]
    assert results(told)["A-2"]["failed"] == 1
    assert told["ready"] is False
    assert {person["verdict"] for person in told["people"]} == {"blocked", "undetermined"}


ENDLESS = "(select count(*) from source_mailboxes a, source_mailboxes b where contains(a.upn || b.upn || this.source.upn, 'zz')) >= 0"


def test_a_rule_that_runs_too_long_is_interrupted_and_undetermined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "SECONDS_A_RULE", 0.2)
    rules = (a_rule("A-1", ENDLESS), a_rule("A-2", "source.upn <> ''"))
    told = audited(Evidence(people(1_500)), mapped(1_500), *rules)
    assert (results(told)["A-1"]["undetermined"], results(told)["A-1"]["passed"]) == (1_500, 0)
    assert "Interrupt" in results(told)["A-1"]["reason"]
    assert results(told)["A-2"]["passed"] == 1_500
    assert told["ready"] is None


@pytest.mark.parametrize("where", ["expected", "found"])
def test_texts_that_cannot_be_computed_do_not_lose_the_finding(where: str) -> None:
    broken = {"expected": "'x'", "found": "id", where: "cast(source.quota * 9000000000 as varchar)"}
    rule = checked(id="A-1", passes="source.upn = ''", owner=Owner.LEGAL, **broken)
    told = audited(Evidence(people(2, quota=9_000_000_000)), mapped(2), rule, a_rule("A-2", FAILS_FOR_P1))
    assert found(told) == [("A-1", "p1@source.com", "fail"), ("A-1", "p2@source.com", "fail"), ("A-2", "p1@source.com", "fail")]
    assert (told["findings"][0]["command"], told["findings"][0]["owner"]) == (None, "legal")
    assert "could not be computed" in told["findings"][0]["found"]


def test_texts_that_take_too_long_do_not_lose_the_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "SECONDS_A_RULE", 0.2)
    endless = ENDLESS.removesuffix(" >= 0")
    rule = checked(id="A-1", passes="source.upn = ''", expected="'x'", found=f"cast({endless} as varchar)")
    told = audited(Evidence(people(1_500)), mapped(1_500), rule)
    assert results(told)["A-1"]["failed"] == len(told["findings"]) == 1_500


HOSTILE = [
    "select * from read_text('/etc/hostname')",
    "select * from read_csv('mapping.csv')",
    "select * from 'mapping.parquet'",
    "select * from glob('*')",
    "attach 'other.duckdb'",
    "copy (select 1) to 'stolen.csv'",
    "copy mapping from 'x.csv'",
    "export database 'stolen'",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '1TB'",
    "set enable_external_access = true",
    "reset lock_configuration",
    "pragma temp_directory = 'elsewhere'",
    "select getenv('HOME')",
    "select * from read_parquet('https://example.com/x.parquet')",
]


def test_once_locked_a_connection_reaches_no_file_no_network_and_no_setting() -> None:
    def attack(connection: duckdb.DuckDBPyConnection) -> None:
        for statement in HOSTILE:
            with pytest.raises(duckdb.Error):
                connection.execute(statement)

    audited(Evidence(people(1)), mapped(1), a_rule("A-1", "source.upn <> ''"), then=attack)


def test_a_python_value_is_not_taken_for_a_table() -> None:
    secret = [1]

    def attack(connection: duckdb.DuckDBPyConnection) -> None:
        with pytest.raises(duckdb.CatalogException):
            connection.execute("select * from secret")

    audited(Evidence(people(1)), mapped(1), a_rule("A-1", "source.upn <> ''"), then=attack)
    assert secret


def test_the_folder_for_spilling_is_deleted_also_when_something_raises(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setitem(session.SETTINGS, "memory_limit", "30MB")

    def spill() -> None:
        with session.open_session() as connection:
            connection.execute("create table big as select range as n, repeat('x', 200) as t from range(400_000)")
            assert list(tmp_path.iterdir())
            connection.execute("select nonsense")

    with pytest.raises(duckdb.BinderException):
        spill()
    assert not list(tmp_path.iterdir())


def test_what_was_not_collected_is_no_column_that_a_rule_could_bind_to() -> None:
    with loaded(Evidence(people(1), absent=frozenset({"source.mailboxes.litigation_hold"})), mapped(1)) as connection:
        columns = set(connection.table("pairs").columns)
    assert "source.upn" in columns
    assert "source.litigation_hold" not in columns


@pytest.mark.parametrize(
    ("reads", "owner"),
    [
        (("source.mailboxes.exchange_guid",), Owner.SOURCE_ADMIN),
        (("dns.answers.name",), Owner.MIGRATION_LEAD),
        (("source.mailboxes.upn", "target.mail_users.upn"), Owner.LEGAL),
    ],
)
def test_missing_evidence_is_the_work_of_whoever_collects_it(reads: tuple[str, ...], owner: Owner) -> None:
    outcome = Outcome(rule(owner=Owner.LEGAL), frozenset(), gaps=(Gap("not collected", reads),))
    assert findings._collector(outcome, outcome.rule.owner) == owner


def test_a_rule_about_exports_lacks_exports_and_no_observations() -> None:
    """Nobody who only moves mailboxes is sent to ask name servers."""
    outcome = Outcome(rule(id="ACC-06", over="evidence"), frozenset(), undetermined=1)
    why = {"source.mailboxes": "no file holds it", "dns.answers": "nobody has asked"}
    assert [(gap.side, gap.table) for gap in missing_evidence([outcome], Step.SUBMIT, {}, why)] == [("source", "mailboxes")]
