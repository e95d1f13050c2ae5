"""Which table a file holds, told by the properties of its objects, when its name says nothing.

A guess is never as good as a name: the table counts as incomplete, because nobody says that the file is the whole export.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ctm_audit.errors import Fault
from ctm_audit.evidence.normalise import NotCollected
from ctm_audit.evidence.tables import TABLES, Side, Table
from ctm_audit.readers.files import read

LOOKED_AT = 50
MAILBOX_TYPES = frozenset({"usermailbox", "sharedmailbox", "roommailbox", "equipmentmailbox", "discoverymailbox", "linkedmailbox"})
HOW_TO = frozenset({"userprincipalname", "primarysmtpaddress", "exchangeguid", "legacyexchangedn", "alias"})


@dataclass(frozen=True, slots=True)
class Marks:
    """Properties (folded) that together only one command prints, what it never prints, and properties with the values they may have."""

    has: frozenset[str]
    lacks: frozenset[str] = frozenset()
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)


def _marks(has: str, lacks: str = "", **values: frozenset[str]) -> Marks:
    return Marks(frozenset(has.split()), frozenset(lacks.split()), values)


PERSON = "externaldirectoryobjectid exchangeguid legacyexchangedn userprincipalname recipienttypedetails emailaddresses"
SIZES = "mailboxguid totalitemsize itemcount isarchivemailbox"
MARKS = {
    "organization": _marks("id verifieddomains tenanttype assignedplans"),
    "connections": _marks("connectionid connectionuri tenantid"),
    "organization_config": _marks("name isdehydrated defaultmailboxregion"),
    "organization_relationships": _marks("name domainnames mailboxmovecapability mailboxmovepublishedscopes"),
    "migration_endpoints": _marks("identity endpointtype remoteserver"),
    "distribution_groups": _marks("guid externaldirectoryobjectid memberjoinrestriction memberdepartrestriction"),
    "accepted_domains": _marks("domainname domaintype matchsubdomains"),
    "domains": _marks("id isverified authenticationtype supportedservices"),
    "subscribed_skus": _marks("skuid consumedunits prepaidunits serviceplans"),
    "license_details": _marks("userid skuid serviceplans", lacks="consumedunits"),
    "mailboxes": _marks(
        f"{PERSON} prohibitsendreceivequota",
        "externalemailaddress remoteroutingaddress",
        recipienttypedetails=MAILBOX_TYPES,
        isinactivemailbox=frozenset({"", "false"}),
        whensoftdeleted=frozenset({"", "none"}),
    ),
    "mail_users": _marks(
        f"{PERSON} externalemailaddress",
        "remoteroutingaddress",
        recipienttypedetails=frozenset({"mailuser", "guestmailuser"}),
        issoftdeletedbyremove=frozenset({"", "false"}),
        issoftdeletedbydisable=frozenset({"", "false"}),
        whensoftdeleted=frozenset({"", "none"}),
    ),
    "mailbox_statistics": _marks(SIZES, "folderpath", isarchivemailbox=frozenset({"false"})),
    "archive_statistics": _marks(SIZES, "folderpath", isarchivemailbox=frozenset({"true"})),
    "migration_users": _marks("identity batchid mailboxguid status mailboxemailaddress", "bytestransferred"),
}


def tables_by_content(path: Path, side: Side) -> list[Table]:
    """The tables of one side whose marks every object at the beginning of the file bears; none when it cannot be read."""
    try:
        items = list(islice(read(path).items, LOOKED_AT))
    except (NotCollected, OSError):
        return []
    objects = [{name.casefold(): value for name, value in item.items()} for item in items if not isinstance(item, Fault)]
    if not objects or len(objects) != len(items):
        return []
    if side == "source" and all(one.keys() == HOW_TO for one in objects):
        return [TABLES["mailboxes"]]
    return [TABLES[name] for name, marks in MARKS.items() if side in TABLES[name].sides and all(_bears(one, marks) for one in objects)]


def _bears(one: Mapping[str, Any], marks: Marks) -> bool:
    if not marks.has <= one.keys() or marks.lacks & one.keys():
        return False
    return all(str(one.get(name, "")).casefold() in allowed for name, allowed in marks.values.items())
