"""The use cases as plain functions, shared by the command line and Python callers."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ctm_audit import errors
from ctm_audit.bundled import data_folder
from ctm_audit.domain_moves import Rounds, observe_dns, plan_dns, report_dns, standing_dns, watch_dns
from ctm_audit.engine import folder as run_folder
from ctm_audit.engine.ask import Answer, answered, tables_named
from ctm_audit.engine.keys import write_keys
from ctm_audit.engine.question import Question
from ctm_audit.engine.raw import Bundles, create_raw_views
from ctm_audit.engine.record import iso
from ctm_audit.engine.run import run_audit
from ctm_audit.engine.runs import RunRecord, find_run, is_run
from ctm_audit.engine.session import AUDIT_MEMORY, open_session
from ctm_audit.engine.settings import create_mapping
from ctm_audit.engine.shown import OF_RUNS, bundles_shown
from ctm_audit.engine.statements import open_statements
from ctm_audit.engine.suggest import TABLES as SUGGESTED_FROM
from ctm_audit.engine.suggest import suggest, write_suggestions
from ctm_audit.evidence.bundle import Bundle, overdue
from ctm_audit.evidence.gaps import Gap
from ctm_audit.evidence.others import comparable
from ctm_audit.evidence.salt import read_salt, write_new_salt
from ctm_audit.evidence.tables import SIDES, TABLES, Side
from ctm_audit.mapping import MappingTable, read_mapping
from ctm_audit.model import Step
from ctm_audit.progress import tell
from ctm_audit.project import Project, find_project, load, load_mapping, load_project
from ctm_audit.project_file import overrides_from
from ctm_audit.readers.collected import Asked
from ctm_audit.readers.importing import ImportResult, Mapped, import_files
from ctm_audit.reference import Reference, load_reference
from ctm_audit.report.html import write_page
from ctm_audit.report.work.lists import FOLDER as WORK
from ctm_audit.report.work.lists import write_work
from ctm_audit.rulebook.load import load_book
from ctm_audit.statements import NOTHING_SAID, Statements
from ctm_audit.trusted_bundles import newest_of, observed_of, tenant_of
from ctm_audit.whole_files import whole_file
from ctm_audit.written_runs import Run, asked, compare_runs, explain, run_in

__all__ = [
    "Answer",
    "AuditResult",
    "Rounds",
    "Run",
    "Suggestions",
    "audit",
    "compare_runs",
    "copy_example",
    "explain",
    "export_script",
    "import_exports",
    "load_run",
    "new_salt",
    "observe_dns",
    "open_project",
    "open_project_file",
    "plan_dns",
    "query",
    "report_bytes",
    "report_dns",
    "rules_that_need",
    "standing_dns",
    "statements",
    "suggest_mapping",
    "watch_dns",
    "write_report",
    "write_script",
]

REPORT = "readiness.html"
UNKNOWN = "The bundle of the {side} tenant was made for another mapping and knows nothing of {count:,} of its rows: import again."
KEPT_AFTER_COMPLETION = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class AuditResult:
    """A finished run: its document (run.json), its folder, and notes: on the mapping, and on bundles that were to be deleted."""

    document: dict[str, Any]
    folder: Path
    notes: tuple[str, ...]

    def with_findings(self) -> dict[str, Any]:
        """The document with every finding, as `audit --json` prints it."""
        return self.document | {"findings": run_folder.read_findings(self.folder)}

    @property
    def exit_code(self) -> int:
        """0 ready, 1 not ready, 3 undetermined."""
        return {True: errors.EXIT_OK, False: errors.EXIT_NOT_READY, None: errors.EXIT_UNDETERMINED}[self.document["ready"]]

    @property
    def run(self) -> Run:
        """The run as it was written."""
        return run_in(self.folder)

    @property
    def report(self) -> Path:
        """The HTML readiness report."""
        return self.folder / REPORT

    @property
    def work(self) -> Path:
        """The folder with a work list for each owner."""
        return self.folder / WORK


def open_project(path: Path | None = None) -> tuple[Project, MappingTable]:
    """The project of a file or folder (else found upwards from the working folder) and its mapping, with CTM_AUDIT_… applied.

    Raises UsageError with every fault of both files.
    """
    return load(path or find_project(Path.cwd()), overrides_from(os.environ))


def open_project_file(path: Path | None = None) -> Project:
    """Like `open_project`, without the mapping: what an import and the bundles need."""
    return load_project(path or find_project(Path.cwd()), overrides_from(os.environ))


def copy_example(name: str, out: Path) -> Path:
    """The folder of a fresh copy of a bundled example: `out`, or `out-2`, `out-3` … when that exists."""
    source = data_folder("examples") / "contoso-to-fabrikam" / name
    number = 1
    while (folder := out if number == 1 else out.with_name(f"{out.name}-{number}")).exists():
        number += 1
    try:
        shutil.copytree(source, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def export_script(project: Project, mapping: MappingTable, side: Side) -> str:
    """The PowerShell script that exports one side: the people of the mapping in full, and nobody else unless its admin asks for it."""
    from ctm_audit.collect_script.script import render_script  # imported by nothing else that a command does

    return render_script(project, mapping, side)


def new_salt(path: Path) -> None:
    """Write a new salt for the script's hashes; UsageError when the file exists."""
    write_new_salt(path)


