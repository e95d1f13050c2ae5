"""`dns observe` with everything it asks beside name servers: the proofs reach the bundle, and what nobody was asked is not there."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pyarrow.parquet as pq
import pytest
import trustme

from ctm_audit import api
from ctm_audit.dns.web import Web
from ctm_audit.errors import UsageError
from ctm_audit.evidence.bundle import open_bundle
from ctm_audit.project import load_project
from ctm_audit.reference import load_reference
from tests.dns_parts.mails import mail
from tests.dns_parts.servers import LOOPBACK, Https
from tests.dns_parts.test_proving import SAYS
from tests.dns_parts.test_smtp_probe import HOST, front_door
from tests.project.files import MAPPING, PROJECT, TARGET_ID

RECORDS = {
    (".", "SOA"): ". . 1 7200 3600 1209600 3600",
    (".", "NS"): "ns.test.",
    ("ns.test.", "A"): LOOPBACK,
    ("contoso.com.", "MX"): f"0 {HOST}.",
    ("contoso.com.", "TXT"): '"v=spf1 -all"',
    ("_smtp._tls.contoso.com.", "TXT"): '"v=TLSRPTv1; rua=mailto:tls@contoso.com; password=hunter2secret"',
    (f"{HOST}.", "A"): LOOPBACK,
}
HOSTS = ("login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn")
DNS = """
[[domain]]
name = "contoso.com"
mail_style = "direct"

[dns]
resolvers = ["one {server}"]
own = []
roots = ["ns.test {server}"]
resolver_rate = 1000
server_rate = 1000
messages = "messages"

[dns.ports]
"127.0.0.1" = {port}

[dns.probe]
sender = "probe@example.net"
hello = "probe.example.net"
source = ["old@contoso.com"]
target = ["new@contoso.com"]

[hosts]
ca_bundle = {ca}
"""


def _said(asked: dns.message.Message) -> bytes:
    answer = dns.message.make_response(asked, recursion_available=True)
    answer.flags |= dns.flags.AA
    name, kind = asked.question[0].name.to_text().lower(), dns.rdatatype.to_text(asked.question[0].rdtype)
    data = RECORDS.get((name, kind))
    if data:
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, data))
    else:
        answer.authority.append(dns.rrset.from_text(".", 60, "IN", "SOA", RECORDS[".", "SOA"]))
        answer.set_rcode(dns.rcode.NOERROR if any(known == name for known, _ in RECORDS) else dns.rcode.NXDOMAIN)
    return answer.to_wire()


@pytest.fixture
def name_server() -> Iterator[int]:
    """The port of a server that knows the whole internet of this test."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((LOOPBACK, 0))

        def serve() -> None:
            while True:
                data, where = server.recvfrom(4096)
                if not data:
                    return
                server.sendto(_said(dns.message.from_wire(data)), where)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.sendto(b"", server.getsockname())
        thread.join()


def project(folder: Path, server: Https, port: int, smtp: int) -> Path:
    places = {**dict.fromkeys(HOSTS, server.port), "mta-sts.contoso.com": server.port, HOST: smtp}
    hosts = "".join(f'"{name}" = "{LOOPBACK}:{place}"\n' for name, place in places.items())
    text = DNS.format(server=f"{LOOPBACK}:{port}", port=port, ca=json.dumps(server.ca_file))
    (folder / "ctm-audit.toml").write_text(f"{PROJECT}{text}{hosts}", encoding="utf-8", newline="\n")
    (folder / "mapping.csv").write_text(MAPPING, encoding="utf-8", newline="\n")
    (folder / "messages" / "contoso.com").mkdir(parents=True)
    (folder / "messages" / "contoso.com" / "one.eml").write_bytes(mail(tenant=TARGET_ID))
    return folder


def test_the_proofs_reach_the_bundle(
    tmp_path: Path, server: Https, name_server: int, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_: Web) -> None:
        return

    monkeypatch.setattr(Web, "_turn", at_once)
    monkeypatch.setattr("ctm_audit.dns.asking_web.load_reference", _three_clouds)
    urls = dict.fromkeys(("issuer", "token_endpoint"), f"https://login.microsoftonline.com/{TARGET_ID}/v2.0")
    server.says["login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration"] = (200, {}, json.dumps(urls).encode())
    with front_door(authority, SAYS) as (smtp, _):
        opened = load_project(project(tmp_path, server, name_server, smtp))
        found = api.observe_dns(opened)
    bundle = open_bundle(found.bundle.path)

    def rows(table: str) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = pq.read_table(bundle.parquet(table)).to_pylist()
        return told

    assert dict(bundle.absent) == {}
    assert all(entry.complete and not entry.missing and not entry.holes for entry in bundle.tables.values())
    assert [(row["record"], row["ends_in"]) for row in rows("spf")] == [("v=spf1 -all", "-all")]
    assert {row["host"]: row["outcome"] for row in rows("tenancies")} == dict.fromkeys(HOSTS[1:], "unexpected") | {HOSTS[0]: "owned"}
    assert {(row["role"], row["meaning"]) for row in rows("smtp_probes")} == {("source", "not_here"), ("target", "accepted")}
    assert [(row["domain"], row["tenant_id"]) for row in rows("probe_messages")] == [("contoso.com", TARGET_ID)]
    assert "hunter2" not in str(rows("policy_records"))
    assert {(row["selector"], row["state"]) for row in rows("dkim_keys")} == {("selector1", "none"), ("selector2", "none")}
    assert "contoso.com: login.microsoftonline.us does not say whose it is: unexpected" in found.gaps
    assert found.exit_code == 3


def test_who_is_not_asked_leaves_no_table(tmp_path: Path, server: Https, name_server: int) -> None:
    found = api.observe_dns(load_project(project(tmp_path, server, name_server, 1)), proofs=False)
    assert set(found.bundle.absent.values()) == {"name servers alone were asked"}
    assert set(found.bundle.tables) == {"answers", "zones", "name_servers", "history", "vantages"}
    assert not server.asked


def test_a_probe_that_hides_who_it_is_is_refused(tmp_path: Path, server: Https) -> None:
    folder = project(tmp_path, server, 5353, 2525)
    text = (folder / "ctm-audit.toml").read_text(encoding="utf-8")
    (folder / "ctm-audit.toml").write_text(text.replace('hello = "probe.example.net"\n', ""), encoding="utf-8", newline="\n")
    with pytest.raises(UsageError) as refused:
        load_project(folder)
    assert "needs the key 'hello'" in str(refused.value.detail)


def _three_clouds() -> SimpleNamespace:
    """The clouds that the certificate of the test server covers."""
    known = load_reference().clouds.items()
    return SimpleNamespace(clouds={name: cloud for name, cloud in known if cloud.authority_hosts[0] in HOSTS})
