"""The domains of the tenants, as Exchange and as Entra know them."""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Table, exchange_line, graph_cmdlet_line, graph_line

ACCEPTED_DOMAINS = Table(
    name="accepted_domains",
    command="Get-AcceptedDomain",
    stems=("Get-AcceptedDomain",),
    key=("name",),
    columns=(
        Column("name", "text", "DomainName", n.key, "domain, folded", True),
        Column("type", "text", "DomainType", n.key, "authoritative, internalrelay or externalrelay", True),
        Column("match_subdomains", "flag", "MatchSubDomains", n.flag, "true when every subdomain is accepted too"),
    ),
    export=exchange_line("Get-AcceptedDomain"),
    sides=TARGET,
)

DOMAINS = Table(
    name="domains",
    command="Graph domains",
    stems=("domains", "Get-MgDomain"),
    key=("name",),
    columns=(
        Column("name", "text", "id", n.key, "domain, folded", True),
        Column("is_verified", "flag", "isVerified", n.flag, "true when the tenant has proven ownership"),
        Column("services", "texts", "supportedServices", n.words, "services that use the domain, folded; `email` is Exchange"),
        Column("is_default", "flag", "isDefault", n.flag, "true when new users get the domain", sides=SOURCE),
        Column("is_initial", "flag", "isInitial", n.flag, "true for the domain that the tenant was made with", sides=SOURCE),
        Column("authentication", "text", "authenticationType", n.key, "managed or federated", True, sides=SOURCE),
        Column("is_admin_managed", "flag", "isAdminManaged", n.flag, "false when Microsoft hosts the DNS zone", sides=SOURCE),
    ),
    export=graph_line("domains", "domains"),
    other_exports=(graph_cmdlet_line("Get-MgDomain", "-All"),),
)
