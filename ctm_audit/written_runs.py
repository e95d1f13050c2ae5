"""What can be done with a written run from Python: its tables as data frames, explanations, questions, comparisons (docs/python.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ctm_audit.bundled import data_folder
from ctm_audit.engine.ask import Answer, answered
from ctm_audit.engine.compare import Comparison, compared
from ctm_audit.engine.explain import explain_object, explain_rule
from ctm_audit.engine.runs import RunRecord, open_run
from ctm_audit.engine.shown import run_shown
from ctm_audit.reference import load_reference
from ctm_audit.rulebook.load import load_book

if TYPE_CHECKING:
    import pandas as pd

RULE_COLUMNS = (
    *(
        "id",
        "slug",
        "title",
        "gate",
        "weight",
        "evaluated",
        "passed",
        "failed",
        "due",
        "undetermined",
        "not_applicable",
        "waived",
        "attested",
    ),
    *("reason", "owner", "fix_kind", "fix", "why", "masked_by", "blocks", "warns", "predicts", "sources"),
)


@dataclass(frozen=True, slots=True)
class Run(RunRecord):
    """A written run. Each data frame is read from its file when it is asked for, so keep what is used twice."""

    @property
    def ready(self) -> bool | None:
        """True, False, or None for undetermined, which refuses exactly like False."""
        ready: bool | None = self.document["ready"]
        return ready

    @property
    def findings(self) -> pd.DataFrame:
        """One row a finding; the columns are those of docs/python.md."""
        return _frame(self.findings_file)

    @property
    def mailboxes(self) -> pd.DataFrame:
        """One row a mailbox with its verdict, and a column for every fact that a rule read."""
        return _frame(self.mailboxes_file)

    @property
    def rules(self) -> pd.DataFrame:
        """One row a rule with its weight at the step and its counts, in the order of the rule book."""
        import pandas as pd

        rows = [{name: rule.get(name) for name in RULE_COLUMNS} for rule in self.document["rules"]]
        return pd.DataFrame(rows, columns=pd.Index(RULE_COLUMNS))

    def query(self, question: str) -> pd.DataFrame:
        """The answer to one SELECT about the run's relations, findings and mailboxes; UsageError for what is no SELECT."""
        with asked(self, question) as answer:
            frame: pd.DataFrame = answer.table().to_pandas()
            return frame


def _frame(path: Path) -> pd.DataFrame:
    import pyarrow.parquet

    frame: pd.DataFrame = pyarrow.parquet.read_table(path).to_pandas()
    return frame


def run_in(folder: Path) -> Run:
    """The run in a folder. Raises UsageError where there is none, Refused when it is not whole."""
    record = open_run(folder)
    return Run(record.folder, record.document)


def compare_runs(first: RunRecord, second: RunRecord, *, across_rule_books: bool = False) -> AbstractContextManager[Comparison]:
    """What changed from the first run to the second; raises Refused when they do not ask the same (engine/compare.py)."""
    return compared(first, second, across_rule_books=across_rule_books)


@contextmanager
def asked(run: RunRecord, question: str) -> Iterator[Answer]:
    """The answer to one SELECT about a run, block by block. Raises UsageError for what is no SELECT, Refused for a broken run."""
    with (
        run_shown(run, load_reference()) as (connection, catalogue),
        answered(connection, question, f"run {run.folder.name}", catalogue) as answer,
    ):
        yield answer


def explain(
    run: RunRecord, rule: str, name: str | None = None, *, extra_rules: Path | None = None, reference: Path | None = None
) -> dict[str, Any]:
    """What the rule says in the run, or what it says of one object, as `explain --json` prints it (docs/explain.md).

    `extra_rules` and `reference` are the folders with which the run was audited. Raises UsageError for an unknown rule or object,
    Refused when the rule or the reference facts are not those of the run.
    """
    facts = load_reference(reference)
    book = load_book(data_folder("rules"), extra_rules, facts.errors)
    return explain_object(run, book, facts, rule, name) if name else explain_rule(run, book, rule)
