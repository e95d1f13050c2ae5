"""What can be wrong with one target object: the MailUser and its stamping.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from dataclasses import replace

from ctm_audit.sim import skus
from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.mailbox_faults import with_archive
from ctm_audit.sim.people import CONTOSO, CONTOSO_INITIAL, FABRIKAM, FABRIKAM_INITIAL, GB
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.tenants import Contact, License, Mailbox, Sku


def exchange_guid_not_stamped(scenario: Scenario, row: int = 0) -> Scenario:
    """The MailUser was made, but nobody has stamped it."""
    return scenario.with_mail_user(row, exchange_guid="", licenses=_without_mailbox_plans(scenario, row))


def wrong_exchange_guid(scenario: Scenario, row: int = 0) -> Scenario:
    """The script took the column Guid instead of ExchangeGuid."""
    return scenario.with_mail_user(row, exchange_guid=scenario.mailbox(row).guid, licenses=_without_mailbox_plans(scenario, row))


def licensed_before_stamping(scenario: Scenario, row: int = 0) -> Scenario:
    """The base license came first, so Exchange is about to make a new, empty mailbox."""
    return _licensed_unstamped(scenario, row, skus.E3)


def teams_licensed_before_stamping(scenario: Scenario, row: int = 0) -> Scenario:
    """A license sold for Teams alone, which carries a mailbox plan too."""
    return _licensed_unstamped(scenario, row, skus.TEAMS_ONLY)


def _licensed_unstamped(scenario: Scenario, row: int, sku: Sku) -> Scenario:
    licenses = (*_without_mailbox_plans(scenario, row), *skus.licensed(sku))
    return scenario.with_mail_user(row, exchange_guid="", licenses=licenses)


def _without_mailbox_plans(scenario: Scenario, row: int) -> tuple[License, ...]:
    return tuple(one for one in scenario.mail_user(row).licenses if one.part_number == skus.MIGRATION.part_number)


def archive_guid_missing(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox has an archive of which the MailUser knows nothing."""
    return with_archive(scenario, row).with_mail_user(row, archive_guid="")


def wrong_archive_guid(scenario: Scenario, row: int = 0) -> Scenario:
    """The script stamped the ExchangeGuid into both places."""
    return with_archive(scenario, row).with_mail_user(row, archive_guid=scenario.mailbox(row).exchange_guid)


def legacy_dn_missing(scenario: Scenario, row: int = 0) -> Scenario:
    """The source LegacyExchangeDN was not added as an X500 address."""
    own = scenario.mailbox(row).legacy_dn.casefold()
    return _with_proxies(scenario, row, [proxy for proxy in scenario.mail_user(row).proxies if not proxy.casefold().endswith(own)])


def x500_incomplete(scenario: Scenario, row: int = 0) -> Scenario:
    """Of several old X500 addresses the last one was not copied."""
    proxies = list(scenario.mail_user(row).proxies)
    last = max(place for place, proxy in enumerate(proxies) if proxy.casefold().startswith("x500:"))
    return _with_proxies(scenario, row, proxies[:last] + proxies[last + 1 :])


def x500_trimmed(scenario: Scenario, row: int = 0) -> Scenario:
    """A spreadsheet has made one blank of two, so the copy is another address."""
    return _with_proxies(scenario, row, [proxy.replace("  ", " ") for proxy in scenario.mail_user(row).proxies])


def external_address_wrong(scenario: Scenario, row: int = 0) -> Scenario:
    """The MailUser forwards to itself instead of to the source mailbox."""
    return scenario.with_mail_user(row, external_address=scenario.mail_user(row).primary)


def primary_in_foreign_domain(scenario: Scenario, row: int = 0) -> Scenario:
    """The primary address was set to the one that the person has in Contoso."""
    user = scenario.mail_user(row)
    proxies = tuple(proxy.replace(f"@{FABRIKAM}", f"@{CONTOSO}") for proxy in user.proxies)
    return scenario.with_mail_user(row, proxies=proxies, external_address=f"{user.alias}@{CONTOSO_INITIAL}")


def proxy_in_source_domain(scenario: Scenario, row: int = 0) -> Scenario:
    """An address of the source's domain was copied along with the X500 addresses."""
    user = scenario.mail_user(row)
    return _with_proxies(scenario, row, [*user.proxies, f"smtp:formerly.{user.alias}@{CONTOSO}"])


def no_delivery_domain_proxy(scenario: Scenario, row: int = 0) -> Scenario:
    """There is no address to which the source could route after the move."""
    proxies = scenario.mail_user(row).proxies
    return _with_proxies(scenario, row, [proxy for proxy in proxies if not proxy.endswith(f"@{FABRIKAM_INITIAL}")])


def _with_proxies(scenario: Scenario, row: int, proxies: list[str]) -> Scenario:
    return scenario.with_mail_user(row, proxies=tuple(proxies))


def target_missing(scenario: Scenario, row: int = 0) -> Scenario:
    """Nobody has made the MailUser yet."""
    gone = scenario.mail_user(row)
    return scenario.with_tenant("target", mail_users=tuple(user for user in scenario.target.mail_users if user is not gone))


def target_is_mailbox(scenario: Scenario, row: int = 0) -> Scenario:
    """The person already has a mailbox of their own in the target."""
    user = scenario.mail_user(row)
    mailbox = Mailbox(
        guid=user.guid,
        object_id=user.object_id,
        exchange_guid=INVENT.guid("second mailbox", user.upn),
        name=user.name,
        alias=user.alias,
        display_name=user.display_name,
        first_name=user.first_name,
        last_name=user.last_name,
        country=user.country,
        upn=user.upn,
        proxies=tuple(proxy for proxy in user.proxies if proxy.casefold().startswith("smtp:")),
        kind="UserMailbox",
        legacy_dn=user.legacy_dn,
        created=user.created,
        size=14_000_000,
        items=37,
        quota=100 * GB,
        licenses=skus.licensed(skus.E3),
    )
    return target_missing(scenario, row).with_tenant("target", mailboxes=(*scenario.target.mailboxes, mailbox))


def target_is_guest(scenario: Scenario, row: int = 0) -> Scenario:
    """The mapping names the guest account that the person got when the companies first worked together."""
    user, address = scenario.mail_user(row), scenario.mailbox(row).primary
    guest = replace(
        user,
        kind="GuestMailUser",
        upn=f"{address.replace('@', '_')}#EXT#@{FABRIKAM_INITIAL}",
        proxies=(f"SMTP:{address}",),
        external_address=address,
        exchange_guid="",
        archive_guid="",
        licenses=_without_mailbox_plans(scenario, row),
    )
    others = tuple(one for one in scenario.target.mail_users if one is not user)
    return scenario.with_tenant("target", mail_users=(*others, guest)).with_row(row, target=guest.upn)


def target_is_contact(scenario: Scenario, row: int = 0) -> Scenario:
    """A mail contact, made for the address book, holds the address that the mapping names."""
    user = scenario.mail_user(row)
    contact = Contact(
        guid=user.guid,
        object_id="",
        name=user.name,
        alias=user.alias,
        display_name=user.display_name,
        proxies=(f"SMTP:{scenario.rows[row].target}",),
        external_address=scenario.mailbox(row).primary,
        kind="MailContact",
        legacy_dn=user.legacy_dn,
        created=user.created,
    )
    return target_missing(scenario, row).with_tenant("target", contacts=(*scenario.target.contacts, contact))
