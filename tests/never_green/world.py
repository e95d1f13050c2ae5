"""A migration that is ready for submit, and what an audit says once something of its evidence is gone.

A license shows in two places, and a rule is content with one. So that every place counts, capabilities do not show it here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.engine.catalogue import make_catalogue
from ctm_audit.engine.question import Question
from ctm_audit.engine.run import run_audit
from ctm_audit.engine.session import open_session
from ctm_audit.engine.statements import open_statements
from ctm_audit.errors import CtmAuditError
from ctm_audit.evidence.bundle import Bundle
from ctm_audit.evidence.intake import Intake
from ctm_audit.evidence.tables import SIDES, Side, Table, tables_of
from ctm_audit.model import Step
from ctm_audit.project import load
from ctm_audit.readers import collected
from ctm_audit.readers.export_record import RECORD
from ctm_audit.readers.exports import ExportedFile
from ctm_audit.reference import Reference, load_reference
from ctm_audit.rulebook.judging import CheckedRule, gaps, verdict_query
from ctm_audit.rulebook.load import RuleBook, load_book
from ctm_audit.sim import Scenario, contoso_to_fabrikam
from ctm_audit.sim.export import Files, as_json, render, stem_of, write

Item = dict[str, Any]
Evidence = Mapping[str, tuple[object, ...]]
ABOUT_EVIDENCE = frozenset({"ACC-05", "ACC-06"})
MADE = collected._made
MOVE_CAPABILITY = "ExchangeT2TMbxMove"
# An optional table is a cross-check, or asked for by few projects: without it nothing is green that was not.
PLACES = [(side, table) for side in SIDES for table in tables_of(side) if not table.optional]


@cache
def scenario() -> Scenario:
    return contoso_to_fabrikam(people=24)


@cache
def clean() -> Files:
    files = render(scenario())
    for side, name in (("source", "mailboxes"), ("target", "mail_users")):
        files = changed(files, side, table_of(side, name), _without_capability)
    return files


def _without_capability(item: Item) -> Item:
    return item | {"PersistedCapabilities": [one for one in item["PersistedCapabilities"] if one != MOVE_CAPABILITY]}


@cache
def reference() -> Reference:
    return load_reference()


@cache
def book() -> RuleBook:
    return load_book(data_folder("rules"))


@cache
def asked_here() -> tuple[CheckedRule, ...]:
    """The rules that a project without a domain move is asked; those about DNS apply to nothing in it."""
    return tuple(checked for checked in book().checked if not checked.relation.about)


def readers_of(*reads: str) -> list[CheckedRule]:
    """The rules that read any of the evidence, given as `SIDE.TABLE.COLUMN` or `SIDE.TABLE`."""
    return [checked for checked in asked_here() if any(_is_in(read, reads) for read in checked.reads)]


def _is_in(read: str, reads: tuple[str, ...]) -> bool:
    return read in reads or read.rpartition(".")[0] in reads


def table_of(side: str, name: str) -> Table:
    return next(table for of, table in PLACES if (of, table.name) == (side, name))


def file_of(side: str, table: Table) -> str:
    return f"{side}/{stem_of(table)}.json"


def objects(files: Files, side: str, table: Table) -> list[Item]:
    found = json.loads(files[file_of(side, table)])
    return list(found["value"] if isinstance(found, dict) else found)


def rewritten(files: Files, side: str, table: Table, items: list[Item]) -> Files:
    """The files with other objects in one of them; `_export.json` still tells what it told."""
    name = file_of(side, table)
    document = json.loads(files[name])
    return files | {name: as_json(document | {"value": items} if isinstance(document, dict) else items)}


def changed(files: Files, side: str, table: Table, act: Callable[[Item], Item]) -> Files:
    return rewritten(files, side, table, [act(item) for item in objects(files, side, table)])


def recorded(files: Files, side: str, table: Table, **changes: object) -> Files:
    """The files with the entry of one table in `_export.json` changed."""
    name = f"{side}/_export.json"
    record = json.loads(files[name])
    entries = [entry | changes if entry["name"] == stem_of(table) else entry for entry in record["tables"]]
    return files | {name: as_json(record | {"tables": entries})}


def ids_of(row: int, side: str, of: Scenario | None = None) -> set[str]:
    """Every id by which an export may name the mailbox or the MailUser of a mapping row."""
    told = of or scenario()
    one = told.mailbox(row) if side == "source" else told.mail_user(row)
    return {one.object_id, one.guid, one.exchange_guid, one.archive_guid} - {""}


def is_about(item: Item, table: Table, ids: set[str]) -> bool:
    """True when one of the properties that make the table's key names one of the ids."""
    return any(str(item[table.column(name).property]) in ids for name in table.key if name not in ("part", "sku_id"))


