"""Bundles: the same input gives the same bytes, and no changed byte is ever read as evidence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.errors import EvidenceGap, Refused
from ctm_audit.evidence import manifest
from ctm_audit.evidence.bundle import Bundle, list_bundles, newest_bundle, open_bundle, write_bundle
from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.tables import TABLES, evidence_of
from tests.evidence.exported import WHEN, mailbox, object_id, take_in


def tables() -> list[Intake]:
    return [
        take_in("mailboxes", [mailbox(number) for number in range(3)], expected=3),
        take_in("group_members", [{"ExternalDirectoryObjectId": object_id(1)}], part="CTMAllowed"),
        take_in("migration_users", []),
    ]


def make(folder: Path, made: list[Intake] | None = None) -> Bundle:
    made = made or tables()
    absent = {table.name: f"there is no {table.name}" for table in evidence_of("source") if table.name not in {one.name for one in made}}
    return write_bundle(
        folder,
        side="source",
        tenant_id=object_id(0),
        initial_domain="contoso.onmicrosoft.com",
        cloud="worldwide",
        collected_how="_export.json",
        tables=made,
        absent=absent,
    )


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    written = make(tmp_path)
    read = open_bundle(written.path)
    assert read == written
    assert read.path.name == f"source-20261120T170000Z-{read.digest[:8]}"
    assert (read.side, read.tenant_id, read.collected_at, read.signed) == ("source", object_id(0), WHEN, False)
    entry = read.tables["mailboxes"]
    assert (entry.rows, entry.expected, entry.complete, entry.reason, entry.missing) == (3, 3, True, "", {})
    assert entry.columns == tuple(column.name for column in TABLES["mailboxes"].columns_of("source"))
    assert read.tables["group_members"].parts == ("ctmallowed",)
    assert {*read.tables, *read.absent} == {table.name for table in evidence_of("source")}
    assert not any(entry.name.startswith(".") for entry in tmp_path.iterdir())


def test_parquet_has_the_declared_types(tmp_path: Path) -> None:
    bundle = make(tmp_path)
    table = pq.read_table(bundle.parquet("mailboxes"))
    kinds = {"text": pa.string(), "flag": pa.bool_(), "integer": pa.int64(), "texts": pa.list_(pa.string())}
    for column in TABLES["mailboxes"].columns_of("source"):
        found = table.schema.field(column.name).type
        assert (found.value_type, pa.types.is_list(found)) == (pa.string(), True) if column.type == "texts" else found == kinds[column.type]
    assert table["object_id"].to_pylist() == sorted(object_id(number) for number in range(3))


def test_the_manifest_lists_what_is_absent_with_the_line_that_exports_it(tmp_path: Path) -> None:
    document = json.loads((make(tmp_path).path / "manifest.json").read_bytes())
    assert document["format_version"] == "1"
    assert document["absent"]["subscribed_skus"] == {"reason": "there is no subscribed_skus", "export": TABLES["subscribed_skus"].export}


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = make(tmp_path / "a"), make(tmp_path / "b", list(reversed(tables())))
    assert first.path.name == second.path.name
    assert bytes_of(first.path) == bytes_of(second.path)


def test_the_same_bundle_is_not_written_twice_and_another_never_over_it(tmp_path: Path) -> None:
    first = make(tmp_path)
    before = (first.path / "manifest.json").stat().st_mtime_ns
    assert make(tmp_path) == first
    assert (first.path / "manifest.json").stat().st_mtime_ns == before
    assert make(tmp_path, tables()[:1]).path != first.path
    assert len(list(tmp_path.iterdir())) == 2


def test_a_spoiled_bundle_is_not_taken_for_the_same(tmp_path: Path) -> None:
    first = make(tmp_path)
    first.parquet("mailboxes").write_bytes(b"")
    with pytest.raises(Refused, match="not as it was made"):
        make(tmp_path)


def test_nothing_half_written_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ctm_audit.evidence.bundle.pq.write_table", fail)
    with pytest.raises(OSError, match="No space"):
        make(tmp_path)
    assert list(tmp_path.iterdir()) == []


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@settings(max_examples=60)
@given(st.data())
def test_any_changed_byte_of_any_file_is_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp() / "flip"
    places = list_bundles(folder) or [make(folder).path]
    file = data.draw(st.sampled_from(sorted(places[0].iterdir())))
    whole = file.read_bytes()
    try:
        file.write_bytes(flip(whole, data.draw(st.integers(0, len(whole) - 1))))
        with pytest.raises(Refused, match=r"manifest\.json|not as it was made"):
            open_bundle(places[0])
    finally:
        file.write_bytes(whole)
    open_bundle(places[0])


def rewrite(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest as somebody would who knows how the digest is made."""
    file = folder / "manifest.json"
    document = json.loads(file.read_bytes())
    change(document)
    file.write_bytes(manifest.render(manifest.with_digest({name: value for name, value in document.items() if name != "digest"})))


