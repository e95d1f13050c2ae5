"""A gigabyte in one line, one text or one tag: refused with a sentence, within bounded memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

GIGABYTE = 10**9
MOST_MEMORY = 2 * GIGABYTE
READ = """
import sys
from pathlib import Path
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.readers.files import read
try:
    print([str(item) for item in read(Path(sys.argv[1])).items])
except NotCollected as reason:
    print(reason)
"""
BEGINNINGS = {
    "json": b'[{"a": "',
    "csv": b'"Name","Size"\r\n"',
    "xml": b'<Objs><Obj RefId="0"><Props><S N="a">',
    "tag.xml": b"<Objs><Obj ",
    "header.csv": b"Name,",
}


def peak_of(command: list[str]) -> tuple[int, str]:
    """The peak resident memory of a process, and what it printed."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak, watched = 0, psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, watched.memory_info().rss)
            time.sleep(0.05)
        assert process.stdout is not None
        return peak, process.stdout.read()


@pytest.mark.slow
@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_gigabyte_without_an_end(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"Get-Mailbox.{name}"
    with path.open("wb") as file:
        file.write(BEGINNINGS[name])
        for _ in range(GIGABYTE // 10**7):
            file.write(b"a" * 10**7)
    peak, told = peak_of([sys.executable, "-c", READ, str(path)])
    path.unlink()
    assert "is longer than" in told
    assert len(told) < 1_000
    assert peak < MOST_MEMORY
