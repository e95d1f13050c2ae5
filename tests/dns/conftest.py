"""One private internet a test session: real name servers and resolvers, asked by the product itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.dns.zones import CUSTOMERS

ROOT = Path(__file__).parents[2]
Rows = list[dict[str, Any]]
PORT_53, HIGH_PORT = 53, 5300


class Bed:
    """The running bed: takes requests, gives what the observer wrote."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        (folder / "servers").mkdir()
        alone = ["unshare", "-rn"] if port == PORT_53 else []
        command = [*alone, sys.executable, "-m", "tests.dns.bed", str(folder / "servers"), str(port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._read()

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._read()

    def observe(self, *domains: str, **request: Any) -> Observed:
        """An observation of domains, with the bundle's rows."""
        said = self.ask(domains=domains, folder=str(self.folder / "bundles"), **request)
        return Observed(said, Path(said["bundle"]) if "bundle" in said else None)

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"the bed has ended: {self.process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


class Observed:
    """What came of one observation."""

    def __init__(self, said: dict[str, Any], path: Path | None) -> None:
        self.said = said
        self.path = path

    def rows(self, table: str, **facts: Any) -> Rows:
        """The rows of a table with these facts."""
        assert self.path, self.said
        rows: Rows = pq.read_table(self.path / f"{table}.parquet").to_pylist()
        return [row for row in rows if all(row[name] == value for name, value in facts.items())]

    def told(self, domain: str, role: str, kind: str = "authoritative") -> dict[str, str]:
        """The outcome of a question at each server."""
        return {row["server"]: row["outcome"] for row in self.rows("answers", domain=domain, role=role, kind=kind, way="plain")}

    def one(self, domain: str, role: str, server: str = "", kind: str = "authoritative") -> dict[str, Any]:
        """The only answer of a question, at a server where it has several."""
        rows = self.rows("answers", domain=domain, role=role, kind=kind, way="plain")
        (row,) = [row for row in rows if not server or row["server"] == server]
        return row


def can_be_alone() -> bool:
    """True when a process may have a network of its own here."""
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    found = Bed(tmp_path_factory.mktemp("bed"), PORT_53 if can_be_alone() else HIGH_PORT)
    yield found
    found.close()


@pytest.fixture(scope="session")
def seen(bed: Bed) -> Observed:
    """One observation of every domain of the bed, and of one that does not exist."""
    names: Sequence[str] = (*CUSTOMERS, "gone.com")
    return bed.observe(*names, resolvers=["plain", "clamping", "validating", "lying", "nobody"], selectors=["selector3"])
