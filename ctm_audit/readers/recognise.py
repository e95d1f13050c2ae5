"""Which table of evidence a file holds: told by a person, by its name, or by its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ctm_audit.evidence import normalise as n
from ctm_audit.evidence.tables import TABLES, Side, Table
from ctm_audit.readers import css_exchange
from ctm_audit.readers.content import tables_by_content
from ctm_audit.readers.files import FORMATS

NOT_SAID = "nobody says that it is the whole export"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file that holds a table, or the group `part` of a table that comes in parts (folded, else '').

    `loss` says why the file cannot be the whole table, else ''. A `slice` is one of many files that make one table.
    """

    table: Table
    part: str = ""
    loss: str = ""
    slice: bool = False


def recognise(path: Path, side: Side, told: Mapping[str, str]) -> Recognised | str:
    """What the file holds for one side, or in words why it is not used. `told` are names (`Get-Mailbox`) given to files."""
    if css_exchange.is_not_read(path.stem):
        return "Microsoft's script wrote it, and it holds no table"
    if path.suffix.lower() not in FORMATS:
        return f"a file of this kind is not read; {', '.join(sorted(FORMATS))} are"
    found = by_name(told.get(path.name, path.stem)) or _of_the_script(path, side) or _by_content(path, side)
    if isinstance(found, Recognised) and side not in found.table.sides:
        return f"nothing reads {found.table.command} of the {side} tenant"
    return found


def by_name(stem: str) -> Recognised | str | None:
    """The table that a name without its ending stands for, in words what is wrong with it, or None when it is no name of an export."""
    start, dot, part = stem.partition(".")
    table = STEMS.get(start.casefold())
    if table is None:
        return None
    if not table.parts:
        return f"{start} comes in one file, so its name has one dot" if dot else Recognised(table)
    folded = n.key(part)
    if not folded or not part.isprintable():
        return f"the name must tell the group: {start}.GROUP.json"
    return Recognised(table, folded)


def _of_the_script(path: Path, side: Side) -> Recognised | str | None:
    """A file of Microsoft's CrossTenantMailboxMigrationValidation.ps1."""
    found = css_exchange.table_of(path.stem)
    if found is None:
        return None
    of_side, name, loss = found
    table = TABLES[name]
    if of_side != side:
        return f"it is of the {of_side} tenant"
    if not table.parts:
        return Recognised(table, loss=loss, slice=bool(loss))
    group = css_exchange.scope_group(path.parent)
    return Recognised(table, group) if group else f"whose members these are cannot be told; name them {table.stems[0]}.GROUP.xml"


def _by_content(path: Path, side: Side) -> Recognised | str:
    tables = tables_by_content(path, side)
    if len(tables) != 1:
        what = f"its content may be {' or '.join(table.command for table in tables)}" if tables else "its content tells nothing either"
        return f"the name is not that of a known export, and {what}; --as NAME={path.name} says what it is"
    name = name_of(tables[0])
    return Recognised(tables[0], loss=f"{path.name} was recognised by its content, and {NOT_SAID}; --as {name}={path.name} does")


def name_of(table: Table) -> str:
    """The name by which a person calls the table: `Get-MailboxStatistics-Archive`."""
    return names_of(table)[0]


def names_of(table: Table) -> tuple[str, ...]:
    """Every name, without ending and group, of a file that holds the table."""
    return tuple(f"{stem}-{table.variant}" if table.variant else stem for stem in table.stems)


STEMS = {name.casefold(): table for table in TABLES.values() for name in names_of(table)}
