"""Times imports: 100,000 mailboxes as JSON (about 400 MB), the same as Export-Clixml, and a million address lists.

`python bench/imports.py [--mailboxes N] [--keep FOLDER]` prints one line a measurement. Files are read by a whole process
(`ctm-audit import`): wall-clock seconds, megabytes of file a second and peak resident memory. `docs/benchmarks-import.md` keeps figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.run import measure
from ctm_audit.evidence import normalise as n
from ctm_audit.readers.files import read
from ctm_audit.sim.contoso import contoso_to_fabrikam
from ctm_audit.sim.mailboxes import get_mailbox
from tests.readers.clixml_writer import HEAD, Writer

MAILBOXES = 100_000
ADDRESSES = 1_000_000
MEGABYTE = 1e6


def mailboxes(count: int) -> Iterator[str]:
    """Mailboxes as Exchange Online prints them, each with its own ids and addresses, as one JSON text."""
    scenario = contoso_to_fabrikam(people=12)
    printed = [box for box in get_mailbox(scenario.source) if box["RecipientTypeDetails"] == "UserMailbox"]
    texts = [(json.dumps(box, indent=2), str(box["ExternalDirectoryObjectId"]), str(box["ExchangeGuid"])) for box in printed]
    for number in range(count):
        text, object_id, exchange_guid = texts[number % len(texts)]
        own = str(uuid.UUID(int=number + 1))
        yield text.replace(object_id, own).replace(exchange_guid, own)


def write_json(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(mailboxes(count)):
            file.write(("[" if number == 0 else ",") + text)
        file.write("]")


def write_clixml(path: Path, count: int) -> None:
    writer = Writer()
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for text in mailboxes(count):
            file.write(f"\r\n  {writer.record(json.loads(text))}")
        file.write("\r\n</Objs>")


def run_import(path: Path, folder: Path) -> str:
    command = [sys.executable, "-m", "ctm_audit", "import", "source", str(path), "-o", str(folder / "bundles")]
    found = measure(command, allowed=(0, 3))
    size = path.stat().st_size / MEGABYTE
    return f"{size:.0f} MB in {found.seconds:.1f} s ({size / found.seconds:.0f} MB/s), peak {found.peak / MEGABYTE:.0f} MB"


def read_alone(path: Path) -> str:
    """The reader without what follows it, in seconds of processor time, so that other programs do not count."""
    started = time.process_time()
    objects = sum(1 for _ in read(path).items)
    seconds = time.process_time() - started
    return f"{objects:,} objects in {seconds:.1f} s of processor time ({path.stat().st_size / MEGABYTE / seconds:.0f} MB/s)"


def normalise_addresses(count: int) -> str:
    lists = [
        [f"SMTP:User{number}@contoso.com", f"smtp:u{number}@contoso.onmicrosoft.com", f"X500:/o=Ex/cn=U{number}"] for number in range(1_000)
    ]
    started = time.perf_counter()
    done = 0
    while done < count:
        for proxies in lists:
            n.smtp(proxies)
            done += len(proxies)
    return f"{done:,} addresses in {time.perf_counter() - started:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mailboxes", type=int, default=MAILBOXES)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        writers: dict[str, Callable[[Path, int], None]] = {"Get-Mailbox.json": write_json, "Get-Mailbox.xml": write_clixml}
        for name, write in writers.items():
            path = folder / name
            if not path.exists():
                write(path, options.mailboxes)
            print(f"{name}, {options.mailboxes:,} mailboxes: {run_import(path, folder)}", flush=True)
            print(f"{name}, the reader alone: {read_alone(path)}", flush=True)
    print(normalise_addresses(ADDRESSES))


if __name__ == "__main__":
    main()
