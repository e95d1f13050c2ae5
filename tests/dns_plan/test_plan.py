"""`ctm-audit dns plan`: record sets read and never computed, the zone diff, and times that come from what was seen."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import yaml

from ctm_audit import api
from ctm_audit.cli.main import main
from ctm_audit.dns.cutover import Cutover
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
    OLD_MX,
    PARKED_MX,
    SPF,
    T0,
    Move,
    Seen,
    hours,
    servers,
)

LOWERED = {**BEFORE, "txt": (OLD_CODE, NEW_CODE, SPF)}
PARKED = {**LOWERED, "mx": (PARKED_MX,)}
MOVED = {**LOWERED, "mx": (NEW_MX,), **DKIM}


def plan(move: Move, begin_after: float = 1) -> Cutover:
    (found,) = api.plan_dns(move.project, (), T0 + hours(begin_after))
    return found


def earliest(found: Cutover) -> dict[str, Any]:
    """The hours after T0 at which each step may begin, None for nobody knows."""
    return {str(moment.step): None if moment.taken is None else round((moment.taken - T0) / hours(1), 3) for moment in found.moments}


def run(move: Move, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = main(["dns", "plan", "--project", str(move.root), "--begin", "2027-01-09T21:00Z", *options])
    return code, capsys.readouterr().out


def test_before_anything_is_done(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    move.observe(T0, *servers(BEFORE), Seen(GOOGLE, BEFORE, 1200, kind="resolver"))
    move.source(T0, DOMAIN)
    move.target(T0, ready=False)
    found = plan(move)
    assert earliest(found) == {
        "lower-ttl": 1,
        "park": 2,
        "remove-domain": 2 + round((330 + 60) / 3600, 3),
        "verify-domain": 2 + round(390 / 3600, 3),
        "un-park": 2 + round(390 / 3600, 3),
        "done": 3 + round(390 / 3600, 3),
        "close-domain": 26 + round(390 / 3600, 3),
    }
    assert not found.is_known
    pending = {role: one.guess for role, one in found.phases.target.items() if one.state == "pending"}
    assert pending == {
        "mx": "MX 0 contoso-com.mail.protection.outlook.com",
        "txt": "",
        "selector1": "CNAME selector1-contoso-com._domainkey.fabrikam.onmicrosoft.com",
        "selector2": "CNAME selector2-contoso-com._domainkey.fabrikam.onmicrosoft.com",
    }
    code, out = run(move, capsys)
    assert code == 3
    assert "guessing would have produced MX 0 contoso-com.mail.protection.outlook.com, which nobody may publish" in out
    assert all(one.records == () for one in found.phases.target.values() if not one.is_known)


def test_the_whole_window_as_it_was_seen(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    """TTLs lowered after 1 h, parked after 3 h, un-parked after 5 h: each wait follows from what was really served."""
    move.observe(T0, *servers(BEFORE))
    move.observe(T0 + hours(1), *servers(LOWERED, 300))
    move.source(T0 + hours(4.2))
    move.target(T0 + hours(4.5), ready=True)
    assert earliest(plan(move, 1.5))["park"] == 2
    move.observe(T0 + hours(3), *servers(PARKED, 300))
    found = plan(move, 3.01)
    assert earliest(found)["remove-domain"] == 4.2
    remove = found.moments[2]
    assert remove.earliest == T0 + hours(3) + timedelta(seconds=390)
    assert [limit.until for limit in found.moments[4].limits] == [T0 + hours(3 + after) for after in (4, 12, 20)]
    move.observe(T0 + hours(5), *servers(MOVED, 300))
    found = plan(move, 6)
    assert [moment.done_at and (moment.done_at - T0) / hours(1) for moment in found.moments[:5]] == [1, 3, 4.2, 4.5, 5]
    assert earliest(found)["close-domain"] == 29
    assert found.is_known
    assert run(move, capsys)[0] == 0


def test_low_ttls_without_the_ownership_text_are_no_step_done(move: Move) -> None:
    move.observe(T0, *servers(BEFORE, 300))
    move.target(T0, ready=False)
    assert plan(move).moments[0].done_at is None
    move.observe(T0 + hours(1), *servers(LOWERED, 300))
    assert plan(move, 2).moments[0].done_at == T0 + hours(1)


def test_one_silent_server_makes_every_moment_unknown(move: Move) -> None:
    move.observe(T0, Seen(NS1, BEFORE), Seen(NS2, BEFORE, silent=("mx",)))
    move.target(T0, ready=False)
    assert set(earliest(plan(move)).values()) == {None}
    assert plan(move).phases.baseline["mx"].why == "1 of 2 servers did not say"


def test_a_resolver_that_keeps_too_long_and_a_policy_lengthen_the_waits(move: Move) -> None:
    policy = {
        "domain": DOMAIN,
        "record_outcome": "answer",
        "id": "1",
        "record_faults": [],
        "outcome": "served",
        "status": 200,
        "mode": "enforce",
        "max_age": 604800,
        "mx": ["*.mail.protection.outlook.com"],
        "faults": [],
        "sha256": "",
        "detail": "",
        "asked_at": T0.isoformat(),
    }
    clamping = Seen(GOOGLE, BEFORE, 86000, kind="resolver")
    move.observe(T0, *servers({**BEFORE, "mta_sts": ("TXT v=STSv1; id=1",)}), clamping, more={"sts_policies": [policy]})
    move.target(T0, ready=True)
    found = plan(move)
    assert {(clamp.role, clamp.seconds) for clamp in found.clamps} >= {("mx", 86000)}
    assert earliest(found)["park"] == 1 + 168
    assert found.moments[2].earliest == T0 + hours(169) + timedelta(seconds=86000 + 8600 + 60)


def test_the_zone_diff_says_each_line_once(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    move.observe(T0, *servers(BEFORE))
    move.source(T0, DOMAIN)
    move.target(T0, ready=True)
    code, out = run(move, capsys, "--format", "zone")
    park = out.split("park the MX\n")[1].split("\n\n")[0].splitlines()[1:]
    assert park == [
        "-contoso.com. 300 IN MX 0 contoso-com.mail.protection.outlook.com.",
        "+contoso.com. 300 IN MX 10 park.example.net.",
    ]
    assert out.count(OLD_CODE.removeprefix("TXT ")) == 3, "twice when its TTL is lowered, once when it goes"
    assert "dmarc" not in out
    assert code == 0


def test_records_for_tools_of_dns_providers(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    move.observe(T0, *servers({**BEFORE, "dmarc": ("TXT v=DMARC1; p=none; rua=mailto:a@contoso.com",)}))
    move.source(T0, DOMAIN)
    move.target(T0, ready=True)
    parked = yaml.safe_load(run(move, capsys, "--format", "octodns", "--phase", "parked")[1])
    assert parked[""][0] == {"type": "MX", "ttl": 300, "values": [{"preference": 10, "exchange": "park.example.net."}]}
    assert parked["_dmarc"][0]["values"] == ["v=DMARC1\\; p=none\\; rua=mailto:a@contoso.com"]
    assert parked["_sipfederationtls._tcp"][0]["values"][0]["target"] == "sipfed.online.lync.com."
    lines = run(move, capsys, "--format", "dnscontrol")[1].splitlines()
    assert '  MX("@", 0, "contoso-com.n-v1.mx.microsoft.", TTL(3600)),' in lines
    assert '  SRV("_sipfederationtls._tcp", 100, 1, 5061, "sipfed.online.lync.com.", TTL(3600)),' in lines
    move.target(T0 + hours(1), ready=False)
    code, out = run(move, capsys, "--format", "octodns")
    assert code == 3
    assert "MX" not in str(yaml.safe_load(out))
    assert "# PENDING contoso.com MX" in out


def test_json_and_refusals(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(move, capsys)[0] == 3, "nobody has observed anything"
    move.observe(T0, *servers(BEFORE))
    code, out = run(move, capsys, "--format", "json")
    document = json.loads(out)["domains"][0]
    assert code == 3
    assert [step["step"] for step in document["steps"]][:2] == ["lower-ttl", "park"]
    assert document["record_sets"]["target"][0]["why"] == "there is no bundle of the target"
    assert document["record_sets"]["baseline"][0]["records"] == [OLD_MX]
    assert run(move, capsys, "fabrikam.com")[0] == 2
    assert main(["dns", "plan", "--project", str(move.root), "--begin", "soon"]) == 2


def test_what_looks_like_a_secret_is_never_written_as_a_record(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    move.observe(T0, *servers({**BEFORE, "txt": (OLD_CODE, SPF, "TXT (looks like a secret, SHA-256 0123456789abcdef)")}))
    move.source(T0, DOMAIN)
    move.target(T0, ready=True)
    assert '"(looks' not in run(move, capsys, "--format", "dnscontrol")[1]
    octodns = run(move, capsys, "--format", "octodns")[1]
    assert "TXT" not in {entry["type"] for entry in yaml.safe_load(octodns)[""]}
    assert "keep it" in run(move, capsys, "--format", "zone")[1]


def test_a_text_cannot_add_lines_to_the_zone(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    move.observe(T0, *servers({**BEFORE, "txt": (OLD_CODE, SPF, 'TXT a"\n+evil. 300 IN MX 0 evil.')}))
    move.source(T0, DOMAIN)
    move.target(T0, ready=True)
    out = run(move, capsys, "--format", "zone")[1]
    assert not [line for line in out.splitlines() if line.startswith("+evil")]
    assert '"a\\"\\010+evil. 300 IN MX 0 evil."' in out


def test_odd_records_are_kept_as_they_are(move: Move, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty text, a null MX, an address where a CNAME should stand."""
    odd = {**BEFORE, "txt": ("TXT ", SPF), "mx": ("MX 0 .",), "autodiscover": ("A 192.0.2.9",)}
    move.observe(T0, *servers(odd))
    move.source(T0, DOMAIN)
    move.target(T0, ready=True)
    for form in ("text", "zone", "dnscontrol", "octodns", "json"):
        assert run(move, capsys, "--format", form, "--phase", "baseline")[0] == 0
    lines = run(move, capsys, "--format", "zone")[1].splitlines()
    assert "-contoso.com. 3600 IN MX 0 ." in lines
    assert "-autodiscover.contoso.com. 3600 IN A 192.0.2.9" in lines
    assert "+autodiscover.contoso.com. 3600 IN CNAME autodiscover.outlook.com." in lines
    assert '+contoso.com. 300 IN TXT ""' in lines


def test_with_a_gateway_mail_keeps_its_way_and_dkim_moves(move: Move) -> None:
    path = move.root / "ctm-audit.toml"
    text = path.read_text(encoding="utf-8").replace('"direct"', '"gateway"').replace('park = ["10 park.example.net"]', "")
    path.write_text(text, encoding="utf-8", newline="\n")
    gateway = {**BEFORE, "mx": ("MX 10 mx.gateway.example",), "autodiscover": ("CNAME autodiscover.gateway.example",)}
    move.observe(T0, *servers(gateway))
    move.source(T0, DOMAIN)
    move.target(T0, ready=True)
    found = plan(move)
    assert found.phases.changing == ("txt", "selector1", "selector2")
    assert set(found.window.target) == {"selector1", "selector2"}
    assert found.is_known
    assert found.moments[1].needs == ("the gateway holds the mail of the domain back",)
