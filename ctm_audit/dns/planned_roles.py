"""The questions of an observation whose answers a domain move may change, and the type of record that should stand there."""

from __future__ import annotations

from ctm_audit.evidence.tables.dns import ROLES

TYPES = {
    "mx": "MX",
    "txt": "TXT",
    "autodiscover": "CNAME",
    "selector1": "CNAME",
    "selector2": "CNAME",
    "dmarc": "TXT",
    "mta_sts": "TXT",
    "tls_rpt": "TXT",
    "registration": "CNAME",
    "enrollment": "CNAME",
    "federation": "SRV",
    "sip": "CNAME",
    "lyncdiscover": "CNAME",
    "sip_tls": "SRV",
    "msoid": "CNAME",
}
LABELS = {role.name: role.label for role in ROLES if role.name in TYPES}


def name_of(role: str, domain: str) -> str:
    """The full name that a role asks for."""
    return f"{LABELS[role]}.{domain}" if LABELS[role] else domain


def role_of(label: str, domain: str, kind: str) -> str:
    """The role of a record as Graph prints its label: the domain, a full name, or a name in the domain; '' when no role asks for it."""
    name = label if label == domain or label.endswith(f".{domain}") else f"{label}.{domain}" if label not in ("", "@") else domain
    return next((role for role, wanted in TYPES.items() if wanted == kind and name_of(role, domain) == name), "")