def rename_to_fit(folder: Path) -> Path:
    return folder.rename(folder.parent / manifest.read_manifest(folder).name)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda folder: (folder / "mailboxes.parquet").unlink(), "mailboxes.parquet: missing"),
        (lambda folder: (folder / "extra.txt").write_text("x", encoding="utf-8"), "extra.txt: not named"),
        (lambda folder: (folder / "sub").mkdir(), "sub: not named"),
        (lambda folder: (folder / "mailboxes.parquet").write_bytes(b"PAR1"), "mailboxes.parquet: changed"),
        (lambda folder: (folder / "manifest.json").unlink(), "is not a bundle"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"{}"), "damaged"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"[" * 100_000), "damaged"),
        (lambda folder: (folder / "manifest.json").write_bytes(b'{"a": "\\ud800"}'), "damaged"),
        (lambda folder: rewrite(folder, lambda document: document.update(cloud="gcc")), "is called"),
    ],
)
def test_what_was_tampered_with_is_refused_by_name(tmp_path: Path, change: Callable[[Path], object], why: str) -> None:
    folder = make(tmp_path).path
    change(folder)
    with pytest.raises(Refused) as refusal:
        open_bundle(folder)
    assert why in str(refusal.value)
    assert refusal.value.exit_code == 5
    assert refusal.value.hint


def test_every_changed_file_is_named_at_once(tmp_path: Path) -> None:
    folder = make(tmp_path).path
    (folder / "mailboxes.parquet").unlink()
    (folder / "group_members.parquet").write_bytes(b"x")
    (folder / "more").write_bytes(b"")
    with pytest.raises(Refused) as refusal:
        open_bundle(folder)
    assert [line.split(":")[0] for line in refusal.value.detail] == ["more", "group_members.parquet", "mailboxes.parquet"]


@pytest.mark.parametrize("name", ["mailboxes.parquet", "manifest.json"])
def test_a_link_is_refused_even_to_the_same_bytes(tmp_path: Path, name: str) -> None:
    folder = make(tmp_path / "bundles").path
    moved = tmp_path / name
    (folder / name).rename(moved)
    (folder / name).symlink_to(moved)
    with pytest.raises(Refused):
        open_bundle(folder)


TABLE_CHANGES = [
    lambda tables: tables.update({"../../secrets": tables["mailboxes"]}),
    lambda tables: tables.update({"recipients": tables["mailboxes"]}),
    lambda tables: tables.update({"subscribed_skus": tables["mailboxes"]}),
    lambda tables: tables["mailboxes"].update(rows="3"),
    lambda tables: tables["mailboxes"].update(rows=True),
    lambda tables: tables["mailboxes"].update(complete="yes"),
    lambda tables: tables["mailboxes"].update(columns=["object_id", "no_such_column"]),
    lambda tables: tables["mailboxes"].update(missing=["quota"]),
    lambda tables: tables["mailboxes"].update(collected_at="2026-11-20"),
    lambda tables: tables["mailboxes"].update(collected_at="2026-11-20T17:00:00+01:00"),
    lambda tables: tables["mailboxes"].update(rows=4),
    lambda tables: tables["mailboxes"].update(columns=tables["mailboxes"]["columns"][1:]),
    lambda tables: tables["mailboxes"].pop("sha256"),
    lambda tables: tables.pop("mailboxes"),
]


