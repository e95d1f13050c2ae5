"""Questions as bytes, and what a received message says; nothing here talks to anybody. dnspython reads and writes the bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from ctm_audit.dns.answer import Outcome, Record

PAYLOAD = 1232  # bytes that travel unfragmented nearly everywhere: https://www.dnsflagday.net/2020/
HEADER = 12
LONGEST_CHAIN = 8
REMEMBERED = 4096
NO_EDNS, LOOP, TOO_LONG = "no EDNS", "a loop of CNAMEs", f"more than {LONGEST_CHAIN} CNAMEs in a row"
STRANGERS, BESIDE = "records of another name left out", "a CNAME beside other data"
WITHOUT_QUESTION = (dns.rcode.FORMERR, dns.rcode.NOTIMP)
PLAIN_RCODES = {
    dns.rcode.SERVFAIL: Outcome.SERVFAIL,
    dns.rcode.REFUSED: Outcome.REFUSED,
    dns.rcode.NOTIMP: Outcome.NOTIMP,
    dns.rcode.FORMERR: Outcome.FORMERR,
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is asked: of a resolver (`recursive`), with EDNS, with signatures, without the resolver's own checks."""

    recursive: bool = False
    edns: bool = True
    signatures: bool = False
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question as bytes with the id 0, and the part of them that an answer repeats."""

    wire: bytes
    asked: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says of the question it answers; the fields are those of `Answer`. `refers_to` is the zone of a referral."""

    outcome: Outcome
    records: tuple[Record, ...] = ()
    rcode: str = ""
    aa: bool = False
    ad: bool = False
    ra: bool = False
    truncated: bool = False
    edns: bool = False
    ede: tuple[str, ...] = ()
    negative_ttl: int | None = None
    notes: tuple[str, ...] = ()
    refers_to: str = ""
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()


@lru_cache(REMEMBERED)
def question(name: str, kind: str, manner: Manner) -> Question:
    """The question for (name, type) in a manner; ValueError when the name cannot be asked for."""
    try:
        asked = dns.name.from_text(name, dns.name.root)
    except (dns.exception.DNSException, UnicodeError) as fault:
        raise ValueError(f"{name[:80]!r} is no name that can be asked for: {fault}") from None
    message = dns.message.make_query(
        asked, kind, use_edns=0 if manner.edns else False, payload=PAYLOAD, want_dnssec=manner.signatures and manner.edns, id=0
    )
    message.flags = dns.flags.Flag((dns.flags.RD | dns.flags.AD if manner.recursive else 0) | (dns.flags.CD if manner.unchecked else 0))
    wire = message.to_wire()
    return Question(wire, wire[HEADER : HEADER + len(asked.to_wire() or b"") + 4].lower())


def answers(data: bytes, asked: bytes) -> bool:
    """True when a message with the right id is a response to this very question; anything else is ignored like a forgery."""
    if len(data) < HEADER or not data[2] & 0x80:
        return False
    if data[4:6] == b"\0\0":  # a server that could not read the question may leave it out
        return data[3] & 0x0F in WITHOUT_QUESTION
    return data[4:6] == b"\0\1" and data[HEADER : HEADER + len(asked)].lower() == asked


def read(data: bytes, name: str, kind: str, recursive: bool) -> Reading:
    """What a message says; MALFORMED when it cannot be read. The same bytes are read once, whatever their id."""
    return _read(data[2:], name, kind, recursive)


@lru_cache(REMEMBERED)
def _read(body: bytes, name: str, kind: str, recursive: bool) -> Reading:
    try:
        message = dns.message.from_wire(b"\0\0" + body, ignore_trailing=True)
        return _judged(message, _found(message, name, kind), kind, recursive)
    except (dns.exception.DNSException, ValueError, struct.error) as fault:
        return Reading(Outcome.MALFORMED, notes=(f"unreadable: {type(fault).__name__}",))


def _found(message: dns.message.Message, name: str, kind: str) -> Reading:
    """The records that belong to the question, from `name` along its CNAMEs, and what else the message carries."""
    by_owner: dict[str, list[dns.rrset.RRset]] = {}
    for rrset in message.answer:
        by_owner.setdefault(name_text(rrset.name), []).append(rrset)
    records: list[Record] = []
    notes: list[str] = []
    owner, seen = name, {name}
    while owner in by_owner:
        here = by_owner.pop(owner)
        types = {dns.rdatatype.to_text(rrset.rdtype) for rrset in here}
        records += [record for rrset in here for record in _records(rrset) if record.type in (kind, "CNAME", "RRSIG")]
        if "CNAME" not in types or kind == "CNAME":
            break
        notes += [BESIDE] if types - {"CNAME", "RRSIG"} else []
        owner = next(record.data for record in reversed(records) if record.type == "CNAME")
        if owner in seen:
            notes.append(LOOP)
            break
        seen.add(owner)
    notes += [TOO_LONG] if len(seen) > LONGEST_CHAIN + 1 else []
    notes += [STRANGERS] if by_owner and LOOP not in notes else []
    return Reading(Outcome.ANSWER, tuple(records), notes=tuple(notes))


