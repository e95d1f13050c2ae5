"""What the headers of a delivered message prove: which tenant took it, how it came, and how it was signed.

Headers are words of whoever wrote them: only those above the last own hop are the receiver's. Where a header that one server writes
stands twice and differs, none of the two is believed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

MOST_BYTES = 50 * 1024 * 1024
MOST_HEADER_BYTES = 512 * 1024
MOST_HEADERS = 500
LONGEST = 2_000
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TENANT = "X-MS-Exchange-CrossTenant-Id"
ATTRIBUTED = "X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp"
COMMENT = re.compile(r"\([^()]*\)")
RESULT = re.compile(r"\s*([a-z0-9-]+)\s*=\s*([a-z]+)\b(.*)", re.IGNORECASE | re.DOTALL)
PROPERTY = re.compile(r"\b(?:header|smtp|action|policy)?\.?([a-z-]+)\s*=\s*([^\s;]+)", re.IGNORECASE)
BY = re.compile(r"\bby\s+([^\s;]+)", re.IGNORECASE)
FROM = re.compile(r"^\s*from\s+([^\s;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Authentication:
    """One result of the receiver: `spf`, `dkim` or `dmarc`, how it ended, and for whom. `selector` is '' where it is not told."""

    method: str
    result: str
    domain: str
    selector: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One server on the way; `at` is naive UTC, None when its time cannot be read."""

    sender: str
    server: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivered message. `tenant_id` is '' when no tenant is named, or more than one. `hops` begin with the last server.

    `sent` is the sender's clock and `received` that of the last server, naive UTC. `signatures` are (domain, selector) as the sender
    wrote them; whether they hold, `authentication` says, which is the topmost result that the receiver wrote.
    """

    name: str
    sha256: str
    subject: str
    message_id: str
    sender: str
    sent: datetime | None
    received: datetime | None
    tenant_ids: tuple[str, ...]
    hops: tuple[Hop, ...]
    authentication: tuple[Authentication, ...]
    signatures: tuple[tuple[str, str], ...]

    @property
    def tenant_id(self) -> str:
        """The tenant that took the message."""
        return self.tenant_ids[0] if len(self.tenant_ids) == 1 else ""

    def result_of(self, method: str) -> str:
        """How a method ended, '' when the receiver does not tell; of several signatures `pass` when one passed."""
        results = [one.result for one in self.authentication if one.method == method]
        return "pass" if "pass" in results else next(iter(results), "")

    def signed_by(self, domain: str) -> bool:
        """True when the receiver found a DKIM signature of the very domain to be good."""
        return any(one.method == "dkim" and one.result == "pass" and one.domain == domain for one in self.authentication)


def read_message(path: Path) -> Delivered:
    """The message of a file. ValueError with one sentence when it is none."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} has more than {MOST_BYTES // 1024**2} MB, so it is no probe")
    data = path.read_bytes()
    return parse_message(data, path.name)


def parse_message(data: bytes, name: str) -> Delivered:
    """The message of the bytes; of a broken header nothing is known, and nothing is raised for it but for what is no message at all."""
    head = re.split(rb"\r?\n\r?\n", data[:MOST_HEADER_BYTES], maxsplit=1)[0] + b"\n\n"
    message = BytesHeaderParser(policy=policy.compat32).parsebytes(head)
    if not message.keys() or len(message.keys()) > MOST_HEADERS or not {"received", "from", "subject"} & {key.lower() for key in message}:
        raise ValueError(f"{name} is no delivered message: its headers cannot be read")
    hops = tuple(_hop(text) for text in _all(message, "Received"))
    return Delivered(
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        subject=_decoded(_first(message, "Subject")),
        message_id=_first(message, "Message-ID").strip(),
        sender=parseaddr(_first(message, "From"))[1].lower(),
        sent=_time(_first(message, "Date")),
        received=hops[0].at if hops else None,
        tenant_ids=_tenants(message),
        hops=hops,
        authentication=_results(_first(message, "Authentication-Results")),
        signatures=tuple(_signature(text) for text in _all(message, "DKIM-Signature")),
    )


def _all(message: Message, name: str) -> list[str]:
    """The values of a header, unfolded, without what cannot be printed."""
    found = [" ".join(str(value)[: 10 * LONGEST].split()) for value in message.get_all(name, [])]
    return ["".join(character if character.isprintable() else "?" for character in value)[:LONGEST] for value in found]


def _first(message: Message, name: str) -> str:
    return next(iter(_all(message, name)), "")


def _decoded(text: str) -> str:
    try:
        found = str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        return text
    return "".join(character if character.isprintable() else "?" for character in found)[:LONGEST]


def _time(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _hop(text: str) -> Hop:
    sender, server = FROM.search(text), BY.search(text)
    return Hop(sender[1] if sender else "", server[1] if server else "", _time(text.rpartition(";")[2].strip()))


def _tenants(message: Message) -> tuple[str, ...]:
    """The tenants that the headers name, each once."""
    own = [found for text in _all(message, TENANT) for found in re.findall(GUID, text.lower())]
    attributed = [found for text in _all(message, ATTRIBUTED) for found in re.findall(rf"tenantid=({GUID})", text.lower())]
    return tuple(dict.fromkeys(own or attributed))


def _results(text: str) -> tuple[Authentication, ...]:
    """The results of one Authentication-Results header (RFC 8601); Exchange Online writes no name of a server before them."""
    found = []
    for part in COMMENT.sub(" ", text).split(";"):
        result = RESULT.fullmatch(part)
        if result:
            values = {name.lower(): value.lower() for name, value in PROPERTY.findall(result[3])}
            domain = next((values[name] for name in ("d", "i", "mailfrom", "from", "helo") if name in values), "")
            found.append(Authentication(result[1].lower(), result[2].lower(), domain.rpartition("@")[2], values.get("s", "")))
    return tuple(found)


def _signature(text: str) -> tuple[str, str]:
    tags = {name.strip().lower(): value.strip().lower() for name, _, value in (part.partition("=") for part in text.split(";"))}
    return tags.get("d", ""), tags.get("s", "")
