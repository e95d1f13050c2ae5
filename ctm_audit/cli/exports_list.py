"""`ctm-audit import --list`: every export that is read, and the lines that make it."""

from __future__ import annotations

from collections.abc import Iterator

from ctm_audit.evidence.tables import SIDES, Side, Table, tables_of

ON_PREMISES = (
    "On-premises Exchange: nothing is exported there; of people who are synced, Exchange Online and Entra ID are asked like of all others."
)


def lines() -> Iterator[str]:
    """The list, a side after the other, in the order in which gaps are told."""
    for side in SIDES:
        yield f"{side.title()} tenant"
        for table in tables_of(side):
            yield from _export(side, table)
        yield ""
    yield ON_PREMISES


def _export(side: Side, table: Table) -> Iterator[str]:
    from ctm_audit.readers.recognise import names_of

    properties = dict.fromkeys(column.property for column in table.columns_of(side))
    yield f"  {table.command}"
    yield f"    files       {', '.join(f'{name}.GROUP' if table.parts else name for name in names_of(table))} (.json, .csv, .xml, .xlsx)"
    yield f"    properties  {', '.join(properties)}"
    for line in (table.export, *table.other_exports):
        yield f"    {shell_of(line)}"
        yield f"      {line}"


def shell_of(line: str) -> str:
    """The PowerShell module that an export line needs."""
    return "Microsoft Graph PowerShell" if "-Mg" in line else "Exchange Online PowerShell 3.x"
