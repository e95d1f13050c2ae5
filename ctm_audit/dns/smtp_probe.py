"""Whether a mail host takes mail for a recipient: asked with RCPT, over STARTTLS where it is offered. No message is ever sent.

What Exchange Online answers: https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PORT = 25
TIMEOUT = 15.0
MOST_LINES = 50
LONGEST_LINE = 2_000
ADDRESS = re.compile(r"[!-;=?-~]{1,64}@[!-;=?-~]{1,253}")  # printable, without blanks and angle brackets
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
ATTR = re.compile(r"\bATTR(\d+)\b", re.IGNORECASE)

Stage = Literal["connect", "banner", "ehlo", "starttls", "mail", "rcpt"]
End = Literal["done", "timeout", "refused", "broken", "tls_failed", "turned_away"]
Meaning = Literal["accepted", "not_here", "unowned", "unknown_recipient", "wrong_region", "no_license", "deferred", "rejected"]


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A reply of a mail host: its code, its enhanced status code ('' for none), and its text in one line."""

    code: int
    status: str
    text: str

    @property
    def meaning(self) -> Meaning:
        """What it means as an answer to RCPT.

        `not_here`: the domain is known and the recipient is not; `unowned`: no tenant has the domain; `wrong_region`: an address of
        another region, which time repairs; `no_license`: the tenant has no mail subscription.
        """
        attribute = ATTR.search(self.text)
        if attribute and attribute[1] in ("35", "5"):
            return "wrong_region" if attribute[1] == "35" else "no_license"
        if self.code // 100 == 2:
            return "accepted"
        if self.code // 100 == 4:
            return "deferred"
        known: dict[str, Meaning] = {"5.4.1": "not_here", "5.7.64": "unowned", "5.1.1": "unknown_recipient", "5.1.10": "unknown_recipient"}
        return known.get(self.status, "rejected")


@dataclass(frozen=True, slots=True)
class SmtpProbe:
    """One conversation with one address of a mail host.

    `end` says how it ended and `stage` where: `turned_away` is a reply of 4xx or 5xx before RCPT, in `reply`. Only with `done` are there
    `answers`, one for each recipient. A `timeout` at `connect` may be the auditor's own network, which closes port 25.
    `names` are those of the certificate, whose chain is not checked: mail hosts are mostly used without. `key_digest` is the SHA-256 of
    its public key, as TLSA records of the form 3 1 1 hold it.
    """

    host: str
    ip: str
    port: int
    end: End
    stage: Stage
    banner: str = ""
    has_tls: bool = False
    names: tuple[str, ...] = ()
    key_digest: str = ""
    reply: SmtpReply | None = None
    answers: tuple[tuple[str, SmtpReply], ...] = ()
    transcript: tuple[str, ...] = ()
    detail: str = ""

    @property
    def names_host(self) -> bool:
        """True when the certificate holds the name of the host."""
        name = self.host.lower()
        return any(held in (name, f"*.{name.partition('.')[2]}") for held in self.names)


async def probe(
    host: str, ip: str, recipients: Sequence[str], *, sender: str, hello: str, port: int = PORT, timeout: float = TIMEOUT
) -> SmtpProbe:
    """What the host at the address says to each recipient. ValueError for an address that cannot be sent; nothing else is raised."""
    wrong = [address for address in (sender, *recipients) if not ADDRESS.fullmatch(address)]
    if wrong or not re.fullmatch(r"[A-Za-z0-9.:_\[\]-]{1,253}", hello):
        raise ValueError(f"{wrong[0] if wrong else hello!a} cannot be used in SMTP")
    talk = _Talk(host, ip, port)
    try:
        async with asyncio.timeout(timeout * 2):
            await talk.run(recipients, sender, hello, timeout)
        return talk.ended("done")
    except TimeoutError:
        return talk.ended("timeout")
    except _TurnedAway as reason:
        return talk.ended("turned_away", reply=reason.reply)
    except ssl.SSLError as reason:
        return talk.ended("tls_failed", detail=str(reason))
    except ConnectionRefusedError as reason:
        return talk.ended("refused", detail=str(reason))
    except (OSError, EOFError, ValueError) as reason:
        return talk.ended("broken", detail=str(reason) or type(reason).__name__)
    finally:
        talk.close()


