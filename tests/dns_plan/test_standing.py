"""How a move stands after the cutover: each kind of resolver told apart, and proven only by three rounds and every proof."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ctm_audit import api
from ctm_audit.cli import dns_verify
from ctm_audit.cli.main import main
from ctm_audit.dns.verified import Verified
from ctm_audit.errors import EvidenceGap
from tests.dns_plan.conftest import (
    BEFORE,
    DKIM,
    DOMAIN,
    GOOGLE,
    NEW_CODE,
    NEW_MX,
    NS1,
    NS2,
    OLD_CODE,
    OWN,
    PARKED_MX,
    SPF,
    T0,
    Move,
    Records,
    Seen,
    hours,
    servers,
)

PARKED = {**BEFORE, "txt": (OLD_CODE, NEW_CODE, SPF), "mx": (PARKED_MX,)}
MOVED = {**PARKED, "mx": (NEW_MX,), **DKIM}
CLOUDFLARE = ("1.1.1.1:53", "Cloudflare")
NOW = T0 + hours(5)
HOSTS = ("login.microsoftonline.com", "login.microsoftonline.us")


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def resolver(vantage: tuple[str, str], records: Records, ttl: int = 200, **options: Any) -> Seen:
    return Seen(vantage, records, ttl, kind="resolver", **options)


@pytest.fixture
def parked(move: Move) -> Move:
    """Parked after four hours, with the target ready."""
    move.observe(T0, *servers(BEFORE))
    move.observe(T0 + hours(1), *servers(BEFORE, 300))
    move.observe(T0 + hours(4), *servers(PARKED, 300))
    move.source(T0 + hours(4.8))
    move.target(T0 + hours(4.8), ready=True)
    path = move.root / "ctm-audit.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[project]", "[project]\nas_of = 2027-01-10T01:30:00Z"), encoding="utf-8", newline="\n"
    )
    return move


def standing(move: Move) -> Verified:
    (found,) = api.standing_dns(move.project)
    return found


def states(found: Verified, role: str = "mx") -> dict[str, str]:
    assert found.matrix
    return {cell.told.server.partition(".")[0]: cell.state.name.lower() for cell in found.matrix.cells if cell.told.role == role}


def proofs(move: Move, at: datetime, *, tenant: str = "target", meaning: str = "accepted") -> dict[str, list[dict[str, Any]]]:
    """Rows of an observation in which everything shows the target, but for what the test says."""
    owner = getattr(move.project, tenant).tenant_id
    asked = {"domain": DOMAIN, "asked_at": at.isoformat()}
    blank = {"scope": "", "sub_scope": "", "instance": "", "detail": ""}
    tenancies: list[dict[str, Any]] = [
        {
            **asked,
            **blank,
            "host": host,
            "clouds": [],
            "outcome": "owned" if host == HOSTS[0] else "unowned",
            "tenant_id": owner if host == HOSTS[0] else "",
        }
        for host in HOSTS
    ]
    realms = [
        {
            **asked,
            "host": host,
            "outcome": "managed" if host == HOSTS[0] else "nobody",
            "brand": "",
            "sign_in_host": "",
            "instance": "",
            "detail": "",
        }
        for host in HOSTS
    ]
    probes = [
        _probe(ip, role, meaning if role == "target" else "not_here", at)
        for ip in ("192.0.2.25", "192.0.2.26")
        for role in ("source", "target")
    ]
    keys = [
        {
            "domain": DOMAIN,
            "selector": role,
            "state": "good",
            "target": DKIM[role][0].removeprefix("CNAME "),
            "type": "rsa",
            "bits": 2048,
            "faults": [],
        }
        for role in DKIM
    ]
    messages = [_message(number, owner, at) for number in range(3)]
    return {"tenancies": tenancies, "realms": realms, "smtp_probes": probes, "dkim_keys": keys, "probe_messages": messages}


def _probe(ip: str, role: str, meaning: str, at: datetime) -> dict[str, Any]:
    texts = dict.fromkeys(("status", "reply", "banner", "detail"), "")
    return {
        **texts,
        "domain": DOMAIN,
        "host": "mail",
        "ip": ip,
        "port": 25,
        "recipient": f"{role}@{DOMAIN}",
        "role": role,
        "round": 1,
        "ending": "done",
        "stage": "rcpt",
        "meaning": meaning,
        "code": 250,
        "has_tls": True,
        "names": [],
        "names_host": True,
        "transcript": [],
        "asked_at": at.isoformat(),
    }


def _message(number: int, tenant: str, at: datetime) -> dict[str, Any]:
    texts = dict.fromkeys(("subject", "message_id", "spf", "dkim", "dmarc"), "")
    return {
        **texts,
        "domain": DOMAIN,
        "sha256": str(number),
        "file": f"{number}.eml",
        "sender": f"a@{'example.org' if number else 'example.net'}",
        "is_inbound": True,
        "tenant_id": tenant,
        "is_signed": True,
        "selectors": [],
        "has_delay": False,
        "delay": 0,
        "has_received": True,
        "received": at.isoformat(),
    }


def test_every_server_and_resolver_is_told_apart(parked: Move) -> None:
    """Beside the new: in its time, kept too long, served stale, beyond its time, foreign, silent."""
    parked.observe(NOW, *servers(MOVED, 300))
    slow, slower = ("4.4.4.1:53", "slow"), ("4.4.4.2:53", "slower")
    quick = [resolver(GOOGLE, MOVED), resolver(("4.4.4.3:53", "intime"), PARKED, 290), resolver(("4.4.4.4:53", "clamping"), PARKED, 3000)]
    parked.observe(NOW + seconds(10), *servers(MOVED, 300), *quick)
    found = standing(parked)
    assert states(found) == {"ns1": "new", "ns2": "new", "Google": "new", "intime": "old_in_time", "clamping": "clamping"}
    assert found.matrix
    assert {cell.told.server: cell.until for cell in found.matrix.cells if cell.until and cell.told.role == "mx"} == {
        "intime": NOW + seconds(300),
        "clamping": NOW + seconds(3010),
    }
    assert found.state == "undetermined"
    late = NOW + seconds(4000)
    foreign = {**MOVED, "mx": ("MX 5 elsewhere.example",)}
    parked.observe(
        late,
        *servers(MOVED, 300),
        resolver(slow, PARKED, 30),
        resolver(slower, PARKED, 250),
        resolver(GOOGLE, foreign),
        resolver(OWN, MOVED, silent=("mx",)),
        resolver(("4.4.4.4:53", "clamping"), PARKED, 20),
    )
    found = standing(parked)
    assert states(found) == {
        "ns1": "new",
        "ns2": "new",
        "slow": "stale",
        "slower": "overdue",
        "Google": "other",
        "own resolver": "no_answer",
        "clamping": "clamping",
    }
    assert found.state == "failed"
    assert [fault for fault in found.faults if "mx" in fault] == [
        "slower (4.4.4.2:53): old, beyond its time: mx, selector1, selector2",
        "Google (8.8.8.8:53): neither old nor new: mx",
    ]


@pytest.mark.parametrize(
    ("second", "state", "server"),
    [(Seen(NS2, PARKED, 300), "failed", "old"), (Seen(NS2, MOVED, 300, silent=("mx",)), "undetermined", "no_answer")],
)
def test_one_server_that_is_old_or_silent_is_never_proven(parked: Move, second: Seen, state: str, server: str) -> None:
    for number in range(4):
        at = NOW + seconds(60 * number)
        seen = (Seen(NS1, MOVED, 300), second, resolver(GOOGLE, MOVED), resolver(CLOUDFLARE, MOVED))
        parked.observe(at, *seen, more=proofs(parked, NOW + seconds(1)))
    found = standing(parked)
    assert (found.state, states(found)["ns2"]) == (state, server)


def rounds(move: Move, *each: tuple[Records, Records], gap: float = 60, **changed: Any) -> Verified:
    """The standing after rounds in which two resolvers said something."""
    for number, (google, cloudflare) in enumerate(each):
        seen = (*servers(MOVED, 300), resolver(GOOGLE, google), resolver(CLOUDFLARE, cloudflare))
        move.observe(NOW + seconds(gap * number), *seen, more=proofs(move, NOW + seconds(1), **changed))
    return standing(move)


def test_proven_by_three_equal_rounds_and_every_proof(parked: Move) -> None:
    found = rounds(parked, (MOVED, MOVED), (MOVED, MOVED))
    assert (found.state, found.unsettled) == ("undetermined", ("2 of 3 equal rounds",))
    found = rounds(parked, *[(MOVED, MOVED)] * 3)
    assert (found.state, found.unsettled, found.faults) == ("proven", (), ())
    assert {proof.state for proof in found.proofs} == {"proven"}
    assert len(found.proofs) == 8


def test_rounds_that_differ_do_not_count(parked: Move) -> None:
    flapping = rounds(parked, (MOVED, MOVED), (PARKED, MOVED), (MOVED, MOVED), (MOVED, MOVED))
    assert flapping.unsettled == ("2 of 3 equal rounds",)


def test_rounds_that_lie_too_near_count_once(parked: Move) -> None:
    assert rounds(parked, *[(MOVED, MOVED)] * 3, gap=10).unsettled == ("1 of 3 equal rounds",)


def test_what_the_proofs_say_decides(parked: Move) -> None:
    three = [(MOVED, MOVED)] * 3
    still = rounds(parked, *three, tenant="source")
    assert still.state == "failed", "messages that came after the move were taken by the source"
    assert {proof.name: proof.state for proof in still.proofs}["OpenID"] == "pending"


@pytest.mark.parametrize(("meaning", "state"), [("not_here", "failed"), ("wrong_region", "undetermined"), ("deferred", "undetermined")])
def test_what_mail_hosts_say_decides(parked: Move, meaning: str, state: str) -> None:
    assert rounds(parked, *[(MOVED, MOVED)] * 3, meaning=meaning).state == state


def test_without_proofs_nothing_is_proven_and_old_exports_do_not_count(parked: Move) -> None:
    for number in range(3):
        parked.observe(NOW + seconds(60 * number), *servers(MOVED, 300), resolver(GOOGLE, MOVED), resolver(CLOUDFLARE, MOVED))
    found = standing(parked)
    assert (found.state, found.faults) == ("undetermined", ())
    assert sum("not seen" in line for line in found.unsettled) == 6
    path = parked.root / "ctm-audit.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("01:30:00Z", "09:30:00Z"), encoding="utf-8", newline="\n")
    assert sum("too long ago" in line for line in standing(parked).unsettled) == 3


def test_one_resolver_is_no_quorum(parked: Move) -> None:
    for number in range(3):
        parked.observe(NOW + seconds(60 * number), *servers(MOVED, 300), resolver(GOOGLE, MOVED), more=proofs(parked, NOW + seconds(1)))
    assert "mx: 1 of 1 resolvers that vote say the new records" in standing(parked).unsettled


def test_commands_end_as_the_last_round_says(parked: Move, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Rounds are played: what would be asked is written as bundles."""
    script = iter([PARKED, *[MOVED] * 30])
    clock = iter(range(100))

    def observe(*_: Any, **__: Any) -> SimpleNamespace:
        records, at = next(script), NOW + seconds(60 * next(clock))
        seen = (*servers(records, 300), resolver(GOOGLE, records), resolver(CLOUDFLARE, records))
        parked.observe(at, *seen, more=proofs(parked, NOW + seconds(61)))
        return SimpleNamespace(bundle=parked)

    monkeypatch.setattr("ctm_audit.domain_moves.observe_dns", observe)
    monkeypatch.setattr("ctm_audit.domain_moves.time.sleep", lambda _: None)
    command = ["dns", "watch", "--project", str(parked.root)]
    assert main(command) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["state"] for line in lines] == ["failed", "undetermined", "undetermined", "proven"]
    assert lines[0]["cells"][0]["state"] == "old"
    assert main(["dns", "verify", "--project", str(parked.root), "--rounds", "1"]) == 0
    assert "contoso.com: PROVEN" in capsys.readouterr().out
    assert main(["dns", "verify", "--project", str(parked.root), "--rounds", "1", "--json", DOMAIN]) == 0
    assert json.loads(capsys.readouterr().out)["domains"][0]["equal_rounds"] >= 3
    monkeypatch.setattr(dns_verify, "_is_terminal", lambda: True)
    assert main(command) == 0
    assert "CTRL" not in capsys.readouterr().out
    assert main([*command, "--interval", "never"]) == 2
    assert main([*command, "elsewhere.com"]) == 2


def test_a_round_in_which_nobody_answers_proves_nothing(
    parked: Move, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even when the rounds before had proven it; watching goes on until the time is over."""
    assert rounds(parked, *[(MOVED, MOVED)] * 3).state == "proven"

    def nobody(*_: Any, **__: Any) -> None:
        raise EvidenceGap("Nobody could be asked.")

    monkeypatch.setattr("ctm_audit.domain_moves.observe_dns", nobody)
    monkeypatch.setattr("ctm_audit.domain_moves.time.sleep", lambda _: None)
    monkeypatch.setattr("ctm_audit.domain_moves.time.monotonic", iter(range(0, 100000, 30)).__next__)
    assert main(["dns", "watch", "--project", str(parked.root), "--limit", "5m"]) == 3
    told = capsys.readouterr()
    assert (told.out, "nobody answered" in told.err) == ("", True)
    assert main(["dns", "verify", "--project", str(parked.root), "--rounds", "1"]) == 3
