"""What people state and accept about a scenario: the records of attestations.toml and waivers.toml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A record of attestations.toml; it speaks of every wave, of both tenants, of one of them, or of every mailbox of the mapping."""

    rule: str
    about: Literal["waves", "domains", "tenants", "source", "target", "mailboxes", "mapping"]
    statement: str
    who: str = "Jordan Miller"
    role: str = "migration lead"
    when: date = date(2026, 11, 16)
    expires: date = date(2027, 2, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A record of waivers.toml about mailboxes, by mapping row."""

    rule: str
    rows: tuple[int, ...]
    owner: str
    reason: str
    expires: date
    accepts_undetermined: bool = False


STATED: tuple[Stated, ...] = (
    Stated(
        rule="ACC-07",
        about="mapping",
        statement="Read row by row with the heads of department; it names the people of the three waves and nobody else.",
    ),
    Stated(
        rule="IDN-12",
        about="waves",
        statement="The script was read line by line: a random password for each account, never written down, changed at the first sign-in.",
        who="Ken Sato",
        role="identity admin of Fabrikam",
    ),
    Stated(
        rule="LIC-05W",
        about="waves",
        statement="Both dynamic groups with an E3 ask for companyName Fabrikam; the new accounts have Contoso there until the switch.",
        who="Ken Sato",
        role="identity admin of Fabrikam",
    ),
    Stated(
        rule="TRU-07",
        about="target",
        statement="The secret was typed from the vault when the endpoint was made; Contoso got the consent URL and nothing else.",
        who="Ken Sato",
        role="identity admin of Fabrikam",
    ),
    Stated(
        rule="MBX-20",
        about="waves",
        statement="Everybody in the wave got the message of 9 November about chats, signatures, meeting links and groups.",
    ),
    Stated(
        rule="MBX-21",
        about="waves",
        statement="Decided for every mailbox: no copy stays but of the four that the case of 2025 names, exported on 13 November.",
        who="Claudia Brandt",
        role="legal counsel of Contoso",
    ),
    Stated(
        rule="BCH-15",
        about="waves",
        statement="The pilot of four people was completed and checked: mail both ways, calendar, archive, licenses and sign-in.",
    ),
    Stated(
        rule="BCH-16",
        about="waves",
        statement="Contoso's board knows that completing the wave deletes the source mailboxes; only another migration leads back.",
        who="Dana Weber",
        role="owner of the source data",
    ),
    Stated(
        rule="DOM-09",
        about="domains",
        statement="It is removed with removal.admin@contoso.onmicrosoft.com; the emergency accounts are in the initial domain too.",
    ),
    Stated(
        rule="DOM-11",
        about="domains",
        statement="The plan of 12 November has the order, the times, the queueing gateway and the two people with access to the registrar.",
    ),
    Stated(
        rule="DNS-ZONE-11",
        about="domains",
        statement="Written and taken out on 14 November by Ken Sato at the provider: public after four minutes, gone after five.",
    ),
    Stated(
        rule="TEN-10",
        about="domains",
        statement="The trace of the Saturday before shows 31 recipients outside in 24 hours; everybody was told.",
    ),
    Stated(
        rule="DNS-SPF-05",
        about="domains",
        statement="The gateway of Contoso was the only sender of its own; its include goes a week after the move.",
    ),
)
"""What is stated in every example: one record for each rule that only a person can answer, up to `complete` and at the domain steps."""


def objects_of(stated: Stated, waves: Iterable[str], domains: Iterable[str], sources: Iterable[str], mapping: str) -> tuple[str, ...]:
    """The ids of the objects of which a record speaks, in a project with these waves, moving domains, source keys and mapping id."""
    named = {
        "waves": tuple(waves),
        "domains": tuple(domains),
        "tenants": ("source", "target"),
        "mailboxes": tuple(sources),
        "mapping": (mapping,),
    }
    return named.get(stated.about, (stated.about,))
