"""What every column of evidence is: the table, its key, the exported property it comes from, and how it is read.

This is the one description that readers, bundles, the rule language, the documentation and the export hints share.
A column has exactly one origin. Cmdlet and property names are Microsoft's:
https://learn.microsoft.com/powershell/module/exchangepowershell/ and https://learn.microsoft.com/graph/api/overview
"""

from __future__ import annotations

from ctm_audit.evidence.tables.accounts import SYNC_PARTNERS, USERS
from ctm_audit.evidence.tables.delegation import CALENDAR_PERMISSIONS, MAILBOX_PERMISSIONS, RECIPIENT_PERMISSIONS
from ctm_audit.evidence.tables.deleted import DELETED_MAIL_USERS, DELETED_MAILBOXES, DELETED_USERS
from ctm_audit.evidence.tables.dns import DNS_TABLES
from ctm_audit.evidence.tables.dns_proofs import PROOF_TABLES
from ctm_audit.evidence.tables.domain_records import DKIM_CONFIGS, SERVICE_RECORDS, VERIFICATION_RECORDS
from ctm_audit.evidence.tables.domains import ACCEPTED_DOMAINS, DOMAIN_RECIPIENTS, DOMAIN_REFERENCES, DOMAINS
from ctm_audit.evidence.tables.groups import DISTRIBUTION_GROUPS, GROUP_MEMBERS
from ctm_audit.evidence.tables.inactive import INACTIVE_MAILBOXES
from ctm_audit.evidence.tables.licensing import EXCHANGE_PLANS, LICENSE_DETAILS, SUBSCRIBED_SKUS
from ctm_audit.evidence.tables.mail_flow import ARC_CONFIG, INBOUND_CONNECTORS, TRANSPORT_RULES
from ctm_audit.evidence.tables.mailbox_details import ARCHIVE_FOLDERS, CALENDAR_PROCESSING, HOLD_TRACKING, PERSONAL_SITES
from ctm_audit.evidence.tables.mailbox_state import MOVE_REQUESTS, RETENTION_POLICIES
from ctm_audit.evidence.tables.migration import MIGRATION_BATCHES, MIGRATION_USERS
from ctm_audit.evidence.tables.organization import (
    CONNECTIONS,
    MIGRATION_ENDPOINTS,
    ORGANIZATION,
    ORGANIZATION_CONFIG,
    ORGANIZATION_RELATIONSHIPS,
)
from ctm_audit.evidence.tables.others import OTHERS
from ctm_audit.evidence.tables.people import EXCHANGE_USERS, MAIL_USERS, MAILBOXES, RECIPIENTS
from ctm_audit.evidence.tables.schema import ALL_SIDES, DNS, SIDES, SOURCE, TARGET, Column, ColumnType, Side, Table
from ctm_audit.evidence.tables.statistics import ARCHIVE_STATISTICS, MAILBOX_STATISTICS
from ctm_audit.evidence.tables.trust import APP_ROLE_ASSIGNMENTS, APPLICATIONS, MIGRATION_PROBES, SERVICE_PRINCIPALS
from ctm_audit.evidence.tables.usage import CAS_MAILBOXES, SIGN_IN_METHODS

__all__ = [
    "ALL_SIDES",
    "DNS",
    "DNS_TABLES",
    "GROUP_MEMBERS",
    "MAILBOXES",
    "OTHERS",
    "PROOF_TABLES",
    "SIDES",
    "SOURCE",
    "TABLES",
    "TARGET",
    "Column",
    "ColumnType",
    "Side",
    "Table",
    "evidence_of",
    "tables_of",
]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ORGANIZATION,
        CONNECTIONS,
        ORGANIZATION_CONFIG,
        ORGANIZATION_RELATIONSHIPS,
        APPLICATIONS,
        SERVICE_PRINCIPALS,
        APP_ROLE_ASSIGNMENTS,
        MIGRATION_ENDPOINTS,
        TRANSPORT_RULES,
        INBOUND_CONNECTORS,
        ARC_CONFIG,
        DISTRIBUTION_GROUPS,
        GROUP_MEMBERS,
        ACCEPTED_DOMAINS,
        DOMAINS,
        DOMAIN_REFERENCES,
        DOMAIN_RECIPIENTS,
        SERVICE_RECORDS,
        VERIFICATION_RECORDS,
        DKIM_CONFIGS,
        SUBSCRIBED_SKUS,
        EXCHANGE_PLANS,
        USERS,
        SYNC_PARTNERS,
        DELETED_USERS,
        DELETED_MAILBOXES,
        DELETED_MAIL_USERS,
        LICENSE_DETAILS,
        RECIPIENTS,
        MAILBOXES,
        MAIL_USERS,
        EXCHANGE_USERS,
        MAILBOX_STATISTICS,
        ARCHIVE_STATISTICS,
        MIGRATION_USERS,
        MIGRATION_PROBES,
        MOVE_REQUESTS,
        ARCHIVE_FOLDERS,
        HOLD_TRACKING,
        CALENDAR_PROCESSING,
        RETENTION_POLICIES,
        PERSONAL_SITES,
        CAS_MAILBOXES,
        SIGN_IN_METHODS,
        INACTIVE_MAILBOXES,
        MIGRATION_BATCHES,
        MAILBOX_PERMISSIONS,
        RECIPIENT_PERMISSIONS,
        CALENDAR_PERMISSIONS,
        OTHERS,
        *DNS_TABLES,
        *PROOF_TABLES,
    )
}


def tables_of(side: Side) -> tuple[Table, ...]:
    """The tables that one side of a migration is asked for: each has a line that exports it, or is observed."""
    return tuple(table for table in evidence_of(side) if not table.made)


def evidence_of(side: Side) -> tuple[Table, ...]:
    """The tables that a bundle of one side can have."""
    return tuple(table for table in TABLES.values() if side in table.sides)
