"""How one exported value becomes one column value.

Every function takes what a reader found (JSON or CSV types) and returns the column's value. A value that was
flattened, cut or never fetched raises `NotCollected`; a value that makes no sense raises `ValueError`; nothing else is raised.
What is absent but known to be absent becomes the column's none-value ('' or [] or False or 0).
"""

from __future__ import annotations

from ctm_audit.evidence.normalise.accounts import (
    assigned_skus,
    failed_licenses,
    flag_or_never,
    group_skus,
    issuers,
    sync_allowed,
)
from ctm_audit.evidence.normalise.addresses import address, address_count, domain_of, host_of, sip_domains, smtp, split_address, x400, x500
from ctm_audit.evidence.normalise.applications import ends, redirect_uris, requested_roles, role_ids
from ctm_audit.evidence.normalise.dns import host, number_or_zero, record_kind
from ctm_audit.evidence.normalise.holds import tracked_holds
from ctm_audit.evidence.normalise.licenses import plan_names, plans_with, plans_without, units
from ctm_audit.evidence.normalise.lists import (
    aux_archives,
    domains_or_ids,
    domains_or_none,
    folds,
    has_members,
    hold_ids,
    listed,
    rights,
    texts,
    words,
)
from ctm_audit.evidence.normalise.quantities import EPOCH, at_most, has_time, integer, is_limited, size, time
from ctm_audit.evidence.normalise.secrets import SECRET_FOUND, is_secret, shortened
from ctm_audit.evidence.normalise.values import (
    ZERO_GUID,
    Normaliser,
    NotCollected,
    flag,
    fold,
    guid,
    is_set,
    key,
    switched_off,
    switched_on,
    text,
)

__all__ = [
    "EPOCH",
    "SECRET_FOUND",
    "ZERO_GUID",
    "Normaliser",
    "NotCollected",
    "address",
    "address_count",
    "assigned_skus",
    "at_most",
    "aux_archives",
    "domain_of",
    "domains_or_ids",
    "domains_or_none",
    "ends",
    "failed_licenses",
    "flag",
    "flag_or_never",
    "fold",
    "folds",
    "group_skus",
    "guid",
    "has_members",
    "has_time",
    "hold_ids",
    "host",
    "host_of",
    "integer",
    "is_limited",
    "is_secret",
    "is_set",
    "issuers",
    "key",
    "listed",
    "number_or_zero",
    "plan_names",
    "plans_with",
    "plans_without",
    "record_kind",
    "redirect_uris",
    "requested_roles",
    "rights",
    "role_ids",
    "shortened",
    "sip_domains",
    "size",
    "smtp",
    "split_address",
    "switched_off",
    "switched_on",
    "sync_allowed",
    "text",
    "texts",
    "time",
    "tracked_holds",
    "units",
    "words",
    "x400",
    "x500",
]
