"""The label by which Exchange Online writes a domain into host names, as samples show it: a hint beside what Graph says, never a plan.

Microsoft documents it nowhere and says to read the value. Dots become hyphens; hyphens go away, and where they stood is told at the end.
"""

from __future__ import annotations

BITS = 4
MAIL_HOSTS = {
    "worldwide": "{token}.mail.protection.outlook.com",
    "gcc": "{token}.mail.protection.outlook.com",
    "gcc-high": "{prefix}.mail.protection.office365.us",
    "dod": "{prefix}.mail.protection.office365.us",
    "china": "{token}.mail.protection.partner.outlook.cn",
}
"""The older family of mail hosts, seen 2026-11; new domains may get a host below mx.microsoft, whose letter nobody can foresee."""


def token(domain: str) -> str:
    """The label of a domain, such as `contoso-com`, and `amainc-com0i` for ama-inc.com."""
    plain = domain.replace("-", "").replace(".", "-")
    return plain + _hyphens(domain) if "-" in domain else plain


def guessed_mail_host(domain: str, cloud: str, initial_domain: str) -> str:
    """The mail host that guessing gives; '' for a cloud of which nothing is known."""
    return MAIL_HOSTS.get(cloud, "").format(token=token(domain), prefix=initial_domain.partition(".")[0])


def guessed_selector(number: int, domain: str, initial_domain: str) -> str:
    """The target of a DKIM selector in the older form; the newer one has a letter that nobody can foresee."""
    return f"selector{number}-{token(domain)}._domainkey.{initial_domain}"


def _hyphens(domain: str) -> str:
    """Where the hyphens stand: a letter for each group of four places that has one, a digit for a run of groups without."""
    places = [place for place, character in enumerate(domain) if character == "-"]
    groups = [sum(1 << place % BITS for place in places if place // BITS == group) for group in range(places[-1] // BITS + 1)]
    found, empty = "0", 0
    for mask in groups:
        if not mask:
            empty += 1
            continue
        found += (str(empty) if empty else "") + chr(ord("a") + mask)
        empty = 0
    return found
