"""How the script exports each table of evidence: made from the tables themselves, so that the two cannot drift apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ctm_audit.collect_script.literals import literal, literals
from ctm_audit.evidence.others import HOLDER, HOLDS, TYPE
from ctm_audit.evidence.others import file_of as others_file_of
from ctm_audit.evidence.tables import Side, Table, tables_of

GRAPH_PATH = re.compile(r"'(v1\.0/(?:[^']|'')+)'")
CMDLET = re.compile(r"\b(?:Get|Export)-[A-Z]\w+")
UNLIMITED = " -ResultSize Unlimited"
PERSON = ("UserPrincipalName", "PrimarySmtpAddress", "ExternalDirectoryObjectId", "ExchangeGuid")

# By which properties an object is recognised as one of the mapping. Tables that are not named here are exported whole:
# settings, and the target's migration users, of which the ExchangeGuid of the source decides whose they are.
KEEP_BY: Mapping[tuple[Side, str], tuple[str, ...]] = {
    ("source", "mailboxes"): PERSON,
    ("target", "mailboxes"): PERSON,
    ("source", "mail_users"): PERSON,
    ("target", "mail_users"): PERSON,
    ("target", "recipients"): ("PrimarySmtpAddress", "ExternalDirectoryObjectId", "Guid"),
    ("target", "users"): ("id", "userPrincipalName"),
    ("source", "deleted_mailboxes"): PERSON,
    ("source", "deleted_mail_users"): PERSON,
    ("target", "deleted_mailboxes"): PERSON,
    ("target", "deleted_mail_users"): PERSON,
    ("target", "deleted_users"): ("id",),
    ("target", "exchange_users"): ("ExternalDirectoryObjectId",),
    ("source", "cas_mailboxes"): ("PrimarySmtpAddress", "ExternalDirectoryObjectId"),
    ("source", "migration_users"): ("Identity", "MailboxGuid"),
    ("source", "distribution_groups"): ("Name", "Alias", "PrimarySmtpAddress", "ExternalDirectoryObjectId", "Guid"),
}
REMEMBER: Mapping[str, str] = {"mailboxes": "People", "mail_users": "People", "users": "People", "distribution_groups": "Scopes"}


@dataclass(frozen=True, slots=True)
class Loop:
    """A table that is asked for object by object: `over` names each of the objects kept of the tables `of` that have `needs`.

    `identity_as` is a property that the answer lacks and the script adds. `must_answer`: no answer is a failure.
    `sampled`: the project says how many are enough, because each one takes long.
    """

    read: str
    over: str
    of: tuple[str, ...]
    needs: str = ""
    identity_as: str = ""
    must_answer: bool = False
    sampled: bool = False


# A calendar is found by its type, for its name is in the language of the mailbox; of a user object the address tells who it is.
CALENDARS = (
    "foreach ($folder in @(Get-MailboxFolderStatistics -Identity $Identity -FolderScope Calendar -ErrorAction Stop)) {"
    " if ([string] $folder.FolderType -ne 'Calendar') { continue };"
    " $place = $Identity + ':' + $folder.FolderId;"
    " foreach ($entry in @(Get-MailboxFolderPermission -Identity $place -ErrorAction Stop)) {"
    " $who = [string] $entry.User.UserType;"
    " if ($null -ne $entry.User.RecipientPrincipal) { $who = [string] $entry.User.RecipientPrincipal.PrimarySmtpAddress };"
    " @{ Trustee = $who; AccessRights = $entry.AccessRights } } }"
)

# The records of one domain have only the properties of their kind, and a row has them all.
# An unverified domain has no service records yet, and Graph answers that with an error.
DOMAIN_RECORDS = (
    "foreach ($domain in @(Read-Graph 'v1.0/domains')) {{ $name = [string] $domain['id'];{verified}"
    ' foreach ($record in @(Read-Graph "v1.0/domains/$name/{request}")) {{ $row = @{{ domainName = $name }};'
    " foreach ($property in {properties}) {{ $row[$property] = $record[$property] }}; $row }} }}"
)
ONLY_VERIFIED = " if ($domain['isVerified'] -ne $true) { continue };"

LOOPS: Mapping[str, Loop] = {
    "migration_probes": Loop(
        "Test-MigrationServerAvailability -Endpoint $Endpoint -TestMailbox $Identity",
        "PrimarySmtpAddress",
        ("mail_users",),
        "ExchangeGuid",
        identity_as="TestMailbox",
        must_answer=True,
        sampled=True,
    ),
    "mailbox_statistics": Loop("Get-MailboxStatistics -Identity $Identity", "ExchangeGuid", ("mailboxes",), must_answer=True),
    "archive_statistics": Loop(
        "Get-MailboxStatistics -Identity $Identity -Archive", "ExchangeGuid", ("mailboxes",), "ArchiveGuid", must_answer=True
    ),
    "archive_folders": Loop(
        "Get-MailboxFolderStatistics -Identity $Identity -Archive -FolderScope RecoverableItems",
        "ExchangeGuid",
        ("mailboxes",),
        "ArchiveGuid",
        identity_as="mailboxGuid",
        must_answer=True,
    ),
    "calendar_processing": Loop(
        "Get-CalendarProcessing -Identity $Identity",
        "ExchangeGuid",
        ("mailboxes",),
        "ResourceType",
        identity_as="mailboxGuid",
        must_answer=True,
    ),
    "mailbox_permissions": Loop(
        "Get-MailboxPermission -Identity $Identity", "ExchangeGuid", ("mailboxes",), identity_as="mailboxGuid", must_answer=True
    ),
    "recipient_permissions": Loop(
        "Get-RecipientPermission -Identity $Identity", "ExchangeGuid", ("mailboxes",), identity_as="mailboxGuid", must_answer=True
    ),
    "calendar_permissions": Loop(CALENDARS, "ExchangeGuid", ("mailboxes",), identity_as="mailboxGuid", must_answer=True),
    "license_details": Loop(
        'Read-Graph "v1.0/users/$Identity/licenseDetails"',
        "ExternalDirectoryObjectId",
        ("mailboxes", "mail_users", "users"),
        identity_as="userId",
    ),
}
MEMBERS = "Get-DistributionGroupMember -Identity $Identity" + UNLIMITED
# Delegated permissions, the least that answer: https://learn.microsoft.com/graph/permissions-reference
PERMISSIONS = {
    "organization": "Organization.Read.All",
    "subscribedSkus": "LicenseAssignment.Read.All",
    "users": "User.Read.All",
    "identitySynchronization": "Policy.Read.All",
    "deletedItems": "User.Read.All",
    "licenseDetails": "LicenseAssignment.Read.All",
    "domains": "Domain.Read.All",
    "serviceConfigurationRecords": "Domain.Read.All",
    "verificationDnsRecords": "Domain.Read.All",
    "applications": "Application.Read.All",
    "servicePrincipals": "Application.Read.All",
    "appRoleAssignedTo": "Application.Read.All",
}


@dataclass(frozen=True, slots=True)
class Hashed:
    """What of everybody else is hashed: the file, the properties by kind of collision, and those that hold the id and the type."""

    file: str
    properties: Mapping[str, tuple[str, ...]]
    holder: tuple[str, ...]
    type: str


@dataclass(frozen=True, slots=True)
class Step:
    """How one table is exported. `read` is the PowerShell that reads it, `command` the same for people."""

    table: Table
    side: Side
    service: Literal["Exchange", "Graph"]
    read: str
    file: str
    properties: tuple[str, ...]
    keep_by: tuple[str, ...] = ()
    remember: str = ""
    hashed: Hashed | None = None
    loop: Loop | None = None
    of: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """What is run, for the record."""
        return self.read.replace("$Identity", "<Identity>")

    @property
    def cmdlets(self) -> frozenset[str]:
        """The cmdlets of Exchange that are run, none for Graph."""
        return frozenset(CMDLET.findall(self.read)) if self.service == "Exchange" else frozenset()

    @property
    def permission(self) -> str:
        """The permission of Graph that is needed, '' for Exchange."""
        return PERMISSIONS[self.table.stems[0]] if self.service == "Graph" else ""


def steps_of(side: Side) -> tuple[Step, ...]:
    """The steps of one side in the order in which they can be done: first whom the others ask for, Graph last.

    Most optional tables are left out: a question for each mailbox that few need, or another module.
    """
    tables = sorted((table for table in tables_of(side) if table.scripted or not table.optional), key=_rank)
    return tuple(_step(side, table, {other.name: file_of(other) for other in tables}) for table in tables)


def file_of(table: Table) -> str:
    """The name of a table's file; `GROUP` stands for the group of one that comes in parts."""
    variant = f"-{table.variant}" if table.variant else ""
    return f"{table.stems[0]}{variant}{'.GROUP' if table.parts else ''}.json"


