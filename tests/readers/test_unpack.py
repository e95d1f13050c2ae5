"""Zips of exports: opened whole, or refused with every reason and nothing written."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctm_audit.errors import Refused
from ctm_audit.readers import unpack
from ctm_audit.readers.unpack import unpacked


def make(path: Path, *names: str, **attributes: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, (2026, 11, 20, 17, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(entry, attribute, value)
            archive.writestr(entry, "[]")
    return path


def test_files_in_one_folder_come_out_with_their_times(tmp_path: Path) -> None:
    path = make(tmp_path / "x.zip", "export/", "export/Get-Mailbox.json", "export\\users.json")
    with unpacked([path, tmp_path]) as (folder, other):
        assert other == tmp_path
        assert sorted(file.name for file in folder.iterdir()) == ["Get-Mailbox.json", "users.json"]
        moment = datetime.fromtimestamp((folder / "users.json").stat().st_mtime, UTC)
        assert moment == datetime(2026, 11, 20, 3, tzinfo=UTC)  # in the farthest zone it was still that early
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../a.json", "leads out of its folder"),
        ("a/../../b.json", "leads out of its folder"),
        ("..\\a.json", "leads out of its folder"),
        ("/etc/a.json", "an absolute name"),
        ("C:\\a.json", "an absolute name"),
        ("\\\\server\\share\\a.json", "an absolute name"),
        ("CON.json", "a Windows device"),
        ("com1", "a Windows device"),
        ("nul/a.json", "a Windows device"),
        ("a.json:stream", "Windows cannot have"),
        ("a.json ", "Windows cannot have"),
        ("a\x01.json", "Windows cannot have"),
        ("inner.zip", "an archive inside"),
        ("a.tar.gz", "an archive inside"),
    ],
)
def test_names_that_mean_harm(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(Refused, match=why), unpacked([make(tmp_path / "x.zip", name)]):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["x.zip"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "x.zip", "Get-Mailbox.json", external_attr=(stat.S_IFLNK | 0o777) << 16)
    with pytest.raises(Refused, match="a link or device"), unpacked([path]):
        pass


def test_every_reason_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal, unpacked([make(tmp_path / "x.zip", "../a.json", "CON", "b.json", "B.JSON")]):
        pass
    assert len(refusal.value.detail) == 3
    assert "stands in it 2 times" in str(refusal.value)


def with_bytes(path: Path, change: Callable[[bytearray], None]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


def locked(data: bytearray) -> None:
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="locked with a password"), unpacked([with_bytes(make(tmp_path / "x.zip", "a.json"), locked)]):
        pass


def test_a_bomb_is_refused_before_it_is_written(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Get-Mailbox.json", b"\0" * (unpack.SMALL + 1))
    with pytest.raises(Refused, match="swells to more than 400 times"), unpacked([tmp_path / "x.zip"]):
        pass


@pytest.mark.parametrize(("limit", "value", "why"), [("MOST_ENTRIES", 1, "at most 1"), ("LARGEST", 3, "GB together")])
def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, why: str) -> None:
    monkeypatch.setattr(unpack, limit, value)
    with pytest.raises(Refused, match=why), unpacked([make(tmp_path / "x.zip", "a.json", "b.json")]):
        pass


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\xff" * 18])
def test_a_broken_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(Refused, match="cannot be read as a zip"), unpacked([tmp_path / "x.zip"]):
        pass


def test_a_size_that_lies_is_refused(tmp_path: Path) -> None:
    def lie(data: bytearray) -> None:
        place = data.index(b"PK\x01\x02") + 24
        data[place : place + 4] = (1).to_bytes(4, "little")

    with pytest.raises(Refused, match="cannot be read as a zip"), unpacked([with_bytes(make(tmp_path / "x.zip", "a.json"), lie)]):
        pass


def test_a_time_that_makes_no_sense_is_the_oldest(tmp_path: Path) -> None:
    path = make(tmp_path / "x.zip", "a.json")

    def no_month(data: bytearray) -> None:
        place = data.index(b"PK\x01\x02") + 14
        data[place : place + 2] = b"\0\0"

    with unpacked([with_bytes(path, no_month)]) as (folder,):
        assert (folder / "a.json").stat().st_mtime == unpack.OLDEST.timestamp()


@given(st.integers(0, 400), st.integers(0, 255), st.integers(0, 3))
def test_no_changed_byte_crashes(tmp_path_factory: pytest.TempPathFactory, place: int, value: int, cut: int) -> None:
    folder = tmp_path_factory.mktemp("zip")

    def change(data: bytearray) -> None:
        data[place % len(data)] = value
        del data[len(data) - cut :]

    path = with_bytes(make(folder / "x.zip", "a.json", "b.json"), change)
    try:
        with unpacked([path]) as (opened,):
            assert {file.parent for file in opened.iterdir()} == {opened}
    except Refused:
        assert list(folder.iterdir()) == [path]
