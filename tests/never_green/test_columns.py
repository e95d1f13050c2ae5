"""No property of the export may be missing, flattened or null without the audit noticing."""

from __future__ import annotations

import pytest

from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.evidence.tables import Column, Side, Table
from tests.never_green.world import PLACES, Item, World, book, changed, clean, readers_of

FLATTENED = "Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]"
COLUMNS = [(side, table, column) for side, table in PLACES for column in table.columns_of(side)]
FAST = {"target.license_details"}


def says_none(column: Column) -> bool:
    """True when null is a value of the property: none."""
    try:
        column.normalise(None)
    except NotCollected:
        return False
    return not column.never_blank


def case(side: Side, table: Table, column: Column, mark: pytest.MarkDecorator = pytest.mark.slow) -> object:
    place = f"{side}.{table.name}"
    return pytest.param(side, table, column, id=f"{place}.{column.name}", marks=() if place in FAST else (mark,))


def without(item: Item, name: str) -> Item:
    return {key: value for key, value in item.items() if key != name}


@pytest.mark.parametrize(("side", "table", "column"), [case(*one) for one in COLUMNS])
def test_a_property_that_no_object_has(side: Side, table: Table, column: Column, world: World) -> None:
    readers = readers_of(f"{side}.{table.name}.{column.name}")
    told = world.told(side, changed(clean(), side, table, lambda item: without(item, column.property)), readers=readers)
    assert told.exit_code == 3
    assert readers
    assert not told.still_green(readers)


@pytest.mark.parametrize(("side", "table", "column"), [case(*one, pytest.mark.nightly) for one in COLUMNS if one[2].type == "texts"])
def test_a_list_that_the_export_flattened(side: Side, table: Table, column: Column, world: World) -> None:
    readers = readers_of(f"{side}.{table.name}.{column.name}")
    told = world.told(side, changed(clean(), side, table, lambda item: item | {column.property: FLATTENED}), readers=readers)
    assert told.exit_code == 3
    assert not told.still_green(readers)


@pytest.mark.parametrize(("side", "table", "column"), [case(*one, pytest.mark.nightly) for one in COLUMNS if not says_none(one[2])])
def test_a_property_that_is_null_in_every_object(side: Side, table: Table, column: Column, world: World) -> None:
    readers = readers_of(f"{side}.{table.name}.{column.name}")
    told = world.told(side, changed(clean(), side, table, lambda item: item | {column.property: None}), readers=readers)
    assert told.exit_code == 3
    assert not told.still_green(readers)


def test_null_means_none_for_these_properties_only() -> None:
    assert {f"{side} {table.origin(column.name)}" for side, table, column in COLUMNS if says_none(column)} == {
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
    assert {f"{side}.{table.name}.{column.name}" for side, table, column in COLUMNS} <= read
