"""The export script, read as a syntax tree: whole, harmless, and made of the tables of evidence.

No PowerShell is to be had from the registries that the tests may use, so the script is read here and not run.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctm_audit.api import open_project
from ctm_audit.collect_script.literals import data_list
from ctm_audit.collect_script.script import ENVIRONMENTS, render_script
from ctm_audit.collect_script.steps import KEEP_BY, LOOPS, steps_of
from ctm_audit.evidence.tables import SIDES, Side, tables_of
from ctm_audit.mapping import MappingTable
from ctm_audit.project import Project
from ctm_audit.project_keys import CLOUDS
from tests.collect_script.powershell import calls, commands, faults, functions, keys_in, nodes, signatures, text_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "contoso-to-fabrikam" / "broken"
CONTRACTS = Path(__file__).parents[3] / "shared" / "contracts"
CMDLETS = json.loads((CONTRACTS / "cmdlets.json").read_text(encoding="utf-8")) if CONTRACTS.exists() else {}
GRAPH = json.loads((CONTRACTS / "graph.json").read_text(encoding="utf-8")) if CONTRACTS.exists() else {}

# Every cmdlet that the script may run, and with which parameters. None of them writes to a tenant.
ALLOWED: dict[str, set[str]] = {
    "Add-Type": {"AssemblyName"},
    "Connect-ExchangeOnline": {"ExchangeEnvironmentName", "CommandName", "ShowBanner", "ErrorAction"},
    "Connect-MgGraph": {"TenantId", "Scopes", "Environment", "ContextScope", "NoWelcome", "ErrorAction"},
    "ConvertTo-Json": {"InputObject", "Depth", "Compress"},
    "Disconnect-ExchangeOnline": {"Confirm"},
    "Disconnect-MgGraph": set(),
    "ForEach-Object": set(),
    "Get-AcceptedDomain": {"ErrorAction"},
    "Get-Command": {"Name"},
    "Get-CASMailbox": {"ResultSize", "ErrorAction"},
    "Get-CalendarProcessing": {"Identity", "ErrorAction"},
    "Get-ConnectionInformation": {"ErrorAction"},
    "Get-DistributionGroup": {"ResultSize", "ErrorAction"},
    "Get-DistributionGroupMember": {"Identity", "ResultSize", "ErrorAction"},
    "Get-Mailbox": {"ResultSize", "SoftDeletedMailbox", "ErrorAction"},
    "Get-MailboxPlan": {"ResultSize", "ErrorAction"},
    "Get-MailboxFolderStatistics": {"Identity", "Archive", "FolderScope", "ErrorAction"},
    "Get-MailboxFolderPermission": {"Identity", "ErrorAction"},
    "Get-MailboxPermission": {"Identity", "ErrorAction"},
    "Get-MailboxStatistics": {"Identity", "Archive", "ErrorAction"},
    "Get-MailUser": {"ResultSize", "SoftDeletedMailUser", "ErrorAction"},
    "Get-MgContext": set(),
    "Get-MigrationBatch": {"ResultSize", "ErrorAction"},
    "Get-MigrationEndpoint": {"ErrorAction"},
    "Get-TransportRule": {"ResultSize", "ErrorAction"},
    "Get-InboundConnector": {"ErrorAction"},
    "Get-ArcConfig": {"ErrorAction"},
    "Get-DkimSigningConfig": {"ErrorAction"},
    "Get-MigrationUser": {"ResultSize", "ErrorAction"},
    "Get-MoveRequest": {"ResultSize", "ErrorAction"},
    "Get-OrganizationConfig": {"ErrorAction"},
    "Get-OrganizationRelationship": {"ErrorAction"},
    "Get-Recipient": {"ResultSize", "ErrorAction"},
    "Get-RetentionPolicy": {"ErrorAction"},
    "Get-User": {"ResultSize", "ErrorAction"},
    "Invoke-MgGraphRequest": {"Method", "Uri", "OutputType", "ErrorAction"},
    "Join-Path": {"Path", "ChildPath"},
    "Read-Host": {"Prompt"},
    "Get-RecipientPermission": {"Identity", "ErrorAction"},
    "Select-Object": {"First"},
    "Set-StrictMode": {"Version"},
    "Start-Sleep": {"Seconds"},
    "Test-MigrationServerAvailability": {"Endpoint", "TestMailbox", "ErrorAction"},
    "Where-Object": set(),
    "Write-Host": set(),
    "Write-Progress": {"Activity", "Status", "Completed"},
}
COMMON = {"ErrorAction"}
TYPES = {
    "System.BitConverter",
    "System.Collections.ArrayList",
    "System.Collections.Generic.HashSet[string]",
    "System.Collections.Generic.List[string]",
    "System.Collections.IDictionary",
    "System.Collections.IEnumerable",
    "System.Convert",
    "System.DateTimeOffset",
    "System.Enum",
    "System.Environment",
    "System.Globalization.CultureInfo",
    "System.Globalization.DateTimeStyles",
    "System.Globalization.NumberStyles",
    "System.IO.Compression.ZipFile",
    "System.IO.Directory",
    "System.IO.File",
    "System.IO.StreamWriter",
    "System.Math",
    "System.Security.Cryptography.HMACSHA256",
    "System.StringComparer",
    "System.Text.StringBuilder",
    "System.Text.UTF8Encoding",
    "bool",
    "byte",
    "byte[]",
    "datetime",
    "double",
    "int",
    "int16",
    "long",
    "ordered",
    "ref",
    "regex",
    "scriptblock",
    "string",
    "string[]",
    "switch",
    "uint32",
    "void",
}
FILE_CALLS = {"AppendAllText", "Delete", "Exists", "Move", "ReadAllLines", "ReadAllText", "WriteAllLines", "WriteAllText"}


@pytest.fixture(scope="module")
def example() -> tuple[Project, MappingTable]:
    return open_project(EXAMPLE)


@pytest.fixture(scope="module")
def scripts(example: tuple[Project, MappingTable]) -> dict[Side, str]:
    return {side: render_script(*example, side) for side in SIDES}


@pytest.mark.parametrize("side", SIDES)
def test_it_parses_and_any_code_page_reads_it(scripts: dict[Side, str], side: Side) -> None:
    assert not faults(scripts[side])
    assert scripts[side].isascii()
    assert "\r" not in scripts[side]
    assert "#Requires -Version 5.1\n" in scripts[side]


@pytest.mark.parametrize("side", SIDES)
def test_it_runs_nothing_that_could_write_to_a_tenant(scripts: dict[Side, str], side: Side) -> None:
    own = functions(scripts[side])
    for name, parameters in commands(scripts[side]):
        if name in own:
            assert not parameters, f"{name}: own functions take their arguments by place"
        elif name.startswith("$"):
            assert name in ("$Action", "$Table.Read")
        else:
            assert set(parameters) <= ALLOWED[name], (name, parameters)


@pytest.mark.parametrize("side", SIDES)
def test_graph_is_only_asked(scripts: dict[Side, str], side: Side) -> None:
    asked = [text_of(node) for node in nodes(scripts[side], "command") if text_of(node).startswith("Invoke-MgGraphRequest")]
    assert asked
    assert all(" -Method GET " in text for text in asked)


@pytest.mark.parametrize("side", SIDES)
def test_it_uses_no_other_types_and_deletes_only_its_own_files(scripts: dict[Side, str], side: Side) -> None:
    assert {text_of(node)[1:-1] for node in nodes(scripts[side], "type_literal")} <= TYPES
    assert set(re.findall(r"\[System\.IO\.File\]::(\w+)", scripts[side])) <= FILE_CALLS
    assert re.findall(r"\[System\.IO\.Directory\]::Delete\((.*)\)", scripts[side]) == ["$Work, $true"]


@pytest.mark.parametrize("side", SIDES)
def test_every_function_is_defined_once_and_called(scripts: dict[Side, str], side: Side) -> None:
    defined = [text_of(node) for node in nodes(scripts[side], "function_name")]
    assert len(defined) == len(set(defined))
    assert set(defined) <= {name for name, _ in commands(scripts[side])}


@pytest.mark.parametrize("side", SIDES)
def test_every_function_gets_the_arguments_that_it_takes(scripts: dict[Side, str], side: Side) -> None:
    own = signatures(scripts[side])
    asked = [(name, count, own[name]) for name, count in calls(scripts[side]) if name in own]
    assert len(asked) > 50
    assert not [call for call in asked if not call[2][0] <= call[1] <= call[2][1]]


@pytest.mark.parametrize("side", SIDES)
def test_every_variable_is_set_in_its_function_or_for_the_whole_script(scripts: dict[Side, str], side: Side) -> None:
    """Strict mode refuses a variable that was never set; a slip of the pen would only show when the script runs."""
    bodies = [text_of(node) for node in nodes(scripts[side], "function_statement")]
    rest = scripts[side]
    for body in bodies:
        rest = rest.replace(body, "")
    everywhere = set_in(rest) | {"_", "true", "false", "null", "matches", "executioncontext"}
    assert read_in(rest) - everywhere == {"identity"}  # what the tables read is set by the function that runs it
    assert {body.split("{")[0]: lost for body in bodies if (lost := read_in(body) - set_in(body) - everywhere)} == {}


def read_in(script: str) -> set[str]:
    names = {text_of(node).strip("$@{}").casefold() for node in nodes(script, "variable")}
    return {name for name in names if ":" not in name}


def set_in(script: str) -> set[str]:
    """The variables that are parameters, loop variables or assigned as a whole."""
    parameters = [text_of(child) for node in nodes(script, "script_parameter") for child in node.children if child.type == "variable"]
    assigned = re.findall(r"\$(?:script:)?(\w+) = |foreach \(\$(\w+) in ", script)
    return {name.lstrip("$").casefold() for name in (*parameters, *(name for pair in assigned for name in pair if name))}


def test_cmdlets_and_parameters_are_those_of_the_service() -> None:
    """Reads ../shared; without it the list above is all that is known."""
    for name, parameters in ALLOWED.items():
        assert re.fullmatch(r"[A-Z][a-z]+[A-Za-z]*-[A-Z]\w+", name)
        if name in CMDLETS:
            known = {parameter for parameter, facts in CMDLETS[name]["parameters"].items() if facts["cloud"]}
            assert parameters - COMMON <= known, name
    if CMDLETS:
        assert {"UserPrincipalName", "DisableWAM"} <= CMDLETS["Connect-ExchangeOnline"]["parameters"].keys()
        run = {cmdlet for side in SIDES for step in steps_of(side) for cmdlet in step.cmdlets}
        assert run - {"Get-ArcConfig", "Get-CalendarProcessing", "Get-RetentionPolicy"} <= CMDLETS.keys()


def test_permissions_are_enough_and_only_read() -> None:
    """Reads ../shared; without it only the names are looked at."""
    paths = {
        "licenseDetails": "/users/{id}/licenseDetails",
        "serviceConfigurationRecords": "/domains/{id}/serviceConfigurationRecords",
        "verificationDnsRecords": "/domains/{id}/verificationDnsRecords",
        "appRoleAssignedTo": "/servicePrincipals/{id}/appRoleAssignedTo",
        "identitySynchronization": "/policies/crossTenantAccessPolicy/partners",
        "deletedItems": "/directory/deletedItems/microsoft.graph.user",
    }
    for step in (step for side in SIDES for step in steps_of(side) if step.permission):
        assert step.permission.endswith(".Read.All") or step.permission == "User.ReadBasic.All"
        path = paths.get(step.table.stems[0], f"/{step.table.stems[0]}")
        answers = [entry.get("DelegatedWork") for entry in GRAPH.get("endpoints", ()) if entry["method"] == "GET" and entry["path"] == path]
        assert bool(answers) == bool(GRAPH), path
        documented = [found for found in answers if found]  # of deleted users the reference names none of its own
        assert all(step.permission in (*(found["least"] or ()), *found["alternatives"]) for found in documented), path


@pytest.mark.parametrize("side", SIDES)
def test_every_table_is_exported_with_exactly_what_is_read(scripts: dict[Side, str], side: Side) -> None:
    steps = {step.table.name: step for step in steps_of(side)}
    asked = [table for table in tables_of(side) if table.scripted or not table.optional]
    assert steps.keys() == {table.name for table in asked}
    for table in asked:
        step = steps[table.name]
        added = {LOOPS[table.name].identity_as} if table.name in LOOPS else set()
        read = {column.property for column in table.columns_of(side)}
        assert read <= {*step.properties, *added}
        assert {*step.properties} - read <= ({"RecipientTypeDetails", "PrimarySmtpAddress"} if table.keyless else set())
        assert f"File       = '{step.file}'" in scripts[side]


@pytest.mark.parametrize("side", SIDES)
def test_tables_of_people_are_not_exported_whole(side: Side) -> None:
    """A new table with somebody's name in it must be decided upon, not slip out."""
    personal = {"UserPrincipalName", "userPrincipalName", "PrimarySmtpAddress", "ExternalDirectoryObjectId", "EmailAddresses"}
    for step in steps_of(side):
        if personal & {*step.properties} and not step.table.parts:  # whoever is in a published group may be moved (docs/adr/0044)
            assert step.keep_by == KEEP_BY[side, step.table.name]
            assert {*step.keep_by} & personal


