"""Bundles of mapped people only: every verdict is that of the whole directory, and whoever was not asked for is unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctm_audit import api
from ctm_audit.cli.main import main
from ctm_audit.engine import holders, loading, raw
from ctm_audit.engine.catalogue import ONLY_MAPPED, make_catalogue
from ctm_audit.errors import Refused
from ctm_audit.evidence import salt
from ctm_audit.evidence.bundle import list_bundles, open_bundle
from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.others import file_of, hashed_tables, left_out_of, others_of
from ctm_audit.evidence.relations import PAIRS
from ctm_audit.evidence.scope import BELONGING, NAMES, Scope, only_mapped
from ctm_audit.evidence.tables import SIDES, TABLES, Side, evidence_of
from ctm_audit.model import Step
from ctm_audit.project import load
from ctm_audit.sim import FAULTS, Scenario, contoso_to_fabrikam
from ctm_audit.sim.export import render, write
from tests.engine import tenants
from tests.engine.tenants import ARROW, NOW, PLACES, SALT, Evidence, Row, loaded, mapping_of, relation_rows
from tests.engine.test_keys import findings, gate
from tests.engine.test_pairs import ADDRESSES, GUIDS, IDS, Tenants
from tests.nightly import examples

WHOLE = {  # why their rows of others are kept: settings, and what cannot be told apart
    "organization",
    "connections",
    "organization_config",
    "organization_relationships",
    "migration_endpoints",
    "distribution_groups",
    "accepted_domains",
    "domains",
    "service_records",
    "verification_records",
    "dkim_configs",
    "domain_recipients",
    "subscribed_skus",
    "migration_users",
    "migration_batches",
    "move_requests",
    "applications",
    "service_principals",
    "app_role_assignments",
    "transport_rules",
    "inbound_connectors",
    "arc_config",
    "exchange_plans",
    "sync_partners",
    "retention_policies",
    "migration_probes",
    "group_members",  # object ids of whoever may be moved
    "domain_references",  # who still uses a domain that moves
    "inactive_mailboxes",  # their GUIDs alone
    "others",
}
KEYS = [*ADDRESSES, *IDS, *GUIDS[:2], "nobody@con.com"]
ONE_SIGN = "regexp_replace(folded, '[^\\x00-\\x7f]+', '?', 'g')"
SMALL = contoso_to_fabrikam(people=3)


def test_of_every_table_it_is_said_whose_rows_are_kept() -> None:
    assert {*NAMES, *BELONGING} | WHOLE == {table.name for side in SIDES for table in evidence_of(side)}
    for name, columns in NAMES.items():
        assert set(columns) <= {column.name for column in TABLES[name].columns}


def as_intake(evidence: Evidence, place: str) -> Intake:
    types = {name: ARROW.get(kind, pa.string()) for name, kind in raw.typed_columns(*PLACES[place])}
    known = [name for name in types if name in evidence.columns(place)]
    columns = {name: pa.array([row.get(name) for row in evidence.rows.get(place, ())], types[name]) for name in known}
    return Intake(PLACES[place][1].name, pa.table(columns), NOW, 0, 0, None, {}, (), (), ())


def reduced(evidence: Evidence, keys: dict[Side, set[str]]) -> Evidence:
    """What is left of the evidence when only the people of the keys are kept."""
    rows: dict[str, list[Row]] = {}
    lost: set[str] = set()
    for side in SIDES:
        places = [place for place in PLACES if PLACES[place][0] == side and not PLACES[place][1].made]
        whole = [as_intake(evidence, place) for place in places]
        tables, left_out = only_mapped(whole, keys[side])
        for place, table in zip(places, tables, strict=True):
            rows[place] = table.table.to_pylist()
            assert len(evidence.rows.get(place, ())) - len(rows[place]) == left_out.get(table.name, 0)
        others = others_of(left_out_of(side, whole, tables, (), None), SALT, NOW)
        assert isinstance(others, Intake)
        rows[f"{side}.others"] = others.table.to_pylist()
        lost |= {f"{side}.others"} if others.losses else set()
    return replace(evidence, rows=rows, incomplete=evidence.incomplete | lost)


def pairs(evidence: Evidence, mapped: Iterable[tuple[str, str]]) -> list[Row]:
    with loaded(evidence, mapping_of(mapped)) as connection:
        return [*map(_without_types, relation_rows(connection, "pairs")), *relation_rows(connection, "seats")]


def _without_types(row: Row) -> Row:
    """The row, of holders only what they hold: an object that stands there twice, with two types, has one type among the hashes."""
    return {
        name: sorted({one.partition(" (")[0] for one in value}) if name.endswith("_holders") and value else value
        for name, value in row.items()
    }


@example(seed=186, unknown=0.1)
@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 2**32), unknown=st.sampled_from([0.0, 0.0, 0.03, 0.1]))
def test_every_value_of_every_pair_is_that_of_the_whole_directory(seed: int, unknown: float) -> None:
    compare(seed, unknown)


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32), unknown=st.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_many_more_pairs_are_those_of_the_whole_directory(seed: int, unknown: float) -> None:
    compare(seed, unknown)


def compare(seed: int, unknown: float) -> None:
    dice = Random(seed)
    evidence = Tenants(dice, unknown).evidence()
    mapped = list(zip(dice.sample(KEYS, 4), dice.sample(KEYS, 4), strict=True))
    keys: dict[Side, set[str]] = {"source": {source for source, _ in mapped}, "target": {target for _, target in mapped}}
    whole, some = pairs(evidence, mapped), pairs(reduced(evidence, keys), mapped)
    if unknown:  # of whoever is left out with an unknown cell nobody knows what they hold: only that may be unknown as well
        some = [_with_unknown_holders(row, of) for row, of in zip(some, whole, strict=True)]
    assert some == whole


def _with_unknown_holders(row: Row, whole: Row) -> Row:
    """The row, with the holders of the whole directory where it knows none."""
    return {name: whole[name] if value is None and name.endswith("_holders") else value for name, value in row.items()}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_only_people_who_bear_a_key_or_belong_to_them_are_kept(seed: int) -> None:
    dice = Random(seed)
    evidence = Tenants(dice, 0.0).evidence()
    keys = set(dice.sample(KEYS, 2))
    left = reduced(evidence, {"source": keys, "target": keys}).rows
    for side in SIDES:
        asked = [place for place in PLACES if PLACES[place][0] == side and PLACES[place][1].name in NAMES]
        people = {place: as_intake(evidence, place).table.to_pylist() for place in asked}
        named = {one for place, rows in people.items() for row in rows if _bears(place, row, keys) for one in _ids(row)}
        for place, rows in people.items():
            assert left[place] == [row for row in rows if _bears(place, row, keys) or _ids(row) & named]
        kept = {one for place in asked for row in left[place] for one in _ids(row)}
        assert {row["user_id"] for row in left[f"{side}.license_details"]} <= kept


def _bears(place: str, row: Row, keys: set[str]) -> bool:
    return bool(keys & {*(row.get(name) for name in NAMES[PLACES[place][1].name]), *(row.get("smtp") or ())})


def _ids(row: Row) -> set[str]:
    return {row["object_id"], row.get("guid")} - {None, ""}


@settings(max_examples=examples(8, 30), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_of_a_key_that_was_not_asked_for_nothing_is_known(seed: int) -> None:
    dice = Random(seed)
    evidence = Tenants(dice, 0.0).evidence()
    mapped = [("a@con.com", "a@con.com"), ("b@con.com", "b@con.com"), ("c@con.com", IDS[2])]
    before = pairs(evidence, mapped)
    with patch.object(loading, "create_known_keys", _knows({"target": ["b@con.com"]})):
        after = pairs(evidence, mapped)
    assert after[1] == before[1]
    for row, old in ((after[0], before[0]), (after[2], before[2])):
        for name, value in row.items():
            asks_target = name in PAIRS.by_name and any(read.startswith("target.") for read in PAIRS.by_name[name].reads)
            assert value is None if asks_target else value == old[name]


def _knows(known: dict[str, list[str]]) -> Any:
    def create(connection: Any, _: object) -> None:
        connection.execute("create table raw.scoped (side varchar)")
        for side in SIDES:
            connection.execute(f"create table raw.{side}_known_keys (key varchar)")
            connection.executemany(f"insert into raw.{side}_known_keys values (?)", [[key] for key in known.get(side, ["-"])])
        connection.executemany("insert into raw.scoped values (?)", [[side] for side in known])

    return create


def test_a_rule_that_asks_all_people_cannot_be_answered_by_some() -> None:
    evidence = Tenants(Random(1), 0.0).evidence()
    bundles = tenants.bundles_of(replace(evidence, incomplete=frozenset()))
    scoped = {side: replace(bundle, scope=Scope("", 1, "", {})) for side, bundle in bundles.items()}
    with loaded(replace(evidence, incomplete=frozenset()), mapping_of([("a@con.com", "b@con.com")])) as connection:
        whole, some = make_catalogue(connection, bundles), make_catalogue(connection, scoped)
    for side in SIDES:
        for name in (*NAMES, *BELONGING):
            if side in TABLES[name].sides:
                assert f"{side}_{name}" in whole.complete
                assert f"{side}_{name}" not in some.complete
                assert some.why[f"{side}.{name}"] == ONLY_MAPPED
    assert {"target_accepted_domains", "source_distribution_groups", "target_migration_users"} <= some.complete


def imported(folder: Path, scenario: Scenario, keep: str | None = None) -> Path:
    write(render(scenario), folder)
    project, _ = load(folder / "ctm-audit.toml")
    for side in SIDES:
        api.import_exports(project, side, [folder / side], keep=keep)
    return folder


def told(folder: Path, step: Step) -> tuple[Any, ...]:
    project, mapping = load(folder / "ctm-audit.toml")
    result = api.audit(project, mapping, step=step, out=folder / "other-runs")
    document = result.with_findings()
    numbers = [[rule[name] for name in ("id", "passed", "failed", "due", "undetermined", "not_applicable")] for rule in document["rules"]]
    return document["ready"], document["mailboxes"], document["gates"], numbers, document["findings"]


@pytest.mark.slow
@pytest.mark.parametrize("step", [Step.PREPARE, Step.SUBMIT])
def test_with_every_fault_both_bundles_give_the_same_findings(step: Step, tmp_path: Path) -> None:
    """Of texts hashed as they are: what is not ASCII counts as one sign otherwise, which the next test is about."""
    scenario = with_every_fault()
    as_it_is = holders.KEYED.replace(ONE_SIGN, "folded")
    assert as_it_is != holders.KEYED
    with patch.object(holders, "KEYED", as_it_is), patch.object(salt, "NOT_ASCII", re.compile(r"(?!)")):
        mapped = told(imported(tmp_path / "a", scenario), step)
    assert mapped == told(imported(tmp_path / "b", scenario, "all"), step)


@pytest.mark.slow
def test_what_is_not_ascii_may_be_told_in_vain_but_nothing_is_overlooked(tmp_path: Path) -> None:
    scenario = with_every_fault()
    mapped, whole = (told(imported(tmp_path / keep, scenario, keep), Step.SUBMIT)[-1] for keep in ("mapped", "all"))
    assert [one for one in whole if one not in mapped] == []
    in_vain = [one for one in mapped if one not in whole]
    assert {one["rule"] for one in in_vain} == {"STP-17"}
    assert not any(one["found"].isascii() for one in in_vain)


def with_every_fault() -> Scenario:
    faults = [fault for fault in FAULTS.values() if fault.place == "row"]
    scenario = contoso_to_fabrikam(people=len(faults) + 3)
    for row, fault in enumerate(faults):
        scenario = fault.plant(scenario, row)
    return scenario


def test_what_the_bundle_holds_and_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = imported(tmp_path, SMALL)
    bundle = open_bundle(list_bundles(folder / "evidence" / "source")[0])
    mapped = {row.source.casefold() for row in SMALL.rows}
    others = len(SMALL.source.mailboxes) - len(mapped)
    assert others > 0
    assert set(pq.read_table(bundle.parquet("mailboxes"))["upn"].to_pylist()) == mapped
    assert set(pq.read_table(bundle.known_keys)["key"].to_pylist()) == mapped
    assert bundle.scope is not None
    assert bundle.scope.left_out["mailboxes"] >= others - 1  # one has no key
    assert bundle.scope.mapping == load(folder)[1].digest
    assert main(["bundle", "show", "--project", str(folder)]) == 0
    out = capsys.readouterr().out
    assert f"facts of the people of the mapping ({len(mapped)} keys); left out: " in out
    assert main(["bundle", "list", "--project", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bundles"][0]["scope"]["keep"] == "mapped"
    whole = imported(tmp_path / "whole", SMALL, "all")
    assert open_bundle(list_bundles(whole / "evidence" / "source")[0]).scope is None
    assert main(["bundle", "show", "--project", str(whole)]) == 0
    assert "facts of everybody who was exported" in capsys.readouterr().out


@pytest.mark.parametrize("spoil", [lambda file: file.unlink(), lambda file: file.write_bytes(b"x"), lambda file: file.write_bytes(b"")])
def test_changed_keys_are_refused(tmp_path: Path, spoil: Any) -> None:
    bundle = open_bundle(list_bundles(imported(tmp_path, SMALL) / "evidence" / "target")[0])
    spoil(bundle.known_keys)
    with pytest.raises(Refused, match=r"known_keys\.parquet"):
        open_bundle(bundle.path)


@pytest.mark.parametrize("column", ["source", "target"])
def test_a_row_that_the_import_did_not_know_is_undetermined_and_never_ready(tmp_path: Path, column: str) -> None:
    stranger = SMALL.with_row(1, **{column: "somebody.else@contoso.com"})
    folder = imported(tmp_path, stranger)
    write({name: text for name, text in render(SMALL).items() if name == "mapping.csv"}, folder)
    project, mapping = load(folder)
    for step in (Step.PREPARE, Step.SUBMIT):
        result = api.audit(project, mapping, step=step)
        found = [one for one in findings(result) if one[2] not in ("due", "attested")]
        assert (result.document["ready"], result.exit_code, gate(result)) == (None, 3, "undetermined")
        assert {verdict for _, thing, verdict in found if thing == SMALL.rows[1].source} == {"undetermined"}
        now = [thing for _, thing, verdict in found if verdict != "due"]
        assert not {SMALL.rows[0].source, SMALL.rows[2].source} & {*now}
        assert any(f"The bundle of the {column} tenant was made for another mapping" in note for note in result.notes)
        told = [one for one in result.with_findings()["findings"] if one["verdict"] not in ("due", "attested")]
        reasons = {one["reason"] for one in told if one["object"]["id"] == SMALL.rows[1].source}
        assert reasons == {"the bundle was made for another mapping: import again"}
    locked = (folder / "mapping.lock").read_text(encoding="utf-8")
    assert getattr(SMALL.rows[1], column).casefold() not in locked


def test_without_a_mapping_nobody_says_who_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(render(SMALL), tmp_path)
    (tmp_path / "mapping.csv").write_text("source,target\n", encoding="utf-8")
    command = ["import", "source", str(tmp_path / "source"), "--project", str(tmp_path)]
    assert main(command) == 2
    assert "keep everybody's with --keep all" in capsys.readouterr().err
    assert not (tmp_path / "evidence").exists()
    assert main([*command, "--keep", "all"]) == 0
    file = tmp_path / "ctm-audit.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[project]\n", '[project]\nkeep = "all"\n'), encoding="utf-8")
    assert main(command) == 0
    assert main([*command, "--keep", "mapped"]) == 2


def test_an_export_of_mapped_people_that_names_no_keys_can_answer_for_nobody(tmp_path: Path) -> None:
    files = render(SMALL) | {f"target/{file_of(table)}": "[]" for table in hashed_tables("target")}
    record = json.loads(files["target/_export.json"]) | {"salt": "of nobody"}
    for table in record["tables"]:
        table["scope"] = "mapped"
    for keys, ready in (([row.target for row in SMALL.rows], True), ([SMALL.rows[0].target], None), (None, None)):
        folder = tmp_path / str(len(keys or ()))
        named = {} if keys is None else {"mapped_keys": keys}
        write(files | {"target/_export.json": json.dumps(record | named)}, folder)
        project, mapping = load(folder)
        for side in SIDES:
            assert api.import_exports(project, side, [folder / side], keep="all").exit_code == 0
        assert api.audit(project, mapping, step=Step.SUBMIT).document["ready"] is ready
