"""App registrations and service principals, as Microsoft Graph writes them. Of a secret only its end is ever read."""

from __future__ import annotations

from typing import Any

from ctm_audit.evidence.normalise.lists import texts
from ctm_audit.evidence.normalise.quantities import has_time, time
from ctm_audit.evidence.normalise.values import NotCollected, by_folded_name, guid, key, text


def role_ids(value: Any) -> list[str]:
    """The roles of an appRoles list as `name id`, folded and sorted; a role without a name cannot be asked for and is left out."""
    roles = ((key(role.get("value")), guid(role.get("id"))) for role in _members(value, "appRoles"))
    return sorted(f"{name} {role_id}" for name, role_id in roles if name)


def requested_roles(value: Any) -> list[str]:
    """The entries of requiredResourceAccess as `resource role type`, sorted; type is `role` for application permissions, else `scope`."""
    return sorted(
        f"{guid(resource.get('resourceappid'))} {guid(access.get('id'))} {key(access.get('type'))}"
        for resource in _members(value, "requiredResourceAccess")
        for access in _members(resource.get("resourceaccess"), "resourceAccess")
    )


def ends(value: Any) -> list[str]:
    """When the credentials of a list end, as `2027-01-31T20:00:00Z`, sorted."""
    return sorted(_end(credential.get("enddatetime")) for credential in _members(value, "passwordCredentials"))


def _end(value: Any) -> str:
    if not has_time(value):
        raise NotCollected("a credential has no endDateTime")
    return f"{time(value).replace(microsecond=0).isoformat()}Z"


def redirect_uris(value: Any) -> list[str]:
    """The redirect URIs of an app's web platform."""
    if not isinstance(value, dict):
        raise NotCollected("the web platform of the app was cut to text by the export")
    return [text(uri).rstrip("/") for uri in texts(by_folded_name(value).get("redirecturis"))]


def _members(value: Any, what: str) -> list[dict[str, Any]]:
    if value is None or value == "":
        raise NotCollected(f"{what} is empty text or null")
    members = value if isinstance(value, list) else [value]
    if not all(isinstance(member, dict) for member in members):
        raise NotCollected(f"{what} was cut to text by the export")
    return [by_folded_name(member) for member in members]
