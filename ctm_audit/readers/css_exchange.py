"""The zips of Microsoft's CrossTenantMailboxMigrationValidation.ps1: what its files are called and which tables they hold.

`-CollectSourceOnly` makes CTMMCollectedSourceData.zip with one file a mailbox, `-SDP` makes CTMMCollectedData….zip with the settings
of both tenants:
https://github.com/microsoft/CSS-Exchange/blob/main/Admin/CrossTenantMailboxMigrationValidation.ps1
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables import Side
from ctm_audit.readers.files import read

ONE_EACH = "Microsoft's script collects only the mailboxes of its own list, one file each"
WHOLE = {
    "sourceorgrelationship": ("source", "organization_relationships"),
    "targetorgrelationship": ("target", "organization_relationships"),
    "targetmigrationendpoint": ("target", "migration_endpoints"),
    "targetaccepteddomains": ("target", "accepted_domains"),
}
ONE_MAILBOX = {"sourcemailbox_": "mailboxes", "mailboxstatistics_": "mailbox_statistics"}
SCOPE_MEMBERS = "mailboxmovepublishedscopessgmembers"
RELATIONSHIPS = "SourceOrgRelationship.xml"
NOT_READ = re.compile(
    r"mailboxdiagnosticlogs_.*|archivemailboxstatistics_.*|sourceaadserviceprincipals|targetaadapps|userstoprocess|(source)?tenantids?"
)
TENANT_FILES = {"SourceTenantId.txt": r"\s*({})\s*", "TenantIds.txt": r"[\s\S]*\b{}TenantId:\s*({})\s[\s\S]*"}
GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
LONGEST_TENANT_FILE = 1 << 12


def table_of(stem: str) -> tuple[Side | None, str, str] | None:
    """Side, table and, where the file holds one mailbox only, the sentence on that; None when the script writes no such file."""
    folded = stem.casefold()
    if folded in WHOLE:
        side, table = WHOLE[folded]
        return "source" if side == "source" else "target", table, ""
    if folded == SCOPE_MEMBERS:
        return "source", "group_members", ""
    return next((("source", table, ONE_EACH) for start, table in ONE_MAILBOX.items() if folded.startswith(start)), None)


def is_not_read(stem: str) -> bool:
    """True for a file of the script that holds nothing a rule reads."""
    return bool(NOT_READ.fullmatch(stem.casefold()))


def scope_group(folder: Path) -> str:
    """The group whose members the script collected, folded; '' when that cannot be told.

    The script writes the members of each relationship that fits into the same file, so exactly one may fit.
    """
    path = folder / RELATIONSHIPS
    if not path.is_file():
        return ""
    try:
        found = [scopes[0] for one in read(path).items if (scopes := _published_scopes(one))]
    except (n.NotCollected, ValueError):
        return ""
    return n.key(found[0]) if len(found) == 1 else ""


def _published_scopes(relationship: Mapping[str, Any] | Fault) -> list[str]:
    if isinstance(relationship, Fault):
        raise n.NotCollected("not every relationship can be read")
    own = {name.casefold(): value for name, value in relationship.items()}
    fits = n.flag(own.get("mailboxmoveenabled")) and n.words(own.get("mailboxmovecapability")) == ["remoteoutbound"]
    return n.texts(own.get("mailboxmovepublishedscopes")) if fits else []


def tenants_in(folders: Sequence[Path], side: Side) -> Iterator[tuple[str, str]]:
    """What the script's text files say: the file and the tenant id of that side."""
    for folder in folders:
        for name, pattern in TENANT_FILES.items():
            path = folder / name
            if path.is_file() and (name != "SourceTenantId.txt" or side == "source"):
                found = re.fullmatch(pattern.format(*([side.title(), GUID] if "TenantIds" in name else [GUID])), _text(path))
                if found:
                    yield name, found.group(1).lower()


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LONGEST_TENANT_FILE)
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding, "replace")