def write_script(text: str, path: Path) -> None:
    """Write a script to a file, under a temporary name first; what stood there is replaced."""
    with whole_file(path) as fresh:
        fresh.write_text(text, encoding="ascii", newline="\n")


def import_exports(
    project: Project | None,
    side: Side,
    paths: Sequence[Path],
    output: Path | None = None,
    collected_at: datetime | None = None,
    delete_after: date | None = None,
    named: Mapping[str, str] = MappingProxyType({}),
    keep: str | None = None,
) -> ImportResult:
    """Make a bundle of exported files below `output`, else below the project's bundle folder of that side.

    `collected_at` (naive UTC) is recorded as stated by a person. `named` says what files are (`Get-Mailbox`, by file
    name). `delete_after` is the last day on which the bundle may be kept, by default 90 days after the project's last
    completion. `keep` says whose facts the bundle holds: of the mapping's people (`mapped`) or of everybody (`all`), by
    default what the project says, and without a project everybody's. Raises UsageError, and writes nothing, when no
    table could be made of the files, when they are of another side, or of another tenant than the project, or when the
    mapping is wrong that says whose facts are kept; Refused when a zip has something out of place.
    """
    tenant = tenant_of(project, side) if project else None
    folder = output or (tenant.bundle if tenant else None)
    if folder is None:
        raise errors.UsageError("Nobody says where the bundle goes.", hint="ctm-audit init, or name a folder with -o FOLDER")
    if folder.is_file():
        raise errors.UsageError(f"{folder} is a file; a bundle is written into a folder.", hint="name a folder with -o FOLDER")
    keep_until = delete_after or (_keep_until(project) if project else None)
    tenant_id, initial_domain = (tenant.tenant_id, tenant.initial_domain) if tenant else ("", "")
    return import_files(
        Asked(side, tenant_id, initial_domain, collected_at, named), paths, folder, keep_until, _mapped(project, side, keep)
    )


def _mapped(project: Project | None, side: Side, keep: str | None) -> Mapped | None:
    """Whose facts an import keeps; None for everybody's. Raises UsageError when nobody can say who is mapped."""
    if (keep or (project.keep if project else "all")) == "all":
        return None
    if project is None:
        raise errors.UsageError("Without a project nobody says who is mapped.", hint="ctm-audit init, or keep everybody with --keep all")
    try:
        mapping = load_mapping(project)
    except errors.UsageError as error:
        hint = "repair the mapping, which says whose facts are kept, or keep everybody's with --keep all"
        raise errors.UsageError(error.summary, detail=error.detail, hint=hint) from None
    keys = frozenset(str(key) for key in mapping.rows.column(f"{side}_key").to_pylist())
    return Mapped(keys, mapping.digest, read_salt(project.salt) if project.salt else None)