class _TurnedAway(Exception):
    def __init__(self, reply: SmtpReply) -> None:
        self.reply = reply
        super().__init__(reply.text)


@dataclass
class _Talk:
    """The conversation as far as it has come."""

    host: str
    ip: str
    port: int
    stage: Stage = "connect"
    banner: str = ""
    names: tuple[str, ...] = ()
    key_digest: str = ""
    has_tls: bool = False
    answers: list[tuple[str, SmtpReply]] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def run(self, recipients: Sequence[str], sender: str, hello: str, timeout: float) -> None:
        async with asyncio.timeout(timeout):
            self._reader, self._writer = await asyncio.open_connection(self.ip, self.port, limit=LONGEST_LINE)
            self.stage = "banner"
            self.banner = (await self._wanted(2)).text
        offered = (await self._say("ehlo", f"EHLO {hello}")).text.upper().split()
        if "STARTTLS" in offered:
            await self._start_tls()
            await self._say("ehlo", f"EHLO {hello}")
        await self._say("mail", f"MAIL FROM:<{sender}>")
        self.stage = "rcpt"
        for recipient in recipients:
            self.answers.append((recipient, await self._asked(f"RCPT TO:<{recipient}>")))
        with contextlib.suppress(OSError, EOFError, ValueError):  # some hosts hang up once they have refused
            await self._asked("RSET")
            await self._asked("QUIT")

    async def _start_tls(self) -> None:
        assert self._writer
        await self._say("starttls", "STARTTLS")
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        await self._writer.start_tls(context, server_hostname=self.host)
        self.has_tls = True
        self.names, self.key_digest = _certificate(self._writer.get_extra_info("ssl_object").getpeercert(binary_form=True))

    async def _say(self, stage: Stage, line: str) -> SmtpReply:
        self.stage = stage
        self._write(line)
        return await self._wanted(2)

    async def _asked(self, line: str) -> SmtpReply:
        self._write(line)
        return await self._reply()

    async def _wanted(self, hundreds: int) -> SmtpReply:
        reply = await self._reply()
        if reply.code // 100 != hundreds:
            raise _TurnedAway(reply)
        return reply

    def _write(self, line: str) -> None:
        assert self._writer
        self.transcript.append(f"> {line}")
        self._writer.write(f"{line}\r\n".encode("ascii"))

    async def _reply(self) -> SmtpReply:
        """The next reply, all its lines joined by blanks. ValueError for what is none."""
        assert self._reader
        texts: list[str] = []
        for _ in range(MOST_LINES):
            raw = await self._reader.readline()
            if not raw.endswith(b"\n"):
                raise EOFError("the host hung up")
            line = "".join(found if found.isprintable() else "?" for found in raw.decode("ascii", "replace").strip())
            self.transcript.append(f"< {line}")
            if not re.fullmatch(r"[245]\d\d(?:[ -].*)?", line):
                raise ValueError("this is no SMTP server")
            texts.append(line[4:])
            if line[3:4] != "-":
                return _reply_of(int(line[:3]), texts)
        raise ValueError(f"a reply of more than {MOST_LINES} lines")

    def ended(self, end: End, *, reply: SmtpReply | None = None, detail: str = "") -> SmtpProbe:
        """The probe, with what was said so far."""
        done = tuple(self.answers) if end == "done" else ()
        heard = (end, self.stage, self.banner, self.has_tls, self.names, self.key_digest, reply, done, tuple(self.transcript), detail[:300])
        return SmtpProbe(self.host, self.ip, self.port, *heard)

    def close(self) -> None:
        """Hang up."""
        if self._writer:
            self._writer.transport.abort()


def _reply_of(code: int, texts: list[str]) -> SmtpReply:
    text = " ".join(texts)
    found = ENHANCED.match(text)
    return SmtpReply(code, found[0] if found else "", text)


def _certificate(certificate: bytes | None) -> tuple[tuple[str, ...], str]:
    """The DNS names of a certificate in lower case and the SHA-256 of its public key; empty for one that cannot be read."""
    try:
        read = x509.load_der_x509_certificate(certificate or b"")
        key = read.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        held = read.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return (), ""
    return tuple(name.lower() for name in held.value.get_values_for_type(x509.DNSName)), hashlib.sha256(key).hexdigest()
