"""What the cmdlets about mail flow print."""

from __future__ import annotations

from ctm_audit.sim.flow import Connector, TransportRule
from ctm_audit.sim.printing import Printed, configuration, directory_object
from ctm_audit.sim.tenants import Tenant


def get_transport_rule(tenant: Tenant) -> list[Printed]:
    """Get-TransportRule -ResultSize Unlimited."""
    return [_transport_rule(tenant, place, rule) for place, rule in enumerate(tenant.transport_rules)]


def get_inbound_connector(tenant: Tenant) -> list[Printed]:
    """Get-InboundConnector."""
    return [_inbound_connector(tenant, one) for one in tenant.connectors]


def get_arc_config(tenant: Tenant) -> list[Printed]:
    """Get-ArcConfig; the cmdlet prints the domains joined by commas."""
    return [{"Identity": "Default", "ArcTrustedSealers": ",".join(tenant.arc_sealers), "IsValid": True, "ObjectState": "Unchanged"}]


def _transport_rule(tenant: Tenant, place: int, rule: TransportRule) -> Printed:
    return {
        "Priority": place,
        "State": "Enabled" if rule.enabled else "Disabled",
        "Mode": rule.mode,
        "FromScope": rule.from_scope or None,
        "SenderDomainIs": list(rule.sender_domains) or None,
        "ApplyHtmlDisclaimerLocation": "Prepend" if rule.text else None,
        "ApplyHtmlDisclaimerText": rule.text or None,
        "ApplyHtmlDisclaimerFallbackAction": "Wrap" if rule.text else None,
        "PrependSubject": rule.subject or None,
        "RejectMessageEnhancedStatusCode": rule.reject_code or None,
        "RejectMessageReasonText": "Not accepted from outside." if rule.reject_code else None,
        "DeleteMessage": rule.deletes,
        "Quarantine": rule.quarantines,
        "StopRuleProcessing": False,
        "SenderAddressLocation": "Header",
        "RuleVersion": "14.0.0.0",
        **directory_object(
            tenant, rule.name, rule.guid, rule.created, configuration(tenant, "TransportVersioned,CN=Rules"), ("top", "msExchTransportRule")
        ),
    }


def _inbound_connector(tenant: Tenant, one: Connector) -> Printed:
    return {
        "Enabled": one.enabled,
        "ConnectorType": "Partner",
        "ConnectorSource": "AdminUI",
        "Comment": "",
        "SenderIPAddresses": [],
        "SenderDomains": ["smtp:*;1"],
        "TrustedOrganizations": list(one.trusted_organizations),
        "ClientHostNames": [],
        "AssociatedAcceptedDomains": [],
        "RequireTls": True,
        "RestrictDomainsToIPAddresses": False,
        "RestrictDomainsToCertificate": False,
        "CloudServicesMailEnabled": False,
        "TreatMessagesAsInternal": False,
        "TlsSenderCertificateName": None,
        **directory_object(
            tenant, one.name, one.guid, one.created, configuration(tenant, "Transport Settings"), ("top", "msExchSMTPInboundConnector")
        ),
    }
