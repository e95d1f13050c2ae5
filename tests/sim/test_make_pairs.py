"""The projects of the bench are bundles like any other, with one fault in a thousand pairs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bench.make_pairs import FAULTS, make_pairs
from ctm_audit.evidence.bundle import Bundle, newest_bundle, open_bundle
from ctm_audit.evidence.tables import SIDES, Side, evidence_of

COUNT = 2_000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    make_pairs(COUNT, folder)
    return folder


@pytest.fixture(scope="module")
def bundles(project: Path) -> dict[Side, Bundle]:
    return {side: open_bundle(newest_bundle(project / "evidence" / side)) for side in SIDES}


def one(bundle: Bundle, table: str, select: str) -> object:
    (found,) = duckdb.execute(f"select {select} from read_parquet('{bundle.parquet(table).as_posix()}')").fetchall()
    return found[0]


@pytest.mark.parametrize("side", SIDES)
def test_every_table_is_there_whole_and_with_every_column(bundles: dict[Side, Bundle], side: Side) -> None:
    found = bundles[side].tables
    assert not bundles[side].absent
    assert set(found) == {table.name for table in evidence_of(side)}
    for table in evidence_of(side):
        entry = found[table.name]
        part = ("part",) if table.parts else ()
        assert entry.columns == (*part, *(column.name for column in table.columns_of(side)))
        assert (entry.complete, dict(entry.missing)) == (True, {})


@pytest.mark.parametrize(("side", "table"), [("source", "mailboxes"), ("target", "mail_users")])
def test_both_sides_have_about_four_and_a_half_addresses_a_mailbox(bundles: dict[Side, Bundle], side: Side, table: str) -> None:
    assert one(bundles[side], table, "avg(len(smtp) + len(x500))") == pytest.approx(4.5, abs=0.3)


def test_one_pair_in_a_thousand_has_a_fault(bundles: dict[Side, Bundle]) -> None:
    pair = f"""(select s.*, t.* exclude (upn) from read_parquet('{bundles["source"].parquet("mailboxes").as_posix()}') s
      left join read_parquet('{bundles["target"].parquet("mail_users").as_posix()}') t on replace(s.upn, 'contoso', 'fabrikam') = t.upn)"""
    faulty = duckdb.execute(f"select upn from {pair} where litigation_hold or exchange_guid <> exchange_guid_1 order by upn").fetchall()
    assert FAULTS[:2] == ("exchange_guid_not_stamped", "litigation_hold")
    assert faulty == [("person1999@contoso.com",), ("person999@contoso.com",)]


def test_the_mapping_names_every_pair_once(project: Path) -> None:
    lines = (project / "mapping.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("source,target,wave,")
    assert len(set(lines)) == COUNT + 1
    assert {line.split(",")[2] for line in lines[1:]} == {"pilot", "1", "2"}


def test_the_same_count_gives_the_same_bytes(project: Path, bundles: dict[Side, Bundle], tmp_path: Path) -> None:
    make_pairs(COUNT, tmp_path)
    for side in SIDES:
        assert newest_bundle(tmp_path / "evidence" / side).name == bundles[side].name
    assert (tmp_path / "mapping.csv").read_bytes() == (project / "mapping.csv").read_bytes()
