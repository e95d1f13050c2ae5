"""What the cmdlets that read settings of a tenant print."""

from __future__ import annotations

from datetime import timedelta

from ctm_audit.sim.printing import Printed, configuration, directory_object, guid, moment
from ctm_audit.sim.tenants import Domain, Endpoint, MigrationBatch, MigrationUser, Relationship, Tenant


def get_connection_information(tenant: Tenant) -> list[Printed]:
    """Get-ConnectionInformation: the one session of the admin who exports."""
    return [
        {
            "ConnectionId": tenant.session_id,
            "State": "Connected",
            "Id": 1,
            "Name": "ExchangeOnline_1",
            "UserPrincipalName": tenant.admin,
            "ConnectionUri": f"https://{tenant.session_host}",
            "AzureAdAuthorizationEndpointUri": "https://login.microsoftonline.com/organizations",
            "CertificateAuthentication": False,
            "ModuleName": "tmpEXO_exports",
            "ModulePrefix": "",
            "Organization": None,
            "DelegatedOrganization": None,
            "PageSize": 1000,
            "TenantID": tenant.session_tenant_id,
            "TokenStatus": "Active",
            "ConnectionUsedForInbuiltCmdlets": True,
            "IsEopSession": False,
        }
    ]


def get_organization_config(tenant: Tenant) -> list[Printed]:
    """Get-OrganizationConfig."""
    return [
        {
            "DisplayName": tenant.name,
            "IsDehydrated": tenant.is_dehydrated,
            "AllowedMailboxRegions": [tenant.forest[:3], *tenant.regions],
            "AuditDisabled": False,
            "AutoExpandingArchiveEnabled": False,
            "DefaultMailboxRegion": tenant.forest[:3],
            "HybridConfigurationStatus": "Unknown",
            "InPlaceHolds": list(tenant.organization_holds),
            "IsMixedMode": False,
            "OAuth2ClientProfileEnabled": True,
            "PublicFoldersEnabled": "Local",
            "SendFromAliasEnabled": False,
            **directory_object(
                tenant,
                tenant.initial_domain,
                tenant.guid,
                tenant.created,
                "CN=ConfigurationUnits",
                ("top", "msExchConfigurationUnitContainer"),
            ),
        }
    ]


def get_organization_relationship(tenant: Tenant) -> list[Printed]:
    """Get-OrganizationRelationship."""
    return [_relationship(tenant, one) for one in tenant.relationships]


def get_migration_endpoint(tenant: Tenant) -> list[Printed]:
    """Get-MigrationEndpoint."""
    return [_endpoint(tenant, one) for one in tenant.endpoints]


def get_accepted_domain(tenant: Tenant) -> list[Printed]:
    """Get-AcceptedDomain: the verified domains."""
    return [_accepted_domain(tenant, one) for one in tenant.domains if one.is_verified]


def get_migration_user(tenant: Tenant) -> list[Printed]:
    """Get-MigrationUser -ResultSize Unlimited."""
    return [_migration_user(tenant, one) for one in tenant.migration_users]


def get_migration_batch(tenant: Tenant) -> list[Printed]:
    """Get-MigrationBatch -ResultSize Unlimited."""
    return [_migration_batch(tenant, one) for one in tenant.migration_batches]


def _relationship(tenant: Tenant, one: Relationship) -> Printed:
    return {
        "DomainNames": list(one.domain_names),
        "FreeBusyAccessEnabled": one.free_busy,
        "FreeBusyAccessLevel": "LimitedDetails" if one.free_busy else "None",
        "FreeBusyAccessScope": None,
        "MailboxMoveEnabled": one.move_enabled,
        "MailboxMoveCapability": one.move_capability,
        "MailboxMovePublishedScopes": list(one.move_scopes),
        "IdentityMoveEnabled": False,
        "IdentityMoveCapability": "None",
        "IdentityMovePublishedScopes": [],
        "PeopleSearchEnabled": False,
        "PeopleSearchCapability": "None",
        "PeopleSearchPublishedScopes": [],
        "OAuthApplicationId": one.app_id or None,
        "DeliveryReportEnabled": False,
        "MailTipsAccessEnabled": False,
        "MailTipsAccessLevel": "None",
        "MailTipsAccessScope": None,
        "PhotosEnabled": False,
        "TargetApplicationUri": "outlook.com" if one.free_busy else None,
        "TargetSharingEpr": None,
        "TargetOwaURL": None,
        "TargetAutodiscoverEpr": None,
        "OrganizationContact": "",
        "Enabled": one.enabled,
        "ArchiveAccessEnabled": False,
        "AdminDisplayName": "",
        **directory_object(
            tenant, one.name, one.guid, one.created, configuration(tenant, "Federation"), ("top", "msExchFedSharingRelationship")
        ),
    }


