"""The words of DNS evidence as plain values: an endpoint, a record, an answer. Standard library only.

What is absent and what could not be seen stay apart here, so that nothing later can blur them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Transport = Literal["udp", "tcp"]
PORT = 53


class Outcome(StrEnum):
    """How one question to one server ended."""

    ANSWER = "answer"
    NODATA = "nodata"
    """The name exists, or may exist, but has no record of the type."""
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    BOGUS = "bogus"
    """A validating resolver refuses data that it has: the signatures are wrong."""
    REFUSED = "refused"
    NOTIMP = "notimp"
    FORMERR = "formerr"
    LAME = "lame"
    """A server named by the delegation that does not answer with authority."""
    TIMEOUT = "timeout"
    TRUNCATED_NO_TCP = "truncated_no_tcp"
    MALFORMED = "malformed"
    NET_ERROR = "net_error"
    SKIPPED = "skipped"
    """Not asked: the server left three questions in a row without an answer."""

    @property
    def is_known(self) -> bool:
        """True when the answer says what there is, or that there is nothing."""
        return self in (Outcome.ANSWER, Outcome.NODATA, Outcome.NXDOMAIN)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One place that answers questions: an address with a port. `label` names it for people: a name server, a public resolver."""

    ip: str
    port: int = PORT
    transport: Transport = "udp"
    label: str = ""

    def __str__(self) -> str:
        place = self.ip if self.port == PORT else f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"
        return f"{self.label} ({place})" if self.label else place


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record. `owner` and all names in `data` are lower-case A-labels without a final dot; the root is `.`.

    `data` of a TXT is its character-strings joined without a separator (bytes that are no UTF-8 as `\\xNN`), of an MX
    `PREFERENCE HOST`, of a SRV `PRIORITY WEIGHT PORT HOST`; of other types the presentation form. `ttl` is in seconds.
    """

    owner: str
    type: str
    ttl: int
    data: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one endpoint said to one question, or how it failed to.

    `records` is the answer section in its order: the chain of CNAMEs that begins at `name`, then the records of `type`.
    `negative_ttl` is min(SOA TTL, MINIMUM) of a NODATA or NXDOMAIN that carries a SOA. `attempts` are one line a try. `notes`
    name what was unusual (`no EDNS`, `extra records left out`). `wire` is the message as received, b"" without one.
    `asked_at` is naive UTC, `milliseconds` the time from the first question to the end.
    """

    name: str
    type: str
    outcome: Outcome
    records: tuple[Record, ...] = ()
    endpoint: Endpoint | None = None
    asked_at: datetime | None = None
    milliseconds: float = 0.0
    transport: Transport = "udp"
    rcode: str = ""
    aa: bool = False
    ad: bool = False
    ra: bool = False
    ede: tuple[str, ...] = ()
    negative_ttl: int | None = None
    attempts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    wire: bytes = b""

    @property
    def is_known(self) -> bool:
        """True when this says what there is, or that there is nothing; anything else is unknown, never "absent"."""
        return self.outcome.is_known

    @property
    def data(self) -> tuple[str, ...]:
        """The data of the records of the asked type, at the end of the chain; () when there is none or it is not known."""
        return tuple(record.data for record in self.records if record.type == self.type)

    @property
    def chain(self) -> tuple[str, ...]:
        """The targets of the CNAMEs that the answer begins with, in order."""
        return tuple(record.data for record in self.records if record.type == "CNAME")

    @property
    def ttl(self) -> int | None:
        """The least TTL in seconds of what was answered; None without a record."""
        return min((record.ttl for record in self.records if record.type != "RRSIG"), default=None)


Ask = Callable[[str, str], Awaitable[Answer]]
"""Asks for (name, type), `("contoso.com", "TXT")`; always answers, never raises for anything that a server does."""
