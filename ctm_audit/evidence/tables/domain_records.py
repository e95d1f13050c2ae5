"""Which DNS records a tenant wants for its domains, as Graph and Exchange tell; nothing of this may be computed.

Records: https://learn.microsoft.com/graph/api/resources/domaindnsrecord, one object for each, with the properties of every kind.
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import TARGET, Column, Table, exchange_line

KIND = "mx, txt, cname, srv, or unavailable while Microsoft has not made the records yet"


def _records_line(request: str, cmdlet: str, properties: str, verified: str = "") -> str:
    """The line that asks for the records of each domain, and stops where one cannot be asked for."""
    return (
        f"ConvertTo-Json -InputObject @(Get-MgDomain -All |{verified} ForEach-Object {{ $d = $_.Id; {cmdlet} -DomainId $d -All"
        " -ErrorAction Stop | ForEach-Object { $r = $_; $a = $_.AdditionalProperties; $row = [ordered] @{ domainName = $d; id = $r.Id;"
        " label = $r.Label; isOptional = $r.IsOptional; supportedService = $r.SupportedService; ttl = $r.Ttl };"
        f" foreach ($p in '@odata.type', {properties}) {{ $row[$p] = $a[$p] }}; [pscustomobject] $row }} }}) -Depth 6"
        f" | Set-Content -Encoding utf8 {request}.json"
    )


COMMON = (
    Column("domain", "text", "domainName", n.key, "the domain that was asked about, folded", True),
    Column("id", "text", "id", n.text, "id of the record", True),
    Column("kind", "text", "@odata.type", n.record_kind, KIND, True),
    Column("label", "text", "label", n.key, "owner as Graph prints it, folded: the domain, a full name, or a name in the domain"),
    Column("mx_host", "text", "mailExchange", n.host, "host of an MX record, folded, '' for other kinds"),
    Column("mx_preference", "integer", "preference", n.number_or_zero, "preference of an MX record, 0 for other kinds"),
    Column("text", "text", "text", n.text, "text of a TXT record, '' for other kinds"),
)
# https://learn.microsoft.com/graph/api/domain-list-serviceconfigurationrecords
SERVICE_RECORDS = Table(
    name="service_records",
    command="Graph domains/{id}/serviceConfigurationRecords",
    stems=("serviceConfigurationRecords",),
    key=("domain", "id"),
    columns=(
        *COMMON,
        Column("service", "text", "supportedService", n.key, "service that wants the record, folded: email, intune, ..."),
        Column("is_optional", "flag", "isOptional", n.flag, "true when the record may be left out"),
        Column("ttl", "integer", "ttl", n.integer, "TTL that Microsoft asks for, in seconds"),
        Column("cname_target", "text", "canonicalName", n.host, "target of a CNAME record, folded, '' for other kinds"),
        Column("srv_service", "text", "service", n.key, "service of an SRV record such as _sip, '' for other kinds"),
        Column("srv_protocol", "text", "protocol", n.key, "protocol of an SRV record such as _tls, '' for other kinds"),
        Column("srv_target", "text", "nameTarget", n.host, "target of an SRV record, folded, '' for other kinds"),
        Column("srv_port", "integer", "port", n.number_or_zero, "port of an SRV record, 0 for other kinds"),
        Column("srv_priority", "integer", "priority", n.number_or_zero, "priority of an SRV record, 0 for other kinds"),
        Column("srv_weight", "integer", "weight", n.number_or_zero, "weight of an SRV record, 0 for other kinds"),
    ),
    export=_records_line(
        "serviceConfigurationRecords",
        "Get-MgDomainServiceConfigurationRecord",
        "'mailExchange', 'preference', 'text', 'canonicalName', 'service', 'protocol', 'nameTarget', 'port', 'priority', 'weight'",
        " Where-Object { $_.IsVerified } |",
    ),
    sides=TARGET,
    optional=True,
    scripted=True,
)
# https://learn.microsoft.com/graph/api/domain-list-verificationdnsrecords
VERIFICATION_RECORDS = Table(
    name="verification_records",
    command="Graph domains/{id}/verificationDnsRecords",
    stems=("verificationDnsRecords",),
    key=("domain", "id"),
    columns=COMMON,
    export=_records_line("verificationDnsRecords", "Get-MgDomainVerificationDnsRecord", "'mailExchange', 'preference', 'text'"),
    optional=True,
    scripted=True,
)
# Graph does not tell the DKIM records: https://learn.microsoft.com/powershell/module/exchangepowershell/get-dkimsigningconfig
DKIM_CONFIGS = Table(
    name="dkim_configs",
    command="Get-DkimSigningConfig",
    stems=("Get-DkimSigningConfig",),
    key=("domain",),
    columns=(
        Column("domain", "text", "Domain", n.key, "domain that signs, folded", True),
        Column("is_enabled", "flag", "Enabled", n.flag, "true when mail of the domain is signed in its name"),
        Column("status", "text", "Status", n.key, "valid, cnamemissing or nodkimkeys", True),
        Column("selector1_cname", "text", "Selector1CNAME", n.host, "target that selector1._domainkey must have, folded"),
        Column("selector2_cname", "text", "Selector2CNAME", n.host, "target that selector2._domainkey must have, folded"),
        Column("has_keys", "flag", "KeyCreationTime", n.has_time, "true when it is known when the keys were made"),
        Column("keys_made", "time", "KeyCreationTime", n.time, "when the keys were made, 1970-01-01 when unknown"),
    ),
    export=exchange_line("Get-DkimSigningConfig"),
    sides=TARGET,
    optional=True,
    scripted=True,
)
