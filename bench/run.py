"""Times audits of 1,000, 100,000 and 1,000,000 pairs beside a floor: DuckDB reading every column of the same bundles once.

`python bench/run.py [--pairs N ...] [--keep FOLDER] [--runs N]` prints one line a size. Each figure is a whole process:
wall-clock seconds and its peak resident memory. The ratio to the floor is what may be compared between machines.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

CHECKOUT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
"""The environment of a process, which finds the package of this checkout from any folder."""
SIZES = (1_000, 100_000, 1_000_000)
FLOOR = """
import sys, duckdb
from pathlib import Path
connection = duckdb.connect(config={"memory_limit": "4GB"})
for path in sorted(Path(sys.argv[1]).rglob("*.parquet")):
    columns = connection.sql(f"select * from read_parquet('{path.as_posix()}')").columns
    sums = ", ".join(f'sum(hash("{column}"))' for column in columns)
    connection.sql(f"select {sums} from read_parquet('{path.as_posix()}')").fetchall()
"""


@dataclass(frozen=True)
class Measured:
    """One process: its wall-clock seconds, its peak resident bytes, and what it printed."""

    seconds: float
    peak: int
    output: str


def measure(command: list[str], allowed: tuple[int, ...]) -> Measured:
    """Run the command to its end; its exit code must be one of `allowed`."""
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as output,
        subprocess.Popen(command, stdout=output, env=CHECKOUT) as process,
    ):
        peak, watched = 0, psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.01)
        code = process.wait()
        seconds = time.perf_counter() - started
        output.seek(0)
        if code not in allowed:
            raise SystemExit(f"{' '.join(command)} ended with {code}")
        return Measured(seconds, peak, output.read())


def project_of(pairs: int, folder: Path) -> Path:
    """The project with that many pairs, made if it is not there yet."""
    project = folder / str(pairs)
    if not (project / "ctm-audit.toml").exists():
        subprocess.run([sys.executable, str(Path(__file__).with_name("make_pairs.py")), str(pairs), str(project)], check=True)
    return project


def audited(project: Path) -> Measured:
    """The whole command `ctm-audit audit --for submit`, whose runs go to a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-m", "ctm_audit", "audit", "--project", str(project), "--for", "submit", "--out", runs]
        measured = measure(command, (0, 1, 3))
        (record,) = Path(runs).glob("*/run.json")
        mailboxes = json.loads(record.read_text(encoding="utf-8"))["mailboxes"]
        return Measured(measured.seconds, measured.peak, f"{mailboxes['ready']} ready, {mailboxes['blocked']} blocked")


def best(measured: list[Measured]) -> Measured:
    """The quickest of several runs."""
    return min(measured, key=lambda one: one.seconds)


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--keep", type=Path, help="keep the made bundles in this folder and use them again")
    parser.add_argument("--runs", type=int, default=3, help="take the quickest of so many")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        print(f"{'pairs':>10} {'floor s':>8} {'audit s':>8} {'ratio':>6} {'peak MB':>8}  what came out")
        for pairs in options.pairs:
            project = project_of(pairs, folder)
            floor = best([measure([sys.executable, "-c", FLOOR, str(project)], (0,)) for _ in range(options.runs)])
            audit = best([audited(project) for _ in range(options.runs)])
            ratio = audit.seconds / floor.seconds
            print(
                f"{pairs:>10,} {floor.seconds:>8.2f} {audit.seconds:>8.2f} {ratio:>6.1f} {audit.peak // 2**20:>8,}  {audit.output}",
                flush=True,
            )


if __name__ == "__main__":
    main()
