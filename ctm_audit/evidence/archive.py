"""A bundle as one zip file: the same bytes for the same bundle, and unpacked only when nothing in it is out of place.

A zip comes from another company. Only files that a bundle can have are taken, each under its own plain name, so that no
entry can name a place outside the folder; links, doubles, locked entries and what swells too much are refused.
"""

from __future__ import annotations

import re
import shutil
import stat
import struct
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ctm_audit.errors import Refused

ENDING = ".zip"
LARGEST = 8 * 2**30  # bytes of all files together; evidence of a million mailboxes has a few hundred MB
MOST_SWELLING = 200  # Parquet is compressed already
SMALL = 2**20  # a file of this size may swell as it likes
BLOCK = 2**20
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip must have times; these say nothing and never change
PLAIN_FILE = (stat.S_IFREG | 0o600) << 16
UNIX = 3
MEMBER = re.compile(r"(?:(?P<folder>\w[\w .()-]*)/)?(?P<name>manifest\.json|signature\.json|[a-z0-9_]+\.parquet)?", re.ASCII)
AGAIN = "get the file again from where it was made"
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


class Unpacked:
    """A private temporary folder that is deleted when nothing holds this any longer."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ctm-audit-bundle-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def write_archive(folder: Path, sink: IO[bytes]) -> None:
    """Write the files of a folder as a zip: sorted, stored as they are and without times, so that only content makes bytes differ."""
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(file.name, EARLIEST)
            entry.create_system, entry.external_attr, entry.file_size = UNIX, PLAIN_FILE, file.stat().st_size
            with file.open("rb") as content, archive.open(entry, "w") as place:
                shutil.copyfileobj(content, place, BLOCK)


def unpack(path: Path, folder: Path) -> None:
    """Write the files of the zip into a folder. Raises Refused, naming each entry that is out of place, before anything is written."""
    with _opened(path) as (archive, members):
        for name, entry in members.items():
            with archive.open(entry) as content, (folder / name).open("xb") as place:
                shutil.copyfileobj(content, place, BLOCK)


def read_member(path: Path, name: str) -> bytes | None:
    """The content of one file of the zip, None when it has no such file. Raises Refused like `unpack`."""
    with _opened(path) as (archive, members):
        return archive.read(members[name]) if name in members else None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """The zip and its files by their plain names, when nothing is out of place."""
    try:
        with zipfile.ZipFile(path) as archive:
            faults = list(_faults(archive.infolist()))
            if faults:
                raise Refused(f"{path} is not the zip of a bundle.", detail=faults, hint=AGAIN)
            yield archive, {name: entry for entry in archive.infolist() if (name := _name(entry))}
    except BROKEN as error:
        raise Refused(f"{path} cannot be read as the zip of a bundle ({type(error).__name__}: {error}).", hint=_hint(path)) from None


def _name(entry: zipfile.ZipInfo) -> str:
    """The plain name of a file, '' for a folder or a name that no bundle has."""
    found = MEMBER.fullmatch(entry.filename)
    return (found["name"] or "") if found else ""


def _faults(entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    seen: set[str] = set()
    folders: set[str] = set()
    for entry in entries:
        yield from _faults_of(entry)
        found = MEMBER.fullmatch(entry.filename)
        folders.add((found["folder"] or "") if found else "")
        if entry.filename in seen:
            yield f"{entry.filename}: stands in it twice"
        seen.add(entry.filename)
    if len(folders) > 1:
        yield "its files lie in more than one folder"
    if sum(entry.file_size for entry in entries) > LARGEST:
        yield f"its files have more than {LARGEST // 2**30} GB together"


def _faults_of(entry: zipfile.ZipInfo) -> Iterator[str]:
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if entry.filename != name or not MEMBER.fullmatch(name):
        yield f"{name[:200]}: a bundle has no such file"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield f"{name[:200]}: a link or device, not a file"
    if entry.flag_bits & 1:
        yield f"{name[:200]}: locked with a password of the zip program; use ctm-audit bundle export --encrypt"
    if entry.file_size > SMALL and entry.file_size > MOST_SWELLING * entry.compress_size:
        yield f"{name[:200]}: swells to more than {MOST_SWELLING} times its size"


def _hint(path: Path) -> str:
    with path.open("rb") as file:
        is_encrypted = file.read(8) == b"age-encr"
    return f"ctm-audit bundle decrypt {path}" if is_encrypted else AGAIN
