"""What happens to mail on its way: transport rules, connectors, and whose seals are trusted.

https://learn.microsoft.com/powershell/module/exchangepowershell/get-transportrule
"""

from __future__ import annotations

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables.schema import SOURCE, TARGET, Column, Table, exchange_line

TRANSPORT_RULES = Table(
    name="transport_rules",
    command="Get-TransportRule",
    stems=("Get-TransportRule",),
    key=("guid",),
    columns=(
        Column("guid", "text", "Guid", n.guid, "directory id of the rule", True),
        Column("name", "text", "Name", n.text, "name of the rule", True),
        Column("state", "text", "State", n.key, "enabled or disabled", True),
        Column("mode", "text", "Mode", n.key, "enforce, audit or auditandnotify", True),
        Column("from_scope", "text", "FromScope", n.key, "inorganization or notinorganization, '' for mail from anywhere"),
        Column("adds_text", "flag", "ApplyHtmlDisclaimerText", n.is_set, "true when the rule writes a text into the message", sides=SOURCE),
        Column("changes_subject", "flag", "PrependSubject", n.is_set, "true when the rule writes into the subject", sides=SOURCE),
        Column("sender_domains", "texts", "SenderDomainIs", n.domains_or_none, "domains of senders, folded, [] for any", sides=TARGET),
        Column("rejects", "flag", "RejectMessageEnhancedStatusCode", n.is_set, "true when the rule rejects the message", sides=TARGET),
        Column("deletes", "flag", "DeleteMessage", n.switched_on, "true when the rule deletes the message", sides=TARGET),
        Column("quarantines", "flag", "Quarantine", n.switched_on, "true when the rule puts the message into quarantine", sides=TARGET),
    ),
    export=exchange_line("Get-TransportRule", unlimited=True),
)

INBOUND_CONNECTORS = Table(
    name="inbound_connectors",
    command="Get-InboundConnector",
    stems=("Get-InboundConnector",),
    key=("guid",),
    columns=(
        Column("guid", "text", "Guid", n.guid, "directory id of the connector", True),
        Column("enabled", "flag", "Enabled", n.flag, "true when the connector is on"),
        Column("trusted_organizations", "texts", "TrustedOrganizations", n.domains_or_ids, "tenants it is made for, folded"),
    ),
    export=exchange_line("Get-InboundConnector"),
    sides=TARGET,
)

ARC_CONFIG = Table(
    name="arc_config",
    command="Get-ArcConfig",
    stems=("Get-ArcConfig",),
    key=("identity",),
    columns=(
        Column("identity", "text", "Identity", n.key, "name of the setting, folded", True),
        Column("sealers", "texts", "ArcTrustedSealers", n.domains_or_none, "domains whose ARC seals are trusted, folded"),
    ),
    export=exchange_line("Get-ArcConfig"),
    sides=TARGET,
)
