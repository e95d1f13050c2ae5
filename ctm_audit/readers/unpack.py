"""Zips of exports: unpacked into a folder of their own when nothing in them is out of place, else refused with every reason.

A zip comes from somebody else's computer. An entry is written under its plain name only, so none can name a place outside the folder.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ctm_audit.errors import Refused
from ctm_audit.evidence.normalise import shortened

ENDING = ".zip"
AGAIN = "get or make the file again"
MOST_ENTRIES = 100_000
LARGEST = 16 * 2**30  # bytes of all files together
MOST_SWELLING = 400  # exports are repetitive: 30 to 100 times is common
SMALL = 2**22  # a file of this size may swell as it likes
BLOCK = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)
FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*]|[. ]$')
ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tar", ".bz2", ".xz", ".cab")
FARTHEST_ZONE = timedelta(hours=14)  # a zip has local times of an unknown zone; evidence must not look fresher than it is
OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)


@contextmanager
def unpacked(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """The paths, each zip among them replaced by a temporary folder with its files. Raises Refused, naming everything out of place."""
    with ExitStack() as stack:
        yield [_unpack(path, stack) if path.suffix.lower() == ENDING and path.is_file() else path for path in paths]


def _unpack(path: Path, stack: ExitStack) -> Path:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ctm-audit-import-")))
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            faults = list(_faults(entries))
            if faults:
                raise Refused(f"{path} was not opened.", detail=faults, hint="zip the exported files anew, or name their folder")
            for entry in entries:
                _write(archive, entry, folder / _plain(entry))
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise Refused(f"{path} cannot be read as a zip ({error.strerror}).", hint=AGAIN) from None
    except BROKEN as error:
        raise Refused(f"{path} cannot be read as a zip ({type(error).__name__}: {error}).", hint=AGAIN) from None
    return folder


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path) -> None:
    with archive.open(entry) as content, place.open("xb") as file:
        shutil.copyfileobj(content, file, BLOCK)
    moment = _moment(entry).timestamp()
    os.utime(place, (moment, moment))


def _moment(entry: zipfile.ZipInfo) -> datetime:
    """The earliest time that the entry's local time can have been."""
    try:
        return max(datetime(*entry.date_time, tzinfo=UTC) - FARTHEST_ZONE, OLDEST)
    except ValueError:
        return OLDEST


def _plain(entry: zipfile.ZipInfo) -> str:
    """The name without folders; old shells write backslashes between them."""
    return entry.filename.replace("\\", "/").rpartition("/")[2]


def _faults(entries: Sequence[zipfile.ZipInfo]) -> Iterator[str]:
    if len(entries) > MOST_ENTRIES:
        yield f"it has {len(entries):,} files; at most {MOST_ENTRIES:,} are read"
        return
    if sum(entry.file_size for entry in entries) > LARGEST:
        yield f"its files have more than {LARGEST // 2**30} GB together"
    for entry in entries:
        for what in _faults_of(entry):
            yield f"{shortened(entry.orig_filename)}: {what}"
    for name, count in Counter(_plain(entry).casefold() for entry in entries).items():
        if count > 1:
            yield f"{shortened(name)}: stands in it {count} times"


def _faults_of(entry: zipfile.ZipInfo) -> Iterator[str]:
    parts = entry.orig_filename.replace("\\", "/").split("/")
    if parts[0] == "" or re.match("[A-Za-z]:", parts[0]):
        yield "an absolute name"
    if ".." in parts:
        yield "a name that leads out of its folder"
    if any(FORBIDDEN.search(part) for part in parts if part not in ("", ".", "..")) or not parts[-1]:
        yield "a name that Windows cannot have"
    if any(DEVICES.fullmatch(part) for part in parts):
        yield "the name of a Windows device"
    if parts[-1].lower().endswith(ARCHIVES):
        yield "an archive inside the zip"
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        yield "a link or device, not a file"
    if entry.flag_bits & 1:
        yield "locked with a password"
    elif entry.compress_type not in METHODS:
        yield "compressed in a way that is not read"
    if entry.file_size > SMALL and entry.file_size > MOST_SWELLING * entry.compress_size:
        yield f"swells to more than {MOST_SWELLING} times its size"