@dataclass(frozen=True)
class Told:
    """What came of it: the exit code (of the import where that refused), the run's document, and who passed which rule."""

    exit_code: int
    document: dict[str, Any] | None
    passing: frozenset[tuple[str, int]] = frozenset()

    def passed(self, rule: str) -> int:
        """How many objects passed a rule."""
        return 0 if self.document is None else next(int(one["passed"]) for one in self.document["rules"] if one["id"] == rule)

    def still_green(self, rules: list[CheckedRule]) -> list[str]:
        """Those of the rules that anything passed."""
        return [checked.rule.id for checked in rules if self.passed(checked.rule.id)]


class World:
    """The clean project in a folder, with a bundle of each side; each question imports only the side that it changes."""

    def __init__(self, folder: Path, files: Files) -> None:
        self.folder = folder
        self.files = files
        write(files, folder)
        self.project, self.mapping = load(folder / "ctm-audit.toml")
        self.bundles: dict[Side, Bundle] = {side: api.import_exports(self.project, side, [folder / side]).bundle for side in SIDES}
        self._told: dict[object, Told] = {}
        self._made: dict[object, Intake | str] = {}
        self._numbers = iter(range(1_000_000))

    def told(
        self, side: Side, files: Files, *, step: Step = Step.SUBMIT, who_passes: bool = False, readers: Sequence[CheckedRule] | None = None
    ) -> Told:
        """The answer with other files of one side. The same evidence is judged once, whatever the reasons of its gaps are.

        With `readers` only those rules are asked, and those about the evidence itself: what no rule reads changes no other.
        """
        try:
            bundle = self.imported(side, files)
        except CtmAuditError as error:
            return Told(error.exit_code, None)
        asked = None if readers is None else frozenset(checked.rule.id for checked in readers) | ABOUT_EVIDENCE
        return self.judged({**self.bundles, side: bundle}, step=step, who_passes=who_passes, asked=asked)

    def imported(self, side: Side, files: Files) -> Bundle:
        folder = self.folder / f"changed-{next(self._numbers)}"
        write({name: content for name, content in files.items() if name.startswith(f"{side}/")}, folder)
        with patch.object(collected, "_made", self._made_once):
            return api.import_exports(self.project, side, [folder / side], folder).bundle

    def _made_once(self, asked: collected.Asked, files: Sequence[ExportedFile]) -> Intake | str:
        """The table of the files. Of files that did not change since the last question it is known, which saves half of the time."""
        known = [(file.name, file.holds.part, str(file.recorded), file.path and _content(file.path)) for file in files]
        key = (asked.side, files[0].holds.table.name, *known)
        if key not in self._made:
            self._made[key] = MADE(asked, files)
        return self._made[key]

    def judged(
        self,
        bundles: Mapping[Side, Bundle],
        *,
        step: Step = Step.SUBMIT,
        who_passes: bool = False,
        now: datetime | None = None,
        asked: frozenset[str] | None = None,
    ) -> Told:
        key = (step, who_passes, now, asked, *(tuple(_facts(bundle)) for bundle in bundles.values()))
        if key not in self._told:
            self._told[key] = self._judge(bundles, step, who_passes, now, asked)
        return self._told[key]

    def _judge(
        self, bundles: Mapping[Side, Bundle], step: Step, who_passes: bool, now: datetime | None, asked: frozenset[str] | None
    ) -> Told:
        rules = [checked for checked in asked_here() if asked is None or checked.rule.id in asked]
        moment = now or self.project.as_of or datetime(2026, 11, 20)
        said = open_statements(self.project, self.mapping, book())
        question = Question(self.project, self.mapping, bundles, step, "asked for", None, moment, moment, reference(), said)
        with open_session() as connection:
            document = run_audit(connection, question, book(), rules, step).document
            catalogue = make_catalogue(connection, bundles)
            passing = set()
            for checked in rules if who_passes else ():
                if checked.rule.over == "pairs" and not gaps(checked, catalogue):
                    rows = connection.execute(f"select row_no from ({verdict_query(checked, incomplete=False)}) where verdict = 'pass'")
                    passing |= {(checked.rule.id, row - 1) for (row,) in rows.fetchall()}
        return Told(api.AuditResult(document, Path(), ()).exit_code, document, frozenset(passing))


def _content(path: Path) -> tuple[bytes, float]:
    return path.read_bytes(), path.stat().st_mtime if RECORD not in {file.name for file in path.parent.iterdir()} else 0


def _facts(bundle: Bundle) -> Iterator[tuple[object, ...]]:
    for name, entry in bundle.tables.items():
        yield name, entry.columns, entry.complete, entry.sha256, entry.parts, entry.collected_at