@pytest.mark.parametrize("change", TABLE_CHANGES)
def test_a_manifest_that_was_made_to_fit_still_cannot_say_anything(tmp_path: Path, change: Callable[[dict[str, object]], object]) -> None:
    folder = make(tmp_path).path.rename(tmp_path / "moved")
    rewrite(folder, lambda document: change(document["tables"]))  # type: ignore[arg-type]  # a document is whatever JSON holds
    with pytest.raises(Refused):
        open_bundle(folder)


def test_another_format_version_is_refused(tmp_path: Path) -> None:
    folder = make(tmp_path).path
    rewrite(folder, lambda document: document.update(format_version="2"))
    with pytest.raises(Refused, match="format_version '2' is not '1'"):
        open_bundle(folder)


@pytest.mark.parametrize("claim", [True, "yes", None, 1, 0])
def test_a_bundle_that_claims_to_be_signed_is_refused(tmp_path: Path, claim: object) -> None:
    folder = make(tmp_path).path
    rewrite(folder, lambda document: document.update(signed=claim))
    with pytest.raises(Refused, match="claims to be signed"):
        open_bundle(folder)


def test_a_bundle_under_another_name_opens_but_under_a_false_date_does_not(tmp_path: Path) -> None:
    folder = make(tmp_path).path
    plain = folder.rename(tmp_path / "from-the-seller")
    assert open_bundle(plain).side == "source"
    false = plain.rename(tmp_path / folder.name.replace("20261120", "20271120"))
    with pytest.raises(Refused, match=folder.name):
        open_bundle(false)


def test_an_older_version_that_asked_for_less_gives_a_reason(tmp_path: Path) -> None:
    folder = make(tmp_path).path
    rewrite(folder, lambda document: document["absent"].pop("subscribed_skus"))  # type: ignore[attr-defined]  # as above
    bundle = open_bundle(rename_to_fit(folder))
    assert bundle.absent["subscribed_skus"] == manifest.NOT_ASKED


def test_the_newest_is_first_and_of_the_same_time_the_one_written_last(tmp_path: Path) -> None:
    older = make(tmp_path, [replace(table, collected_at=datetime(2025, 1, 1)) for table in tables()])
    first, second = make(tmp_path), make(tmp_path, tables()[:1])
    os.utime(first.path / "manifest.json", ns=(0, 10**18))
    os.utime(second.path / "manifest.json", ns=(0, 2 * 10**18))
    (tmp_path / "notes").mkdir()
    assert list_bundles(tmp_path) == [second.path, first.path, older.path]
    os.utime(first.path / "manifest.json", ns=(0, 3 * 10**18))
    assert newest_bundle(tmp_path) == first.path
    assert list_bundles(second.path) == [second.path]


def test_without_a_bundle_the_next_command_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(EvidenceGap) as gap:
            newest_bundle(folder)
        assert "ctm-audit import" in str(gap.value.hint)


def test_times_are_kept_to_the_second_and_the_oldest_table_dates_the_bundle(tmp_path: Path) -> None:
    made = tables()
    made[0] = replace(made[0], collected_at=datetime(2026, 11, 20, 16, 59, 59, 999_999))
    bundle = open_bundle(make(tmp_path, made).path)
    assert bundle.collected_at == bundle.tables["mailboxes"].collected_at == datetime(2026, 11, 20, 16, 59, 59)
    assert bundle.tables["group_members"].collected_at == WHEN
