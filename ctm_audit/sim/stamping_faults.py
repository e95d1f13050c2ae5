"""What is stamped wrongly, or stands in the way of stamping, on one target MailUser.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.people import CONTOSO, FABRIKAM_INITIAL
from ctm_audit.sim.scenario import Scenario
from ctm_audit.sim.skus import E3, MIGRATION, licensed
from ctm_audit.sim.tenants import Contact


def archive_the_source_lacks(scenario: Scenario, row: int = 0) -> Scenario:
    """The person has no archive, and the MailUser was stamped with the one of somebody else."""
    plain = scenario.with_mailbox(row, archive_guid="", archive_size=0, aux_archives=())
    return plain.with_mail_user(row, archive_guid=INVENT.guid("stray archive", scenario.rows[row].target))


def external_address_became_primary(scenario: Scenario, row: int = 0) -> Scenario:
    """New-MailUser was given no primary address, so it took the external one."""
    user = scenario.mail_user(row)
    others = (proxy for proxy in user.proxies if not proxy.startswith("SMTP:"))
    return scenario.with_mail_user(row, proxies=(f"SMTP:{user.external_address}", *others))


def external_address_left_as_proxy(scenario: Scenario, row: int = 0) -> Scenario:
    """A primary address was set afterwards, and the external one stayed behind it."""
    user = scenario.mail_user(row)
    return scenario.with_mail_user(row, proxies=(*user.proxies, f"smtp:{user.external_address}"))


def x400_left_behind(scenario: Scenario, row: int = 0) -> Scenario:
    """The mailbox still has the X400 address of a server of the nineties."""
    mailbox = scenario.mailbox(row)
    return scenario.with_mailbox(row, proxies=(*mailbox.proxies, f"X400:C=DE;A= ;P=Contoso;O=Exchange;S={mailbox.alias};"))


def target_was_a_mailbox(scenario: Scenario, row: int = 0) -> Scenario:
    """The person had a mailbox in the target for a week, and nothing has been stamped since."""
    bare = scenario.with_mail_user(row, exchange_guid="", previous_kind="UserMailbox")
    return bare.with_mail_user(row, licenses=tuple(one for one in bare.mail_user(row).licenses if one.part_number == MIGRATION.part_number))


def target_has_disabled_archive(scenario: Scenario, row: int = 0) -> Scenario:
    """The archive of an earlier mailbox was switched off and is still remembered."""
    return scenario.with_mail_user(row, disabled_archive_guid=INVENT.guid("disabled archive", scenario.rows[row].target))


def source_has_disabled_archive(scenario: Scenario, row: int = 0) -> Scenario:
    """The archive was switched off last week, to save its license."""
    return scenario.with_mailbox(row, disabled_archive_guid=INVENT.guid("disabled archive", scenario.rows[row].source))


def hundreds_of_addresses(scenario: Scenario, row: int = 0) -> Scenario:
    """A mailbox that answers for every product that was ever sold."""
    user = scenario.mail_user(row)
    domain = user.primary.partition("@")[2]
    return scenario.with_mail_user(row, proxies=(*user.proxies, *(f"smtp:{user.alias}.{number}@{domain}" for number in range(300))))


def stamped_since_synchronised(scenario: Scenario, row: int = 0) -> Scenario:
    """A synchronised MailUser was stamped in the cloud a minute before the export."""
    return scenario.with_mail_user(row, is_dir_synced=True, changed=scenario.exported_at - timedelta(minutes=1))


def sip_address_of_the_source(scenario: Scenario, row: int = 0) -> Scenario:
    """The SIP address was copied along with the others."""
    user = scenario.mail_user(row)
    return scenario.with_mail_user(row, proxies=(*user.proxies, f"SIP:{user.alias}@{CONTOSO}"))


def guid_of_a_trial(scenario: Scenario, row: int = 0) -> Scenario:
    """The MailUser of a trial last summer was stamped with this mailbox and never removed."""
    mailbox, user = scenario.mailbox(row), scenario.mail_user(row)
    upn = f"trial.{user.alias}@{FABRIKAM_INITIAL}"
    trial = replace(
        user,
        guid=INVENT.guid("trial", upn),
        object_id=INVENT.guid("trial object", upn),
        exchange_guid=mailbox.exchange_guid,
        archive_guid="",
        name=f"Trial {user.name}",
        alias=f"trial.{user.alias}",
        upn=upn,
        proxies=(f"SMTP:{upn}",),
        external_address=f"trial.{user.alias}@example.net",
        licenses=(),
    )
    return scenario.with_tenant("target", mail_users=(*scenario.target.mail_users, trial))


def x500_on_a_contact(scenario: Scenario, row: int = 0) -> Scenario:
    """The contact that stood for the person in the address book carries the old X500 addresses."""
    user, address = scenario.mail_user(row), f"{scenario.mail_user(row).alias}.old@example.net"
    contact = Contact(
        guid=INVENT.guid("contact", address),
        object_id="",
        name=f"{user.name} (external)",
        alias=f"{user.alias}.old",
        display_name=f"{user.display_name} (external)",
        proxies=(f"SMTP:{address}", f"X500:{scenario.mailbox(row).legacy_dn}"),
        external_address=address,
        kind="MailContact",
        legacy_dn=f"{user.legacy_dn}-contact",
        created=user.created,
    )
    return scenario.with_tenant("target", contacts=(*scenario.target.contacts, contact))


def planned_address_will_be_scrubbed(scenario: Scenario, row: int = 0) -> Scenario:
    """The mapping promises the old address for the switch, and the license is there already."""
    user = scenario.mail_user(row)
    held = any(one.part_number == E3.part_number for one in user.licenses)
    licensed_user = scenario.with_mail_user(row, licenses=user.licenses if held else (*user.licenses, *licensed(E3)))
    return licensed_user.with_row(row, primary=scenario.mailbox(row).primary)
