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
        Column(
            "services", "texts", "supportedServices", n.words, "services that use the domain, folded; `email` is Exchange", sides=TARGET
        ),
        Column("is_default", "flag", "isDefault", n.flag, "true when new users get the domain", sides=SOURCE),
        Column("is_initial", "flag", "isInitial", n.flag, "true for the domain that the tenant was made with", sides=SOURCE),
        Column("authentication", "text", "authenticationType", n.key, "managed or federated", True),
        Column("is_admin_managed", "flag", "isAdminManaged", n.flag, "false when Microsoft hosts the DNS zone", sides=SOURCE),
    ),
    export=graph_line("domains", "domains"),
    other_exports=(graph_cmdlet_line("Get-MgDomain", "-All"),),
)

# How much still bears a domain that is to be taken out of the source. The lines count, so that no bundle holds who it is, and stop
# at the first error: a count of what could not be asked would be zero.
# https://learn.microsoft.com/graph/api/domain-list-domainnamereferences
DOMAIN_REFERENCES = Table(
    name="domain_references",
    command="Graph domains/{id}/domainNameReferences",
    stems=("domainNameReferences",),
    key=("domain",),
    columns=(
        Column("domain", "text", "Domain", n.key, "the domain that was counted, folded", True),
        Column("users", "integer", "Users", n.integer, "users with the domain in their UPN or an address", True),
        Column(
            "deleted_users", "integer", "DeletedUsers", n.integer, "users of the recycle bin with the domain in their UPN or address", True
        ),
        Column("applications", "integer", "Applications", n.integer, "applications with the domain in an identifier URI", True),
        Column("others", "integer", "Others", n.integer, "groups, contacts and other objects of the directory with the domain", True),
    ),
    export="ConvertTo-Json -InputObject @('<DOMAIN>' | ForEach-Object { $d = $_; $end = '*@' + $d;"
    " $kinds = @(Get-MgDomainNameReference -DomainId $d -All -ErrorAction Stop |"
    " ForEach-Object { $_.AdditionalProperties['@odata.type'] });"
    " $gone = @(Get-MgDirectoryDeletedItemAsUser -All -Property Id,UserPrincipalName,ProxyAddresses -ErrorAction Stop |"
    " Where-Object { @(@($_.UserPrincipalName) + @($_.ProxyAddresses) -like $end).Count -gt 0 });"
    " $apps = @(Get-MgApplication -All -Property Id,IdentifierUris -ErrorAction Stop |"
    " Where-Object { @(@($_.IdentifierUris) -match ('[/.]' + [regex]::Escape($d) + '([/:]|$)')).Count -gt 0 });"
    " [pscustomobject]@{ Domain = $d; Users = @($kinds -like '*.user').Count; DeletedUsers = $gone.Count; Applications = $apps.Count;"
    " Others = @($kinds -notlike '*.user' -notlike '*.application').Count; "
    " CountedAt = (Get-Date).ToUniversalTime().ToString('o') } })"
    " -Depth 6 | Set-Content -Encoding utf8 domainNameReferences.json",
    sides=SOURCE,
    optional=True,
)
DOMAIN_RECIPIENTS = Table(
    name="domain_recipients",
    command="Get-Recipient -Filter",
    stems=("Get-Recipient",),
    variant="Domain",
    key=("domain",),
    columns=(
        Column("domain", "text", "Domain", n.key, "the domain that was counted, folded", True),
        Column(
            "people",
            "integer",
            "People",
            n.integer,
            "mailboxes and MailUsers with an address of any type in it, soft-deleted ones too",
            True,
        ),
        Column("others", "integer", "Others", n.integer, "groups, contacts, public folders and others with an address in it", True),
        Column("policies", "integer", "Policies", n.integer, "email address policies that give out addresses in it", True),
    ),
    export="ConvertTo-Json -InputObject @('<DOMAIN>' | ForEach-Object { $d = $_;"
    " $all = @(Get-Recipient -ResultSize Unlimited -IncludeSoftDeletedRecipients -ErrorAction Stop"
    " -Filter \"EmailAddresses -like '*@$d'\");"
    " $policies = @(Get-EmailAddressPolicy -ErrorAction Stop |"
    " Where-Object { @($_.EnabledEmailAddressTemplates -like ('*@' + $d)).Count -gt 0 });"
    " [pscustomobject]@{ Domain = $d; People = @($all | Where-Object { $_.RecipientType -in 'UserMailbox', 'MailUser' }).Count;"
    " Others = @($all | Where-Object { $_.RecipientType -notin 'UserMailbox', 'MailUser' }).Count; Policies = $policies.Count;"
    " CountedAt = (Get-Date).ToUniversalTime().ToString('o') } })"
    " -Depth 6 | Set-Content -Encoding utf8 Get-Recipient-Domain.json",
    sides=SOURCE,
    optional=True,
)
