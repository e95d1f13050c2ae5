"""A domain that is moved while real servers and resolvers look on: each kind of resolver is told by its TTLs alone."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ctm_audit import api
from ctm_audit.dns.verified import Verified
from ctm_audit.evidence.bundle import list_bundles
from tests.dns.conftest import PORT_53, Bed
from tests.dns.zones import FIRST, MOVING, PLAIN, REGISTRY, ROOT, SECOND
from tests.dns_plan.conftest import NEW_MX, Move, new_move

DOMAIN = "moving.com"
LOGINS = ("microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn", "sovcloud-identity.fr", "sovcloud-identity.de")
HOSTS = "".join(f'"login.{name}" = "127.0.0.1:9"\n' for name in LOGINS)  # where nobody listens
RESOLVERS = ["plain", "clamping", "stale", "nobody"]
MOVED = [f"@ 8 IN {NEW_MX}.", *MOVING[1:]]


def look(bed: Bed, move: Move) -> tuple[Verified, dict[str, str]]:
    """How the move stands after one more observation, and what each server and resolver says of the MX."""
    said = bed.ask(domains=[DOMAIN], folder=str(move.root / "evidence" / "dns"), resolvers=RESOLVERS)
    assert said["code"] in (0, 3), said
    (found,) = api.standing_dns(move.project)
    assert found.matrix
    return found, {cell.told.server.partition(".")[0]: cell.state.name for cell in found.matrix.cells if cell.told.role == "mx"}


@pytest.mark.slow
def test_a_domain_moves(bed: Bed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctm_audit.dns.caches.SPARE", datetime.resolution)
    move = new_move(tmp_path, DOMAIN)
    move.target(datetime.now(UTC).replace(tzinfo=None), ready=True)
    assert look(bed, move)[1] == {"ns1": "OLD", "ns2": "OLD", "plain": "OLD", "clamping": "OLD", "stale": "OLD"}
    bed.ask(rewrite=[FIRST, DOMAIN, MOVED])
    found, states = look(bed, move)
    assert (states["ns1"], states["ns2"], found.state) == ("NEW", "OLD", "failed"), "one of two servers"
    bed.ask(rewrite=[SECOND, DOMAIN, MOVED])
    changed, (found, states) = time.monotonic(), look(bed, move)
    assert (states["ns1"], states["ns2"], states["clamping"]) == ("NEW", "NEW", "CLAMPING")
    if time.monotonic() - changed < 4:  # the answers of the look before last for eight seconds
        assert states["plain"] in ("OLD_IN_TIME", "NEW")
    until = {cell.told.server: cell.until for cell in found.matrix.cells if cell.until} if found.matrix else {}
    assert until["clamping"] - found.cutover.begin > (datetime(1970, 1, 1, 0, 50) - datetime(1970, 1, 1))
    time.sleep(10)
    _, states = look(bed, move)
    assert (states["plain"], states["clamping"]) == ("NEW", "CLAMPING")
    assert states["stale"] in ("STALE", "NEW")
    assert look(bed, move)[1]["stale"] == "NEW", "asked again, it says the new"


@pytest.mark.slow
def test_the_command_in_rounds(bed: Bed, tmp_path: Path) -> None:
    """Each bundle holds the rounds before its own, numbered on; without the web nothing is proven."""
    move = new_move(tmp_path, "good.com")
    text = (tmp_path / "ctm-audit.toml").read_text(encoding="utf-8")
    port = "" if bed.port == PORT_53 else f":{bed.port}"
    places = (*(ip for ip in (FIRST, SECOND, REGISTRY, ROOT) if port),)
    dns = (
        f'[dns]\nresolvers = ["plain {PLAIN}{port}"]\nown = []\nroots = ["ns.root {ROOT}{port}"]\nserver_rate = 900\nresolver_rate = 900\n'
    )
    ports = "".join(f'"{ip}" = {bed.port}\n' for ip in places)
    (tmp_path / "ctm-audit.toml").write_text(f"{text}\n{dns}[dns.ports]\n{ports}[hosts]\n{HOSTS}", encoding="utf-8", newline="\n")
    move.target(datetime.now(UTC).replace(tzinfo=None), ready=True)
    ran = bed.ask(command=["dns", "verify", "--rounds", "2", "--interval", "1s", "--json"], cwd=str(tmp_path))
    assert ran["code"] == 1, ran
    assert json.loads(ran["stdout"])["domains"][0]["cells"][0]["state"] == "old"
    newest = list_bundles(tmp_path / "evidence" / "dns")[0]
    rows = pq.read_table(newest / "answers.parquet", columns=["round", "role", "kind"]).to_pylist()
    counts = [sum(row["round"] == number and row["role"] == "mx" for row in rows) for number in (1, 2)]
    assert counts == [3, 3]
