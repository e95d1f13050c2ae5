"""Objects that say of themselves which tenant they are of: those of another one never become evidence of this one.

Exchange Online prints the organization, which is named like the tenant's initial domain, on every object of its directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import shortened
from ctm_audit.readers.pages import Item

ROOT = "OrganizationalUnitRoot"
ORGANIZATION_ID = "OrganizationId"
HOSTED = re.compile(r"/Microsoft Exchange Hosted Organizations/([^/]+?) - ")
INITIAL_DOMAIN = re.compile(r"[a-z0-9-]+\.(onmicrosoft\.(com|us|de)|partner\.onmschina\.cn)")
NAMES = ("UserPrincipalName", "Identity", "Name")


def of_tenant(items: Iterator[Item], initial_domain: str, file: str) -> Iterator[Item]:
    """The items; a Fault in place of each object that names another organization than `initial_domain` ('' lets everything pass)."""
    own = initial_domain.casefold()
    for item in items:
        other = "" if isinstance(item, Fault) or not own else organization_of(item)
        yield item if other in ("", own) else Fault(file, 0, 0, f"{_name(item)} is of {other}, not of {own}")


def organization_of(item: Any) -> str:
    """The initial domain of the organization that the object names, folded; '' when it names none."""
    root, found = item.get(ROOT), item.get(ORGANIZATION_ID)
    if isinstance(root, str) and INITIAL_DOMAIN.fullmatch(root.casefold()):
        return root.casefold()
    hosted = HOSTED.search(found) if isinstance(found, str) else None
    return hosted.group(1).casefold() if hosted else ""


def _name(item: Any) -> str:
    return shortened(next((item[name] for name in NAMES if isinstance(item.get(name), str)), "an object"))
