"""What can be wrong with who somebody is in the target: names, accounts, and rows of the mapping that mean the same.

Each function takes a scenario and a mapping row (from 0) and returns the scenario with that one thing wrong.
"""

from __future__ import annotations

from dataclasses import replace

from ctm_audit.sim.invent import INVENT
from ctm_audit.sim.others import contact, contoso_leaver, leaver
from ctm_audit.sim.people import CONTOSO, FABRIKAM
from ctm_audit.sim.scenario import Scenario


def upn_with_marks(scenario: Scenario, row: int = 0) -> Scenario:
    """The mapping plans a UPN as the person writes the name, with letters that Entra ID does not take."""
    return scenario.with_row(row, upn=f"zoë.müller{row}@{FABRIKAM}")


def upn_is_a_number(scenario: Scenario, row: int = 0) -> Scenario:
    """The person shall sign in with a staff number, and is known by an address."""
    return scenario.with_row(row, final_upn=f"u{100_000 + row}@{CONTOSO}")


def target_vouched_for_elsewhere(scenario: Scenario, row: int = 0) -> Scenario:
    """Cross-tenant synchronization has made the account as a member, and the person still signs in at home."""
    return scenario.with_mail_user(row, home="ExternalAzureAD")


def synchronisation_unfinished(scenario: Scenario, row: int = 0) -> Scenario:
    """Somebody changed whether the object is synchronised, and Exchange has not heard of it."""
    return scenario.with_mail_user(row, is_synced_in_entra=not scenario.mail_user(row).is_dir_synced)


def satellite_without_license(scenario: Scenario, row: int = 0) -> Scenario:
    """Fabrikam has a second region, in which this person is to be, and nobody has bought the license for it."""
    return scenario.with_tenant("target", regions=("EUR",)).with_mail_user(row, data_location="EUR")


def invited_and_still_synchronised(scenario: Scenario, row: int = 0) -> Scenario:
    """The account was converted from a guest's, and Contoso's synchronization job still runs."""
    return sync_allowed(scenario).with_mail_user(row, invited=True)


def sync_allowed(scenario: Scenario) -> Scenario:
    """Fabrikam lets Contoso synchronise users."""
    return scenario.with_tenant("target", sync_partners=((scenario.source.tenant_id, True),))


def mapped_twice(scenario: Scenario, row: int = 0) -> Scenario:
    """Two lists were joined, and the row names by ids the two objects that the row before it names by UPN."""
    mailbox, user = scenario.mailbox(row - 1), scenario.mail_user(row - 1)
    return scenario.with_row(row, source=mailbox.exchange_guid, target=user.object_id, final_upn="", final_primary="")


def planned_upn_taken(scenario: Scenario, row: int = 0) -> Scenario:
    """The mapping plans a UPN that somebody who works in Fabrikam already has."""
    colleague = next(box for box in scenario.target.mailboxes if box.kind == "UserMailbox")
    return scenario.with_row(row, upn=colleague.upn)


def contact_has_the_address(scenario: Scenario, row: int = 0) -> Scenario:
    """Fabrikam's address book still has the contact from before the merger."""
    known = contact(INVENT, "target", scenario.mailbox(row).primary)
    return scenario.with_tenant("target", contacts=(*scenario.target.contacts, known))


def deleted_mailbox_competes(scenario: Scenario, row: int = 0) -> Scenario:
    """A trial of last week was deleted in Fabrikam, and its mailbox still has the ExchangeGuid of the source."""
    gone = leaver(INVENT)
    trial = replace(
        gone,
        guid=INVENT.guid("trial", scenario.rows[row].target),
        object_id=INVENT.guid("account of the trial", scenario.rows[row].target),
        exchange_guid=scenario.mailbox(row).exchange_guid,
    )
    return scenario.with_tenant("target", deleted_mailboxes=(*scenario.target.deleted_mailboxes, trial))


def deleted_account_has_the_name(scenario: Scenario, row: int = 0) -> Scenario:
    """Somebody deleted the first MailUser of the person and made another; the first has the name still."""
    user = scenario.mail_user(row)
    first = replace(
        user, guid=INVENT.guid("first", user.upn), object_id=INVENT.guid("first account", user.upn), exchange_guid="", archive_guid=""
    )
    return scenario.with_tenant("target", deleted_mail_users=(*scenario.target.deleted_mail_users, replace(first, licenses=())))


def deleted_twin_in_source(scenario: Scenario, row: int = 0) -> Scenario:
    """The person left and came back, and the mailbox of the first time can still be restored, with the same address."""
    mailbox = scenario.mailbox(row)
    twin = replace(
        contoso_leaver(INVENT),
        guid=INVENT.guid("twin", mailbox.upn),
        object_id=INVENT.guid("account of the twin", mailbox.upn),
        exchange_guid=INVENT.guid("mailbox of the twin", mailbox.upn),
        proxies=(f"SMTP:{mailbox.primary}",),
    )
    return scenario.with_tenant("source", deleted_mailboxes=(*scenario.source.deleted_mailboxes, twin))