@pytest.mark.parametrize("side", SIDES)
def test_whom_a_step_asks_for_is_exported_before(side: Side) -> None:
    done: set[str] = set()
    for step in steps_of(side):
        assert done >= {*step.of}
        done.add(step.file)


def test_the_other_clouds(example: tuple[Project, MappingTable]) -> None:
    assert ENVIRONMENTS.keys() == set(CLOUDS)
    project, mapping = example
    assert "$ExchangeEnvironment = 'O365USGovDoD'\n" in render_script(replace(project, cloud="dod"), mapping, "source")


def test_the_same_project_gives_the_same_script_and_another_mapping_another_digest(example: tuple[Project, MappingTable]) -> None:
    project, mapping = example
    one = render_script(project, mapping, "source")
    assert one == render_script(project, mapping, "source")
    digest = re.compile(r"^\$Digest = '[0-9a-f]{64}'$", re.MULTILINE)
    other = render_script(project, replace(mapping, rows=mapping.rows.slice(1)), "source")
    assert digest.findall(one) != digest.findall(other)


HOSTILE = st.text(st.characters(exclude_characters="\0"), max_size=12) | st.sampled_from(
    [
        "o'brien@contoso.com",
        "o’brien@contoso.com",
        "‘‚‛",
        "'; Remove-Mailbox x; '",
        "$(Remove-Item C:\\)",
        "`$x`n",
        "a\r\n'@\nb",
        '"$env:TEMP"',
        "#>",
        "@'",
        "\\u0041",
        "%{0}",
        "\u2028",
        "\U0001f600",
        "\ud800",
        "straße@contoso.com",
    ]
)


