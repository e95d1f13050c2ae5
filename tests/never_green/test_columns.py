"""No property of the export may be missing, flattened or null without the audit noticing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.evidence.tables import Column
from tests.never_green.rounds import Lost, altered, marked, properties, rounds
from tests.never_green.world import PLACES, Item, World, book, clean, readers_of

FLATTENED = "Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]"


def says_none(column: Column) -> bool:
    """True when null is a value of the property: none."""
    try:
        column.normalise(None)
    except NotCollected:
        return False
    return not column.never_blank


def green_without(world: World, lost: tuple[Lost, ...], act: Callable[[Lost, Item], Item]) -> list[str]:
    """The rules that still pass somebody although what they read was lost; the audit itself must be undetermined."""
    readers = readers_of(*frozenset().union(*(one.reads for one in lost)))
    told = world.told(lost[0].side, altered(clean(), lost, act), readers=readers)
    assert told.exit_code == 3
    assert readers
    return told.still_green(readers)


@pytest.mark.parametrize("lost", marked(rounds(properties())))
def test_a_property_that_no_object_has(lost: tuple[Lost, ...], world: World) -> None:
    assert not green_without(world, lost, lambda one, item: {key: value for key, value in item.items() if key != one.name})


@pytest.mark.parametrize("lost", marked(rounds(properties(lambda column: column.type == "texts"))))
def test_a_list_that_the_export_flattened(lost: tuple[Lost, ...], world: World) -> None:
    assert not green_without(world, lost, lambda one, item: item | {one.name: FLATTENED})


@pytest.mark.parametrize("lost", marked(rounds(properties(lambda column: not says_none(column)))))
def test_a_property_that_is_null_in_every_object(lost: tuple[Lost, ...], world: World) -> None:
    assert not green_without(world, lost, lambda one, item: item | {one.name: None})


def test_null_means_none_for_these_properties_only() -> None:
    assert {f"{side} {table.origin(column.name)}" for side, table in PLACES for column in table.columns_of(side) if says_none(column)} == {
        "source Get-Mailbox.WhenSoftDeleted",
        "source Get-Mailbox.MailboxMoveRemoteHostName",
        "source Get-Mailbox.DataEncryptionPolicy",
        "source Get-Mailbox.RetentionPolicy",
        "source Get-Mailbox.ForwardingAddress",
        "source Get-Mailbox.ForwardingSmtpAddress",
        "source Get-MailboxStatistics.DisconnectReason",
        "source Get-Mailbox.RoomMailboxAccountEnabled",
        "source Get-CASMailbox.SmtpClientAuthenticationDisabled",
        "source Get-TransportRule.FromScope",
        "source Get-TransportRule.ApplyHtmlDisclaimerText",
        "source Get-TransportRule.PrependSubject",
        "target Get-TransportRule.FromScope",
        "target Get-TransportRule.SenderDomainIs",
        "target Get-TransportRule.RejectMessageEnhancedStatusCode",
        "target Get-TransportRule.DeleteMessage",
        "target Get-TransportRule.Quarantine",
        "target Get-ArcConfig.ArcTrustedSealers",
        "target Get-Recipient.ExternalEmailAddress",
        "source Get-OrganizationRelationship.OAuthApplicationId",
        "source Get-MigrationUser.MailboxGuid",
        "target Get-MigrationUser.MailboxGuid",
        "target Graph organization.onPremisesLastSyncDateTime",
        "target Get-MigrationUser.DataConsistencyScore",
        "target Get-MigrationUser.ErrorSummary",
        "target Get-MigrationBatch.TargetDeliveryDomain",
        "target Get-MigrationBatch.CompleteAfter",
        "target Get-MigrationBatch.PrimaryOnly",
        "target Get-MigrationBatch.ArchiveOnly",
        "target Test-MigrationServerAvailability.Message",
        "target Test-MigrationServerAvailability.ErrorDetail",
        "target Get-MigrationEndpoint.RemoteTenant",
        "target Get-MigrationEndpoint.ApplicationId",
        "source Get-Mailbox -SoftDeletedMailbox.ExternalDirectoryObjectId",
        "source Get-Mailbox -SoftDeletedMailbox.ExchangeGuid",
        "source Get-Mailbox -SoftDeletedMailbox.ArchiveGuid",
        "source Get-MailUser -SoftDeletedMailUser.ExternalDirectoryObjectId",
        "source Get-MailUser -SoftDeletedMailUser.ExchangeGuid",
        "source Get-MailUser -SoftDeletedMailUser.ArchiveGuid",
        "target Graph users.userType",
        "target Graph users.creationType",
        "target Graph users.externalUserState",
        "target Graph users.usageLocation",
        "target Graph users.preferredDataLocation",
        "target Graph users.onPremisesSyncEnabled",
        "target Graph policies/crossTenantAccessPolicy/partners.identitySynchronization",
        "target Get-Mailbox -SoftDeletedMailbox.ExternalDirectoryObjectId",
        "target Get-Mailbox -SoftDeletedMailbox.ExchangeGuid",
        "target Get-Mailbox -SoftDeletedMailbox.ArchiveGuid",
        "target Get-MailUser -SoftDeletedMailUser.ExternalDirectoryObjectId",
        "target Get-MailUser -SoftDeletedMailUser.ExchangeGuid",
        "target Get-MailUser -SoftDeletedMailUser.ArchiveGuid",
    }


def test_every_declared_column_is_read_by_some_rule() -> None:
    """What nobody reads is personal data that nobody should hold (docs/adr/0013)."""
    read = {read for checked in book().checked for read in checked.reads}
    assert frozenset().union(*(lost.reads for lost in properties())) <= read