def _rank(table: Table) -> tuple[bool, bool, bool]:
    return _is_graph(table), table.name in LOOPS or table.parts, table.name not in ("mailboxes", "mail_users")


def _is_graph(table: Table) -> bool:
    return table.command.startswith("Graph ")


def _step(side: Side, table: Table, files: Mapping[str, str]) -> Step:
    loop = LOOPS.get(table.name)
    groups = ("distribution_groups",) if table.parts else ()
    return Step(
        table=table,
        side=side,
        service="Graph" if _is_graph(table) else "Exchange",
        read=loop.read if loop else _read(table),
        file=file_of(table),
        properties=_properties(side, table, loop),
        keep_by=KEEP_BY.get((side, table.name), ()),
        remember=REMEMBER.get(table.name, ""),
        hashed=_hashed(table),
        loop=loop,
        of=tuple(files[name] for name in (loop.of if loop else groups) if name in files),
    )


def _read(table: Table) -> str:
    """The command of a table that is one list. Raises AssertionError for one that needs a loop of its own."""
    if table.parts:
        return MEMBERS
    if table.name in ("service_records", "verification_records"):
        return _domain_records(table)
    assert "ForEach-Object" not in table.export, f"collect_script.steps.LOOPS does not say how {table.name} is read"
    found = GRAPH_PATH.search(table.export)
    if found:
        return _asked(found.group(1).replace("''", "'"))
    return table.command + (UNLIMITED if UNLIMITED in table.export else "")


