"""A bundle's zip: the same bytes, and nothing hostile in it is ever unpacked."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.errors import Refused
from ctm_audit.evidence import archive
from ctm_audit.evidence.bundle import list_bundles, newest_bundle, open_bundle
from ctm_audit.evidence.transport import export_bundle
from tests.evidence.test_bundle import make

Write = Callable[[zipfile.ZipFile], object]


def zipped(folder: Path) -> Path:
    """The zip of a new bundle."""
    return export_bundle(make(folder / "made").path, folder / "bundle.zip")[1]


def rezipped(path: Path, write: Write, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """The zip once more, with something in it that does not belong there."""
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", compression) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
        write(new)
    return changed


def test_the_same_bundle_gives_the_same_zip(tmp_path: Path) -> None:
    first, second = zipped(tmp_path / "a"), zipped(tmp_path / "b")
    os.utime(next((tmp_path / "b" / "made").iterdir()) / "manifest.json", (0, 0))
    again = export_bundle(tmp_path / "b" / "made", tmp_path / "again.zip")[1]
    assert first.read_bytes() == second.read_bytes() == again.read_bytes()


def test_a_zip_is_a_bundle(tmp_path: Path) -> None:
    made = make(tmp_path / "made")
    _, file = export_bundle(made.path, tmp_path / f"{made.name}.zip")
    opened = open_bundle(file)
    assert (opened.digest, opened.tables, opened.path) == (made.digest, made.tables, file)
    assert opened.parquet("mailboxes").read_bytes() == made.parquet("mailboxes").read_bytes()
    assert list_bundles(tmp_path) == list_bundles(file) == [newest_bundle(tmp_path)] == [file]


def test_what_was_unpacked_is_private_and_goes_with_the_bundle(tmp_path: Path) -> None:
    opened = open_bundle(zipped(tmp_path))
    folder = opened.folder
    assert folder.is_dir()
    assert os.name == "nt" or stat.S_IMODE(folder.stat().st_mode) == 0o700
    del opened
    assert not folder.exists()


def test_nothing_stays_of_a_zip_that_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path)
    (tmp_path / "private").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "private"))
    broken = rezipped(path, lambda new: new.writestr("users.parquet", b"x"))
    with pytest.raises(Refused, match=r"users\.parquet: not named in the manifest"):
        open_bundle(broken)
    assert list((tmp_path / "private").iterdir()) == []


def test_a_zip_made_of_the_folder_by_hand_is_read(tmp_path: Path) -> None:
    made = make(tmp_path)
    file = Path(shutil.make_archive(str(tmp_path / "by-hand"), "zip", tmp_path, made.name))
    assert open_bundle(file).digest == made.digest


def test_a_changed_zip_of_a_date_must_bear_its_name(tmp_path: Path) -> None:
    false = zipped(tmp_path).rename(tmp_path / "source-20991120T170000Z-00000000.zip")
    with pytest.raises(Refused, match="this bundle is called source-2026"):
        open_bundle(false)


def link(new: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("users.parquet")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    new.writestr(entry, "/etc/passwd")


def again(new: zipfile.ZipFile) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        new.writestr("manifest.json", b"{}")


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (lambda new: new.writestr("../manifest.json", b"x"), "no such file"),
        (lambda new: new.writestr("../../etc/cron.d/users.parquet", b"x"), "no such file"),
        (lambda new: new.writestr("/users.parquet", b"x"), "no such file"),
        (lambda new: new.writestr("C:/users.parquet", b"x"), "no such file"),
        (lambda new: new.writestr("..\\users.parquet", b"x"), "no such file"),
        (lambda new: new.writestr("run.exe", b"x"), "no such file"),
        (lambda new: new.writestr("deep/er/users.parquet", b"x"), "no such file"),
        (lambda new: new.writestr("other/users.parquet", b"x"), "more than one folder"),
        (lambda new: new.writestr("users.parquet", bytes(2**22)), "swells"),
        (link, "a link or device"),
        (again, "stands in it twice"),
    ],
)
def test_a_hostile_zip_is_refused_before_anything_is_written(tmp_path: Path, write: Write, why: str) -> None:
    path = rezipped(zipped(tmp_path), write)
    for use in (
        open_bundle,
        lambda path: archive.read_member(path, "manifest.json"),
        lambda path: archive.unpack(path, tmp_path / "nowhere"),
    ):
        with pytest.raises(Refused, match="is not the zip of a bundle") as refusal:
            use(path)
        assert why in str(refusal.value)


def test_too_much_together_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path)
    monkeypatch.setattr(archive, "LARGEST", 1000)
    with pytest.raises(Refused, match="together"):
        open_bundle(path)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    def write(new: zipfile.ZipFile) -> None:
        link(new)
        new.writestr("../x", b"")

    with pytest.raises(Refused) as refusal:
        open_bundle(rezipped(zipped(tmp_path), write))
    assert len(refusal.value.detail) == 2


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(tmp_path).read_bytes())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    with pytest.raises(Refused, match="locked with a password"):
        open_bundle(tmp_path / "locked.zip")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_changed_byte_of_a_zip_is_taken_for_the_same_bundle(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp() / "zips"
    whole = (folder / "bundle.zip").read_bytes() if folder.exists() else zipped(folder).read_bytes()
    place, cut = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.booleans())
    changed = whole[:place] if cut else whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    file = folder / "flipped.zip"
    file.write_bytes(changed)
    digest = open_bundle(folder / "bundle.zip").digest
    with contextlib.suppress(Refused):
        assert open_bundle(file).digest == digest  # a byte of a zip may mean nothing, such as a time


@pytest.mark.parametrize("content", [b"", b"PK", b"junk" * 100, b"age-encryption.org/v1\n-> X25519 x"])
def test_what_is_no_zip_is_refused_with_the_next_command(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(content)
    with pytest.raises(Refused) as refusal:
        open_bundle(file)
    assert (refusal.value.hint or "").startswith("ctm-audit bundle decrypt" if content.startswith(b"age") else "get the file again")


def test_an_empty_zip_is_not_a_bundle(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    with pytest.raises(Refused, match="no manifest"):
        open_bundle(tmp_path / "empty.zip")


def test_a_zip_larger_than_memory_would_be_written_in_pieces(tmp_path: Path) -> None:
    made = make(tmp_path)
    written = io.BytesIO()
    archive.write_archive(made.path, written)
    with zipfile.ZipFile(written) as found:
        assert [entry.filename for entry in found.infolist()] == sorted(file.name for file in made.path.iterdir())
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in found.infolist())
