"""The whole script of one side: the parts that are the same for everybody, and the data of a project."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files

from ctm_audit import __version__
from ctm_audit.collect_script.literals import data, data_list, literal, literals
from ctm_audit.collect_script.steps import powershell, steps_of
from ctm_audit.evidence.tables import Side
from ctm_audit.mapping import MappingTable
from ctm_audit.project import Project

PARTS = ("settings", "rows", "patience", "people", "hashes", "tables", "sessions", "run")
# Names of the clouds: Connect-ExchangeOnline -ExchangeEnvironmentName, Connect-MgGraph -Environment.
# https://learn.microsoft.com/powershell/module/exchangepowershell/connect-exchangeonline
ENVIRONMENTS = {
    "worldwide": ("O365Default", "Global"),
    "gcc": ("O365Default", "Global"),
    "gcc-high": ("O365USGovGCCHigh", "USGov"),
    "dod": ("O365USGovDoD", "USGovDoD"),
    "china": ("O365China", "China"),
}


def render_script(project: Project, mapping: MappingTable, side: Side) -> str:
    """The script that exports one side of a project: plain ASCII, lines end with a line feed, no secret in it."""
    facts = _facts(project, side, _keys(mapping, side))
    digest = hashlib.sha256(facts.encode()).hexdigest()
    return "\n".join((_part("head"), facts, f"$Digest = {literal(digest)}\n", *map(_part, PARTS)))


def _keys(mapping: MappingTable, side: Side) -> list[str]:
    """The keys of one side, folded; and as written, where .NET does not fold a letter as the mapping does (the German sharp s)."""
    rows = mapping.rows.select([side, f"{side}_key"]).to_pylist()
    folded = [str(row[f"{side}_key"]) for row in rows]
    return [*folded, *(str(row[side]) for row in rows if str(row[side]).lower() != row[f"{side}_key"])]


def _part(name: str) -> str:
    return files(__package__).joinpath("parts", f"{name}.ps1").read_text(encoding="utf-8")


def _facts(project: Project, side: Side, keys: Sequence[str]) -> str:
    own, partner = (project.source, project.target) if side == "source" else (project.target, project.source)
    exchange, graph = ENVIRONMENTS[project.cloud]
    steps = steps_of(side)
    tables = "\n".join(map(powershell, steps))
    return f"""\
# Data, written by ctm-audit {__version__}. In the data \\uXXXX stands for a character that is no plain letter or digit.
$Side = {literal(side)}
$TenantId = {_decoded(own.tenant_id)}
$PartnerTenantId = {_decoded(partner.tenant_id)}
$InitialDomain = {_decoded(own.initial_domain)}
$AppId = {_decoded(project.migration.app_id)}
$Endpoint = {_decoded(project.migration.endpoint)}
$ProbesOfAKind = {project.migration.probe}
$Cloud = {literal(project.cloud)}
$ExchangeEnvironment = {literal(exchange)}
$GraphEnvironment = {literal(graph)}
$Scopes = {literals(sorted({step.permission for step in steps} - {""}))}
$Cmdlets = {literals(sorted({cmdlet for step in steps for cmdlet in step.cmdlets} - {"Get-ConnectionInformation"}))}

# Whose data is exported in full.
{data_list("MappedKeys", keys)}

# Characters of which ASCII letters are left when case is folded.
$Folds = @{{ {_folds()} }}

# What is exported: the properties that ctm-audit reads, and by which of them somebody of the mapping is recognised.
$Tables = @(
{tables}
)
"""


def _folds() -> str:
    """The characters beyond ASCII that fold to ASCII letters (the German sharp s), by their code."""
    codes = (code for code in range(0x80, 0x10000) if not 0xD800 <= code < 0xE000)
    folded = {code: chr(code).casefold() for code in codes}
    return "; ".join(f"'{code:04x}' = {data(text)}" for code, text in folded.items() if any(map(str.isascii, text)))


def _decoded(text: str) -> str:
    return f"[regex]::Unescape({data(text)})"