@settings(max_examples=150)
@given(st.lists(HOSTILE, max_size=6))
def test_a_hostile_key_is_nothing_but_a_string(keys: list[str]) -> None:
    script = data_list("MappedKeys", keys)
    assert not faults(script)
    assert keys_in(script) == keys
    assert not list(commands(script))
    assert script.isascii()


def test_a_hostile_project_and_mapping(example: tuple[Project, MappingTable]) -> None:
    project, mapping = example
    hostile = replace(project, source=replace(project.source, tenant_id="'; x", initial_domain="$(x)’\n#>"))
    keys = ["o'brien’s@contoso.com", "'@\n$(x)", "straße@contoso.com"]
    folded = [key.casefold() for key in keys]
    rows = {"source": keys, "source_key": folded, "target": keys, "target_key": folded}
    script = render_script(hostile, replace(mapping, rows=pa.table(rows)), "source")
    assert not faults(script)
    assert keys_in(script) == [*folded, keys[2]]
    assert sorted(set(commands_of(script))) == sorted(set(commands_of(render_script(project, mapping, "source"))))


def commands_of(script: str) -> list[str]:
    return [name for name, _ in commands(script)]


def test_many_keys_come_in_blocks() -> None:
    keys = [f"user{number}@contoso.com" for number in range(2_500)]
    script = data_list("MappedKeys", keys)
    assert script.count("AddRange") == 3
    assert keys_in(script) == keys


@pytest.mark.parametrize("side", SIDES)
def test_no_secret_stands_in_it(scripts: dict[Side, str], side: Side) -> None:
    assert not re.search(
        r"password|secret|eyJ[A-Za-z0-9]{10}|-AccessToken|-Certificate",
        scripts[side].replace("'eyJ[A-Za-z0-9_.-]{20,}'", "").replace("passwordCredentials", ""),  # the ends of secrets, never one of them
        re.IGNORECASE,
    )
    shown = [
        text_of(node) for node in nodes(scripts[side], "command") if text_of(node).startswith(("Write-Log", "Write-Host", "Write-Progress"))
    ]
    assert shown
    assert not any(re.search(r"\$(Hmac|text\.|path|SaltFile|bytes)", line) for line in shown)
