"""`ctm-audit import --list`: every export that is read, and the lines that make it."""

from __future__ import annotations

from collections.abc import Iterator

from ctm_audit.evidence.tables import SIDES, Side, Table, tables_of

EXCHANGE, GRAPH, SHAREPOINT, ON_PREMISES = (
    "Exchange Online PowerShell 3.x",
    "Microsoft Graph PowerShell",
    "SharePoint Online Management Shell",
    "On-premises",
)
ALWAYS = (EXCHANGE, GRAPH, ON_PREMISES)
"""The ways that every admin asks for; where one has no line, the list says `none`."""

NOTHING_THERE = "On-premises nothing is exported: of people who are synced, Exchange Online and Entra ID are asked like of all others."


def lines() -> Iterator[str]:
    """The list, a side after the other, in the order in which gaps are told."""
    for side in SIDES:
        yield f"{side.title()} tenant"
        for table in tables_of(side):
            yield from _export(side, table)
        yield ""
    yield NOTHING_THERE


def _export(side: Side, table: Table) -> Iterator[str]:
    from ctm_audit.readers.recognise import names_of

    properties = dict.fromkeys(column.property for column in table.columns_of(side))
    yield f"  {table.command}"
    yield f"    files       {', '.join(f'{name}.GROUP' if table.parts else name for name in names_of(table))} (.json, .csv, .xml, .xlsx)"
    yield f"    properties  {', '.join(properties)}"
    exports = (table.export, *table.other_exports)
    for shell in dict.fromkeys((*ALWAYS, *map(shell_of, exports))):
        own = [line for line in exports if shell_of(line) == shell]
        yield f"    {shell}{'' if own else ': none'}"
        yield from (f"      {line}" for line in own)


def shell_of(line: str) -> str:
    """The PowerShell module that an export line needs."""
    if "-SPO" in line:
        return SHAREPOINT
    return GRAPH if "-Mg" in line else EXCHANGE
