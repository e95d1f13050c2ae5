"""RCPT canaries against a fake front door of Exchange Online: every answer has its meaning, and no message is ever sent."""

from __future__ import annotations

import asyncio
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from ctm_audit.dns.smtp_probe import SmtpProbe, probe
from tests.dns_parts.servers import LOOPBACK

HOST = "contoso-com.mail.protection.outlook.com"
ANSWERS = {
    "here@contoso.com": ("250 2.1.5 Recipient OK", "accepted"),
    "not-here@contoso.com": ("550 5.4.1 Recipient address rejected: Access denied.", "not_here"),
    "unowned@contoso.com": ("550 5.7.64 TenantAttribution; Relay Access Denied", "unowned"),
    "region@contoso.com": ("451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35", "wrong_region"),
    "license@contoso.com": ("451 4.4.4 Mail received as unauthenticated; no mail-enabled subscriptions. ATTR5", "no_license"),
    "later@contoso.com": ("451 4.3.2 Temporary server error. ATTR55", "deferred"),
    "unknown@contoso.com": ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "unknown_recipient"),
    "blocked@contoso.com": ("550 5.7.606 Access denied, banned sending IP", "rejected"),
}


class FrontDoor:
    """Says to RCPT what the table says; a message would be a fault of the probe."""

    def __init__(self, says: Mapping[str, str]) -> None:
        self.says = says
        self.commands: list[str] = []

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        self.commands.append("MAIL")
        if "MAIL" in self.says:
            return self.says["MAIL"]
        envelope.mail_from = address
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(self, _server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:
        self.commands.append(f"RCPT {'TLS' if session.ssl else 'plain'}")
        envelope.rcpt_tos.append(address)
        return self.says[address]

    async def handle_DATA(self, *_: Any) -> str:
        self.commands.append("DATA")
        return "250 OK"


@contextmanager
def front_door(authority: trustme.CA, says: Mapping[str, str], *, tls: bool = True) -> Iterator[tuple[int, FrontDoor]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(f"*.{HOST.partition('.')[2]}").configure_cert(context)
    handler = FrontDoor(says)

    class Listening(Controller):
        def factory(self) -> SMTP:
            return SMTP(handler, tls_context=context if tls else None, hostname=HOST, ident="Microsoft ESMTP MAIL Service ready")

    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    controller = Listening(handler, hostname=LOOPBACK, port=port)
    controller.start()
    try:
        yield port, handler
    finally:
        controller.stop()


def asked(port: int, *recipients: str, timeout: float = 5) -> SmtpProbe:
    return asyncio.run(probe(HOST, LOOPBACK, recipients, sender="probe@example.com", hello="probe.example", port=port, timeout=timeout))


def test_every_answer_has_its_meaning(authority: trustme.CA) -> None:
    with front_door(authority, {name: said for name, (said, _) in ANSWERS.items()}) as (port, door):
        found = asked(port, *ANSWERS)
    assert (found.end, found.has_tls, found.names_host) == ("done", True, True)
    assert {name: reply.meaning for name, reply in found.answers} == {name: meaning for name, (_, meaning) in ANSWERS.items()}
    assert "Microsoft ESMTP MAIL Service ready" in found.banner
    assert found.names == ("*.mail.protection.outlook.com",)
    assert door.commands == ["MAIL", *["RCPT TLS"] * len(ANSWERS)]
    assert found.transcript[-2:] == ("> QUIT", "< 221 Bye")


def test_a_host_without_tls_is_asked_in_plain(authority: trustme.CA) -> None:
    with front_door(authority, {"here@contoso.com": ANSWERS["here@contoso.com"][0]}, tls=False) as (port, _):
        found = asked(port, "here@contoso.com")
    assert (found.end, found.has_tls, found.names, found.names_host) == ("done", False, (), False)


def test_who_is_turned_away_before_rcpt_knows_nothing_of_recipients(authority: trustme.CA) -> None:
    with front_door(authority, {"MAIL": "451 4.7.500 Server busy"}) as (port, _):
        found = asked(port, "here@contoso.com")
    assert found.reply
    assert (found.end, found.stage, found.reply.meaning, found.answers) == ("turned_away", "mail", "deferred", ())


def against(script: list[bytes], timeout: float = 5) -> SmtpProbe:
    """The probe of a host that says the lines, one after each command, and then hangs up."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in script:
                self.wfile.write(line)
                self.rfile.readline()

    with socketserver.TCPServer((LOOPBACK, 0), Talk) as host:
        thread = threading.Thread(target=host.handle_request)
        thread.start()
        found = asked(host.server_address[1], "a@contoso.com", timeout=timeout)
        thread.join()
    return found


@pytest.mark.parametrize(
    ("script", "end", "stage"),
    [
        ([b"421 4.3.2 parked\r\n"], "turned_away", "banner"),
        ([b"554 5.7.1 go away\r\n"], "turned_away", "banner"),
        ([b"HTTP/1.1 400 Bad Request\r\n"], "broken", "banner"),
        ([b"220-" + b"x" * 5000 + b"\r\n"], "broken", "banner"),
        ([b"220-again\r\n" * 60], "broken", "banner"),
        ([b"220 \xff\x1b[31m\r\n", b"250 hello\r\n", b"250 ok\r\n"], "broken", "rcpt"),
        ([b"220 ready\r\n", b"250-hello\r\n250 STARTTLS\r\n", b"220 go\r\n", b"no TLS\r\n"], "tls_failed", "starttls"),
        ([b""], "timeout", "banner"),
    ],
    ids=["parked", "refusing", "no-smtp", "long-line", "endless", "hangs-up", "bad-tls", "silent"],
)
def test_odd_hosts_are_told_apart(script: list[bytes], end: str, stage: str) -> None:
    found = against(script, timeout=0.3 if end == "timeout" else 5)
    assert (found.end, found.stage, found.answers) == (end, stage, ())
    assert all(line.isprintable() for line in found.transcript)


def test_a_closed_port_is_refused() -> None:
    assert (asked(1, "a@contoso.com").end, asked(1).stage) == ("refused", "connect")


@pytest.mark.parametrize("address", ["a@b\r\nDATA", "a b@c.example", "<a@b.example>", "", "é@b.example", "a"])
def test_an_address_that_could_say_more_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="cannot be used in SMTP"):
        asked(25, address)