def rules_that_need(gaps: Sequence[Gap]) -> tuple[tuple[str, ...], ...]:
    """For each gap the ids of the rules that read what is lacking, so that they will be undetermined."""
    reads = {rule.rule.id: rule.reads for rule in load_book(data_folder("rules")).checked} if gaps else {}
    return tuple(tuple(sorted(name for name, read in reads.items() if _overlap(gap.reads, read))) for gap in gaps)


def _overlap(lacking: Sequence[str], read: Collection[str]) -> bool:
    return any(one == name or one.startswith(f"{name}.") for name in lacking for one in read)


def _keep_until(project: Project) -> date | None:
    last = project.migration.last_completion
    return last + KEPT_AFTER_COMPLETION if last else None


def audit(
    project: Project,
    mapping: MappingTable,
    *,
    step: Step | None = None,
    wave: str | None = None,
    as_of: datetime | None = None,
    out: Path | None = None,
    extra_rules: Path | None = None,
    reference: Path | None = None,
) -> AuditResult:
    """Judge the newest bundles of both tenants and write a run folder below `out` (else the project's runs folder).

    `as_of` (naive UTC) fixes the clock, else the project's `as_of` does. `reference` is a folder whose files stand in the
    place of bundled reference files. Raises UsageError for a wave that is not in the mapping, and for a faulty rule book, faulty
    reference files, waivers or attestations, EvidenceGap when a side has no bundle, Refused when a bundle was changed or is not
    signed by a key that the project names for its side.
    """
    started = _now()
    _refuse_unknown_wave(mapping, wave)
    tell("Reading the rules")
    facts = load_reference(reference)
    book = load_book(data_folder("rules"), extra_rules, facts.errors)
    rules = book.checked
    said = open_statements(project, mapping, book)
    question = replace(_question(project, mapping, facts, said, as_of), step=step or Step.ASSESS, wave=wave)
    with open_session(AUDIT_MEMORY) as connection:
        run = run_audit(connection, question, book, rules, step)
        run.document["clock"] = {"started_at": iso(started), "finished_at": iso(_now())}

        def write_report(folder: Path) -> None:
            write_page(RunRecord(folder, run.document), folder / REPORT)
            write_work(RunRecord(folder, run.document))

        folder = run_folder.write_run(connection, run, out or project.runs, write_report)
        write_keys(connection, question.lock)
        late = [sentence for bundle in question.bundles.values() if (sentence := overdue(bundle, question.now.date()))]
        strange = [UNKNOWN.format(side=side, count=count) for side, count in run.unknown.items()]
        notes = (*mapping.notes, *strange, *late, *_replaced(facts), *_lapsed(said, question.now))
        return AuditResult(run.document, folder, notes)


def _question(project: Project, mapping: MappingTable, facts: Reference, said: Statements, as_of: datetime | None = None) -> Question:
    """What the newest bundles are asked, for no step yet."""
    tell("Checking the bundles")
    salt, fixed = read_salt(project.salt) if project.salt else None, as_of or project.as_of
    bundles: Bundles = {**{side: comparable(newest_of(project, side), salt) for side in SIDES}, **observed_of(project)}
    return Question(project, mapping, bundles, Step.ASSESS, "asked for", None, fixed or _now(), fixed, facts, said, salt)


def load_run(named: str | Path | None = None, project: Path | None = None) -> Run:
    """A written run: by its folder, by its name or id below the project's runs folder, else the newest one there.

    Raises UsageError when there is none, Refused when it is not whole.
    """
    given = str(named) if named is not None else None
    if given and is_run(Path(given)):
        return run_in(Path(given))
    return run_in(find_run(open_project_file(project).runs, given))


@contextmanager
def query(question: str, *, run: str | Path | None = None, project: Path | None = None) -> Iterator[Answer]:
    """The answer to one SELECT: about a run, when one or its tables `findings` or `mailboxes` are named, else about the newest bundles.

    Raises UsageError for what is no SELECT and for what is not there, EvidenceGap when a side has no bundle, Refused as `audit` does.
    """
    named = tables_named(question)
    if run is not None or named & {*OF_RUNS}:
        with asked(load_run(run, project), question) as answer:
            yield answer
        return
    opened, mapping = open_project(project)
    facts = load_reference()
    book = load_book(data_folder("rules"), None, facts.errors)
    asking = _question(opened, mapping, facts, NOTHING_SAID)
    source = " and ".join(f"{side} bundle {bundle.path.name}" for side, bundle in asking.bundles.items())
    with bundles_shown(asking, book.checked, named) as (connection, known), answered(connection, question, source, known) as answer:
        yield answer


