"""Transport rules and connectors, and those that the two companies have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ctm_audit.sim.invent import Dice

MADE = datetime(2021, 6, 14, 9, 30, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportRule:
    """A transport rule; what it does not do is ''. `text` is written into the message, `subject` before its subject."""

    name: str
    guid: str
    created: datetime = MADE
    enabled: bool = True
    mode: str = "Enforce"
    from_scope: str = ""
    sender_domains: tuple[str, ...] = ()
    text: str = ""
    subject: str = ""
    reject_code: str = ""
    deletes: bool = False
    quarantines: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """An inbound connector; `trusted_organizations` are initial domains of other tenants."""

    name: str
    guid: str
    created: datetime = MADE
    enabled: bool = True
    trusted_organizations: tuple[str, ...] = ()


def contoso_rules(dice: Dice) -> tuple[TransportRule, ...]:
    """Contoso signs what its own people write, and once warned of mail from outside."""
    return (
        TransportRule(
            name="Company details", guid=dice.guid("rule", "details"), from_scope="InOrganization", text="<p>Contoso Ltd, Dublin</p>"
        ),
        TransportRule(
            name="External banner",
            guid=dice.guid("rule", "banner"),
            enabled=False,
            from_scope="NotInOrganization",
            text="<p>This message came from outside.</p>",
        ),
    )


def fabrikam_rules(dice: Dice, domain: str) -> tuple[TransportRule, ...]:
    """Fabrikam only watches who uses its domain from outside, and rejects mail from somebody it has quarrelled with."""
    return (
        TransportRule(
            name="Own domain from outside",
            guid=dice.guid("rule", "own domain"),
            mode="Audit",
            from_scope="NotInOrganization",
            sender_domains=(domain,),
            reject_code="5.7.1",
        ),
        TransportRule(
            name="Block list",
            guid=dice.guid("rule", "block"),
            sender_domains=("example.net",),
            from_scope="NotInOrganization",
            deletes=True,
        ),
    )


def partner_connector(dice: Dice, organization: str) -> Connector:
    """The connector for mail of another tenant."""
    return Connector(name="From Contoso", guid=dice.guid("connector", organization), trusted_organizations=(organization,))