def _judged(message: dns.message.Message, found: Reading, kind: str, recursive: bool) -> Reading:
    """The reading with its outcome: from a name server only what it says with authority counts."""
    rcode, flags = message.rcode(), message.flags
    authority = tuple(record for rrset in message.authority for record in _records(rrset))
    referral = next((record.owner for record in authority if record.type == "NS"), "") if not found.records else ""
    reading = replace(
        found,
        rcode=dns.rcode.to_text(rcode),
        aa=bool(flags & dns.flags.AA),
        ad=bool(flags & dns.flags.AD),
        ra=bool(flags & dns.flags.RA),
        truncated=bool(flags & dns.flags.TC),
        edns=message.edns >= 0,
        ede=tuple(option.to_text().removeprefix("EDE ") for option in message.options if isinstance(option, dns.edns.EDEOption)),
        negative_ttl=_negative_ttl(message),
        authority=authority,
        additional=tuple(record for rrset in message.additional for record in _records(rrset) if record.type in ("A", "AAAA")),
    )
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return replace(reading, outcome=PLAIN_RCODES.get(dns.rcode.Rcode(rcode), Outcome.MALFORMED))
    if not recursive and not reading.aa:
        return replace(reading, outcome=Outcome.LAME, refers_to=referral, notes=(*reading.notes, _why_lame(referral)))
    if recursive and not reading.ra and not found.records:
        return replace(reading, outcome=Outcome.LAME, notes=(*reading.notes, "does not ask on behalf of others"))
    if rcode == dns.rcode.NXDOMAIN:
        return replace(reading, outcome=Outcome.NXDOMAIN)
    has_data = any(record.type == kind or (record.type == "CNAME" and not recursive) for record in found.records)
    return replace(reading, outcome=Outcome.ANSWER if has_data else Outcome.NODATA)


def _why_lame(referral: str) -> str:
    return f"refers to the servers of {referral}" if referral else "answers without authority"


def _negative_ttl(message: dns.message.Message) -> int | None:
    """For how long nothing may be remembered: https://www.rfc-editor.org/rfc/rfc2308#section-5."""
    for section in (message.authority, message.answer):
        for rrset in section:
            if rrset.rdtype == dns.rdatatype.SOA:
                soa: Any = rrset[0]
                return min(rrset.ttl, int(soa.minimum))
    return None


def _records(rrset: dns.rrset.RRset) -> list[Record]:
    owner, kind = name_text(rrset.name), dns.rdatatype.to_text(rrset.rdtype)
    return sorted((Record(owner, kind, rrset.ttl, data_text(rdata)) for rdata in rrset), key=lambda record: record.data)


def name_text(name: dns.name.Name) -> str:
    """The name in lower case without its final dot; the root is `.`."""
    return name.to_text(omit_final_dot=True).lower()


def data_text(rdata: Any) -> str:
    """The data of a record as `Record` describes it."""
    of_type = dns.rdatatype.to_text(rdata.rdtype)
    if of_type == "TXT":
        return b"".join(rdata.strings).decode("utf-8", "backslashreplace")
    if of_type in ("CNAME", "NS", "PTR"):
        return name_text(rdata.target)
    if of_type == "MX":
        return f"{rdata.preference} {name_text(rdata.exchange)}"
    if of_type == "SRV":
        return f"{rdata.priority} {rdata.weight} {rdata.port} {name_text(rdata.target)}"
    if of_type == "SOA":
        times = f"{rdata.serial} {rdata.refresh} {rdata.retry} {rdata.expire} {rdata.minimum}"
        return f"{name_text(rdata.mname)} {name_text(rdata.rname)} {times}"
    if of_type == "RRSIG":
        until = datetime.fromtimestamp(rdata.expiration, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{dns.rdatatype.to_text(rdata.type_covered)} {until} {rdata.key_tag} {name_text(rdata.signer)}"
    return str(rdata.to_text())
