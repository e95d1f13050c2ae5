"""What guessing would produce where Microsoft has told nothing yet: shown beside what is pending, never planned."""

from __future__ import annotations

from collections.abc import Sequence

from ctm_audit.engine.mx_token import mx_token

NAMES_THE_TENANT = ".office365.us"
"""How mail hosts end that begin with the tenant's name in the place of the domain's."""


def guessed_mail_host(domain: str, suffixes: Sequence[str], initial_domain: str) -> str:
    """The mail host that guessing gives, of the older family: new domains may get one whose name nobody can foresee; '' without any."""
    if not suffixes:
        return ""
    label = initial_domain.partition(".")[0] if suffixes[0].endswith(NAMES_THE_TENANT) else mx_token(domain)
    return f"{label}{suffixes[0]}"


def guessed_selector(number: int, domain: str, initial_domain: str) -> str:
    """The target of a DKIM selector in the older form; the newer one has a letter that nobody can foresee."""
    return f"selector{number}-{mx_token(domain)}._domainkey.{initial_domain}"
