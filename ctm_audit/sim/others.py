"""Recipients that stand beside the mapped people: system mailboxes, people of other companies, groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ctm_audit.sim.invent import Dice, Person
from ctm_audit.sim.people import GB, SINCE, contoso_mailbox, exchange_labs_dn, fabrikam_mailbox, since
from ctm_audit.sim.tenants import DELETED, Contact, Group, Mailbox, MailUser

DISCOVERY = "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}"


def discovery_mailbox(dice: Dice, side: str, initial: str) -> Mailbox:
    """The discovery search mailbox that every tenant has: Entra knows no object behind it."""
    return Mailbox(
        guid=dice.guid("guid", side, "discovery"),
        object_id="",
        exchange_guid=dice.guid("exchange", side, "discovery"),
        name=DISCOVERY,
        alias=DISCOVERY.translate({ord("{"): None, ord("}"): None}),
        display_name="Discovery Search Mailbox",
        upn=f"{DISCOVERY}@{initial}",
        proxies=(f"SMTP:{DISCOVERY}@{initial}",),
        kind="DiscoveryMailbox",
        legacy_dn=exchange_labs_dn(dice, "DiscoverySea", side, "discovery"),
        created=SINCE,
        quota=50 * GB,
    )


def left_behind(box: Mailbox, year: int) -> Mailbox:
    """What is left of a mailbox under a hold, after its owner left the company in that year."""
    return replace(box, object_id="", is_inactive=True, litigation_hold=True, soft_deleted=datetime(year, 3, 31, 16, 5, 0))


def outsiders(dice: Dice, side: str, names: Sequence[str], *, guests: bool, initial: str) -> tuple[MailUser, ...]:
    """People of other companies as MailUsers or guests; `names` are their addresses."""
    kind = "GuestMailUser" if guests else "MailUser"
    return tuple(
        MailUser(
            guid=dice.guid("guid", side, address),
            object_id=dice.guid("object", side, address),
            name=address.replace("@", "_"),
            alias=address.replace("@", "_"),
            display_name=address.partition("@")[0].replace(".", " ").title(),
            upn=f"{address.replace('@', '_')}#EXT#@{initial}" if guests else f"{address.partition('@')[0]}.ext@{initial}",
            proxies=(f"SMTP:{address}",),
            external_address=address,
            kind=kind,
            legacy_dn=exchange_labs_dn(dice, address, side, address),
            created=since(dice, side, address),
        )
        for address in names
    )


def leaver(dice: Dice) -> Mailbox:
    """Somebody who left Fabrikam this month; the mailbox can still be restored."""
    return _deleted(fabrikam_mailbox(dice, Person("Victor", "Hale", "victor.hale", "United States", "Sales")))


def contoso_leaver(dice: Dice) -> Mailbox:
    """Somebody who left Contoso this month."""
    return _deleted(contoso_mailbox(dice, Person("Greta", "Lund", "greta.lund", "Sweden", "Sales")))


def _deleted(mailbox: Mailbox) -> Mailbox:
    return replace(mailbox, soft_deleted=DELETED, licenses=())


def former_partner(dice: Dice, side: str, initial: str) -> MailUser:
    """A MailUser of another company whose account was deleted this month."""
    (user,) = outsiders(dice, side, ("h.okada@example.com",), guests=False, initial=initial)
    return user


def contact(dice: Dice, side: str, address: str) -> Contact:
    """A mail contact for somebody elsewhere."""
    name = address.partition("@")[0].replace(".", " ").title()
    return Contact(
        guid=dice.guid("guid", side, "contact", address),
        object_id="",
        name=name,
        alias=address.partition("@")[0],
        display_name=f"{name} (external)",
        proxies=(f"SMTP:{address}",),
        external_address=address,
        kind="MailContact",
        legacy_dn=exchange_labs_dn(dice, name, side, "contact", address),
        created=since(dice, side, "contact", address),
    )


def group(dice: Dice, side: str, name: str, domain: str, *, members: Sequence[str], is_security: bool = False) -> Group:
    """A distribution list, or a mail-enabled security group, with its direct members' object ids."""
    alias = name.replace(" ", "")
    return Group(
        guid=dice.guid("guid", side, "group", name),
        object_id=dice.guid("object", side, "group", name),
        name=name,
        alias=alias,
        display_name=name,
        proxies=(f"SMTP:{alias.lower()}@{domain}",),
        kind="MailUniversalSecurityGroup" if is_security else "MailUniversalDistributionGroup",
        legacy_dn=exchange_labs_dn(dice, name, side, "group", name),
        created=since(dice, side, "group", name),
        members=tuple(members),
    )