def write_report(record: RunRecord, form: str, path: Path) -> None:
    """Write a run to `path` as `html`, `json`, `csv`, `xlsx`, `junit`, `sarif` or `markdown`, made of its folder alone.

    What stands at the path is replaced when the new file is whole. The same run gives the same bytes.
    """
    from ctm_audit.report.formats.write import write_report as write  # imported by nothing else that a command does

    write(record, form, path)


def report_bytes(record: RunRecord, form: str) -> bytes:
    """The bytes that `write_report` writes."""
    with tempfile.TemporaryDirectory(prefix="ctm-audit-") as folder:
        path = Path(folder, "report")
        write_report(record, form, path)
        return path.read_bytes()


def statements(project: Project, mapping: MappingTable, extra_rules: Path | None = None) -> Statements:
    """The waivers and attestations of a project; UsageError with every fault of both files."""
    return open_statements(project, mapping, load_book(data_folder("rules"), extra_rules))


def _lapsed(said: Statements, now: datetime) -> list[str]:
    return [f"{record.rule}: {lapse}; it does not count." for record in said.records if (lapse := record.lapse(now))]


def _replaced(facts: Reference) -> list[str]:
    return [f"{file.name}.toml of the reference facts is not the bundled one." for file in facts.files if file.overridden]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """A file of proposals: how many mailboxes have which kind, and what the evidence lacked."""

    path: Path
    counts: dict[str, int]
    notes: tuple[str, ...]


def suggest_mapping(project: Project, output: Path | None = None, *, everybody: bool = False) -> Suggestions:
    """Write who could be whom to `output` (else mapping.suggested.csv beside the mapping), which is never read as a mapping.

    Of mailboxes that the mapping names already only with `everybody`. Raises EvidenceGap when a side has no bundle, or none
    with its mailboxes or MailUsers, Refused when the file exists, UsageError when rows of the mapping are wrong.
    """
    path = output or project.mapping.with_suffix(".suggested.csv")
    if path.exists():
        raise errors.Refused(f"{path} exists; nothing is overwritten.", hint="name a new file with -o FILE")
    reading = read_mapping(project.mapping, None)
    mapping = load_mapping(project) if reading.faults and reading.table.rows.num_rows else reading.table
    bundles: Bundles = {side: newest_of(project, side) for side in SIDES}
    notes = [note for side, table in SUGGESTED_FROM.items() for note in _lacking(bundles[side], table)]
    with open_session() as connection:
        create_raw_views(connection, bundles)
        create_mapping(connection, mapping)
        counts = suggest(connection, everybody=everybody)
        with whole_file(path) as fresh:
            write_suggestions(connection, fresh)
    return Suggestions(path, counts, tuple(notes))


def _lacking(bundle: Bundle, table: str) -> list[str]:
    """What a bundle lacks of a table, in sentences. Raises EvidenceGap when it lacks the table."""
    command, entry = f"{bundle.side} {TABLES[table].command}", bundle.tables.get(table)
    if entry is None:
        raise errors.EvidenceGap(f"{command} was not collected: {bundle.absent[table]}", hint=TABLES[table].export)
    some = [f"{command} holds only people of the mapping; import with --keep all for proposals"] if bundle.scope else []
    missing = [*some, *(f"{command}: {reason}" for reason in dict.fromkeys(entry.missing.values()))]
    return missing if entry.complete else [f"{command} is not complete: {entry.reason}", *missing]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _refuse_unknown_wave(mapping: MappingTable, wave: str | None) -> None:
    if wave is None:
        return
    known = sorted({str(name) for name in mapping.rows.column("wave").unique().to_pylist()} - {""})
    if wave not in known:
        raise errors.UsageError(f"No row of the mapping is in wave {wave!r}.", detail=[f"waves with rows: {', '.join(known) or 'none'}"])