def _endpoint(tenant: Tenant, one: Endpoint) -> Printed:
    return {
        "Identity": one.name,
        "EndpointType": one.type,
        "MaxConcurrentMigrations": str(one.max_migrations),
        "MaxConcurrentIncrementalSyncs": "20",
        "ActiveMigrationCount": 0,
        "ActiveIncrementalSyncCount": 0,
        "Credentials": None,
        "RemoteServer": one.remote_server,
        "RemoteTenant": one.remote_tenant or None,
        "ApplicationId": one.app_id or None,
        "AppSecretKeyVaultUrl": None,
        "AuthenticationMethod": "Basic" if not one.app_id else None,
        "ExchangeServer": None,
        "IsRemote": True,
        "UseAutoDiscover": False,
        "AcceptUntrustedCertificates": False,
        "Guid": one.guid,
        "LastModifiedTime": moment(tenant, tenant.created + timedelta(days=2400)),
        "CreatedTime": moment(tenant, tenant.created + timedelta(days=2399)),
        "IsValid": True,
        "ObjectState": "Unchanged",
    }


def _accepted_domain(tenant: Tenant, one: Domain) -> Printed:
    return {
        "DomainName": one.name,
        "CatchAllRecipientID": None,
        "DomainType": one.type,
        "MatchSubDomains": one.match_subdomains,
        "AddressBookEnabled": True,
        "Default": one is tenant.domains[0],
        "EmailOnly": False,
        "ExternallyManaged": False,
        "AuthenticationType": one.authentication,
        "LiveIdInstanceType": "Business",
        "PendingRemoval": False,
        "PendingCompletion": False,
        "FederatedOrganizationLink": "Federation",
        "OutboundOnly": False,
        "IsCoexistenceDomain": one.name.endswith(".mail.onmicrosoft.com"),
        "SendingFromDomainDisabled": False,
        "SendingToDomainDisabled": False,
        "InitialDomain": one.name == tenant.initial_domain,
        "AdminDisplayName": "",
        **directory_object(
            tenant,
            one.name,
            one.guid,
            tenant.created,
            configuration(tenant, "Accepted Domains,CN=Transport Settings"),
            ("top", "msExchAcceptedDomain"),
        ),
    }


def _migration_user(tenant: Tenant, one: MigrationUser) -> Printed:
    return {
        "Identity": one.identity,
        "Guid": one.guid,
        "Identifier": one.identity,
        "MailboxIdentifier": one.identity,
        "MailboxEmailAddress": one.identity,
        "RecipientType": "Mailbox",
        "BatchId": one.batch,
        "MailboxGuid": guid(one.mailbox_guid),
        "MailboxLegacyDN": None,
        "RequestGuid": guid(""),
        "SkippedItemCount": 0,
        "SyncedItemCount": 0,
        "DataConsistencyScore": one.consistency or None,
        "LastSuccessfulSyncTime": moment(tenant, tenant.created + timedelta(days=2000)),
        "Status": one.status,
        "StatusSummary": one.status if one.status in ("Completed", "Failed", "Synced") else "Active",
        "State": one.status,
        "WorkflowStep": None,
        "TriggeredAction": "None",
        "ErrorSummary": one.error or None,
        "SupportedActions": "Remove",
        "IsValid": True,
        "ObjectState": "Changed",
    }


def _migration_batch(tenant: Tenant, one: MigrationBatch) -> Printed:
    users = [user.status for user in tenant.migration_users if user.batch == one.name]
    return {
        "Identity": one.name,
        "BatchGuid": one.guid,
        "Status": one.status,
        "State": one.status,
        "TotalCount": len(users),
        "ActiveCount": users.count("Syncing"),
        "SyncedCount": users.count("Synced"),
        "FinalizedCount": users.count("Completed"),
        "FailedCount": users.count("Failed"),
        "CreationDateTime": moment(tenant, one.created),
        "CreationDateTimeUTC": moment(tenant, one.created),
        "StartDateTimeUTC": moment(tenant, one.created + timedelta(minutes=4)),
        "StartAfter": None,
        "CompleteAfter": moment(tenant, one.complete_after),
        "NotificationEmails": list(one.notified),
        "MigrationType": "ExchangeRemoteMove",
        "BatchDirection": "Onboarding",
        "BatchFlags": one.flags,
        "SkipSteps": one.skips,
        "PrimaryOnly": one.primary_only,
        "ArchiveOnly": None,
        "AllowUnknownColumnsInCsv": False,
        "TargetDeliveryDomain": one.delivery_domain,
        "SourceEndpoint": "CTM-Endpoint",
        "TargetEndpoint": None,
        "DataConsistencyScore": "Perfect" if one.status == "Completed" else None,
        "SubmittedByUser": tenant.admin,
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
