"""The placeholders of a rule's command, and the SQL that fills them with PowerShell literals; quoting for SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ctm_audit.evidence.relations import SqlType

PLACEHOLDER = re.compile(r"<([^<>\s]+)>")
TEXTS = ("expected", "found")
PRINTABLE = "[ -~]*"
"""Text that a single-quoted PowerShell string may hold as it is. Everything else stands as a character code: PowerShell ends such a
string at typographic quotes too, Windows PowerShell reads a file without a byte order mark in the code page of the machine, where
bytes of other letters are such quotes, and nobody sees a character that turns the reading direction.
https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules"""
NEVER_IN_A_SCRIPT = re.compile(
    r"LitigationHoldEnabled|RemoveDelay(?:Release)?HoldApplied|RemoveComplianceTagHoldApplied|RemoveOrphanedHolds|ApproveSkippedItems"
    r"|PermanentlyClearPreviousMailboxInfo|RemoveDisabledArchive|DeleteContent|-Purge|PurgeType|Force(?:Delete)?\b|PermanentlyDelete"
    r"|BadItemLimit|LargeItemLimit|SkipMoving|SkipMerging|SkipVerification|EnableLitigationHoldForMigration|AcceptLargeDataLoss"
    r"|(?<![\w-])(?:Remove|Disable|Clear|Undo|Complete|Stop|Start)-(?!DistributionGroupMember)[A-Z]",
    re.IGNORECASE,
)
"""Releasing a hold, clearing remains, deleting and approving what was skipped are acts of named persons: shown, and never scripted."""


def placeholders(command: str | None) -> tuple[str, ...]:
    """The names between angle brackets, each once, in order."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(command or "")))


def command_sql(command: str | None, types: Mapping[str, SqlType]) -> str:
    """SQL for the command with a PowerShell literal for every placeholder; NULL when one of them is.

    It reads the columns `expected`, `found` and `"<field>"`. Values are data: nothing in them is taken for a placeholder,
    and none can end its literal or the line.
    """
    if command is None:
        return "cast(null as varchar)"
    parts = PLACEHOLDER.split(command)
    return " || ".join(_filled(part, types) if number % 2 else text_literal(part) for number, part in enumerate(parts))


def _filled(name: str, types: Mapping[str, SqlType]) -> str:
    column = name if name in TEXTS else quoted(f"<{name}>")
    match types.get(name):
        case "BOOLEAN":
            return f"case when {column} then '$true' when not {column} then '$false' end"
        case "BIGINT":
            return f"cast({column} as varchar)"
        case "VARCHAR[]":
            return f"'@(' || array_to_string(list_transform({column}, lambda element: {powershell_text('element')}), ', ') || ')'"
        case _:
            return powershell_text(f"cast({column} as varchar)")


def powershell_text(sql: str) -> str:
    """SQL that turns a text into a PowerShell expression for exactly this text: one line of printable ASCII; NULL for NULL.

    `'O''Brien'`, or `('J' + [char]252 + 'rgen')` where a character is not printable ASCII.
    """
    doubled, code = f"replace({sql}, '''', '''''')", "unicode(letter)"
    beyond = f"case when {code} > 65535 then '[char]::ConvertFromUtf32(' || {code} || ')' else '[char]' || {code} end"
    told = f"case when regexp_full_match(letter, '{PRINTABLE}') then letter else ''' + ' || {beyond} || ' + ''' end"
    spelled = f"array_to_string(list_transform(regexp_extract_all({doubled}, '(?s).'), lambda letter: {told}), '')"
    return f"case when regexp_full_match({sql}, '{PRINTABLE}') then '''' || {doubled} || '''' else '(''' || {spelled} || ''')' end"


def text_literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def path(name: str) -> str:
    """A dotted field as an SQL path."""
    return ".".join(map(quoted, name.split(".")))


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