def _domain_records(table: Table) -> str:
    """The reading of one kind of DNS records of every domain."""
    properties = literals(column.property for column in table.columns if column.name != "domain")
    verified = ONLY_VERIFIED if table.name == "service_records" else ""
    return DOMAIN_RECORDS.format(verified=verified, request=table.stems[0], properties=properties)


def _asked(path: str) -> str:
    """The reading of a path of Graph, in which the script puts the migration app's id for `<APP>`."""
    if "<APP>" not in path:
        return f"Read-Graph {literal(path)}"
    return f'Read-Graph "{path.replace("$", "`$").replace("<APP>", "$AppId")}"'


def _properties(side: Side, table: Table, loop: Loop | None) -> tuple[str, ...]:
    """What is read of the table, and what tells an object without a key apart from a loss."""
    read = [column.property for column in table.columns_of(side)]
    named = ("RecipientTypeDetails", "PrimarySmtpAddress") if table.keyless else ()
    added = (loop.identity_as,) if loop else ()
    return tuple(name for name in dict.fromkeys((*read, *named)) if name not in added)


def _hashed(table: Table) -> Hashed | None:
    if table.name not in HOLDS:
        return None
    held = {kind: tuple(dict.fromkeys(_property(table, names))) for kind, names in HOLDS[table.name].items()}
    (kind,) = _property(table, (TYPE[table.name],)) if table.name in TYPE else ("",)
    return Hashed(others_file_of(table), held, _property(table, HOLDER[table.name]), kind)


def _property(table: Table, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(table.column(name).property for name in columns)


def powershell(step: Step) -> str:
    """The step as a PowerShell hashtable."""
    loop = step.loop or Loop("", "", ())
    hashed = step.hashed or Hashed("", {}, (), "")
    kinds = "; ".join(f"{kind} = {literals(names)}" for kind, names in hashed.properties.items())
    stop = "" if step.service == "Graph" or step.read == CALENDARS else " -ErrorAction Stop"
    return f"""\
    @{{
        File       = {literal(step.file)}
        Service    = {literal(step.service)}
        Command    = {literal(step.command)}
        Properties = {literals(step.properties)}
        KeepBy     = {literals(step.keep_by)}
        Among      = {literal("Scopes" if step.remember == "Scopes" else "People")}
        Remember   = {literal(step.remember)}
        Hashed     = @{{ {kinds} }}
        HashedFile = {literal(hashed.file)}
        Holder     = {literals(hashed.holder)}
        Type       = {literal(hashed.type)}
        Parts      = ${str(step.table.parts).lower()}
        From       = {literals(step.of)}
        Over       = {literal(loop.over)}
        Needs      = {literal(loop.needs or loop.over)}
        IdentityAs = {literal(loop.identity_as)}
        MustAnswer = ${str(loop.must_answer).lower()}
        Sampled    = ${str(loop.sampled).lower()}
        Read       = {{ {step.read}{stop} }}
    }}"""
