"""The label by which Exchange Online writes a domain into host names, as samples show it: a hint beside what Graph says, never a plan.

Microsoft documents it nowhere and says to read the value. Dots become hyphens; hyphens go away, and where they stood is told at the end.
"""

from __future__ import annotations

from ctm_audit.engine.mx_token import mx_token

MAIL_HOSTS = {
    "worldwide": "{token}.mail.protection.outlook.com",
    "gcc": "{token}.mail.protection.outlook.com",
    "gcc-high": "{prefix}.mail.protection.office365.us",
    "dod": "{prefix}.mail.protection.office365.us",
    "china": "{token}.mail.protection.partner.outlook.cn",
}
"""The older family of mail hosts, seen 2026-11; new domains may get a host below mx.microsoft, whose letter nobody can foresee."""


def guessed_mail_host(domain: str, cloud: str, initial_domain: str) -> str:
    """The mail host that guessing gives; '' for a cloud of which nothing is known."""
    return MAIL_HOSTS.get(cloud, "").format(token=mx_token(domain), prefix=initial_domain.partition(".")[0])


def guessed_selector(number: int, domain: str, initial_domain: str) -> str:
    """The target of a DKIM selector in the older form; the newer one has a letter that nobody can foresee."""
    return f"selector{number}-{mx_token(domain)}._domainkey.{initial_domain}"
