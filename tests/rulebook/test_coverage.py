"""What the rules foresee of Microsoft's answers: names are those of the catalogue, and the command says what is left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.cli.main import main
from ctm_audit.errors import UsageError
from ctm_audit.reference import load_reference
from ctm_audit.reference.facts import ServiceError
from ctm_audit.rulebook.coverage import Coverage, coverage
from ctm_audit.rulebook.load import load_book

BOOK = load_book(data_folder("rules"))
ERRORS = load_reference().errors
FOUND = {one.error.name: one for one in coverage(BOOK, ERRORS.values())}


def copy_of_the_book(folder: Path, rule_id: str, before: str, after: str) -> Path:
    """The rule book with one text of one rule replaced."""
    book = folder / "rules"
    shutil.copytree(data_folder("rules"), book)
    (file,) = book.glob(f"*/{rule_id}-*.toml")
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8", newline="\n")
    return book


def made_error(*rules: str, unforeseen: str = "") -> ServiceError:
    return ServiceError("SomeException", "exception", "mrs", True, "it fails", rules, unforeseen, "https://example.com/", "high")


def test_every_predicted_answer_is_in_the_catalogue() -> None:
    assert {name for rule in BOOK.rules for name in rule.predicts} <= set(ERRORS)


@pytest.mark.parametrize("name", ERRORS)
def test_a_rule_that_is_to_foresee_an_answer_predicts_it(name: str) -> None:
    """`rules` of the catalogue and `predicts` of the book agree wherever the book has the rule."""
    found = FOUND[name]
    assert set(found.error.rules) - set(found.absent) <= set(found.rules)


@pytest.mark.parametrize("name", ERRORS)
def test_an_answer_is_foreseen_or_it_is_said_why_not(name: str) -> None:
    found = FOUND[name]
    assert bool(found.rules) != bool(found.why)
    assert not (found.rules and found.error.unforeseen), "a rule foresees what the catalogue calls unforeseeable"


def test_the_answers_that_end_most_migrations_are_foreseen() -> None:
    assert FOUND["MissingExchangeGuidException"].rules == ("STP-01",)
    assert {"MBX-01", "STP-01", "STP-03", "LIC-01", "IDN-03", "TRU-12"} <= set(FOUND["EXCH-08"].rules)
    assert FOUND["EXCH-15"].why == ERRORS["EXCH-15"].unforeseen


def test_why_an_answer_is_not_foreseen() -> None:
    (absent,) = coverage(BOOK, [made_error("STP-01", "ZZZ-98", "ZZZ-99")])
    assert absent == Coverage(made_error("STP-01", "ZZZ-98", "ZZZ-99"), (), ("ZZZ-98", "ZZZ-99"))
    assert absent.why == "Not in this rule book: ZZZ-98, ZZZ-99."
    (silent,) = coverage(BOOK, [made_error("STP-01")])
    assert silent.why == "No rule names it."
    (chance,) = coverage(BOOK, [made_error(unforeseen="it is chance")])
    assert chance.why == "it is chance"


def test_an_unknown_answer_is_a_fault_of_the_rule_at_its_place(tmp_path: Path) -> None:
    book = copy_of_the_book(tmp_path, "STP-01", '"EXCH-08"', '"EXCH-8"')
    with pytest.raises(UsageError) as refused:
        load_book(book)
    (fault,) = refused.value.detail
    assert fault.startswith("rules/stp/STP-01-")
    assert "`predicts` 'EXCH-8' is not in reference/errors.toml" in fault
    line = next(number for number, text in enumerate(next(book.glob("stp/STP-01-*")).read_text().splitlines(), 1) if "EXCH-8" in text)
    assert f".toml:{line}:" in fault


def test_the_catalogue_of_a_reference_folder_counts(tmp_path: Path) -> None:
    book = copy_of_the_book(tmp_path, "STP-01", '"EXCH-08"', '"EXCH-8"')
    assert load_book(book, errors={*ERRORS, "EXCH-8"}).rules


def test_the_command_tells_both_halves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "coverage"]) == 0
    told = capsys.readouterr()
    foreseen, _, rest = told.out.partition("not foreseen\n")
    assert foreseen.startswith("foreseen\n")
    assert "  MissingExchangeGuidException: STP-01\n" in foreseen
    assert "  MailboxIsNotInExpectedDBException: Microsoft moves mailboxes" in rest
    assert told.out.count("\n  ") == len(ERRORS)
    documented = [one for one in FOUND.values() if one.error.documented]
    assert f"{sum(bool(one.rules) for one in documented)} of {len(documented)} documented answers are foreseen" in told.err


def test_the_command_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "coverage", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format_version"] == "1"
    assert told["rulebook"]["digest"] == BOOK.digest
    assert [entry["name"] for entry in told["errors"]] == list(ERRORS)
    by_name = {entry["name"]: entry for entry in told["errors"]}
    assert by_name["CTM-102"]["rules"] == []
    assert by_name["CTM-102"]["why"]
    assert by_name["EXCH-07"] == {
        "name": "EXCH-07",
        "route": "orchestrator",
        "documented": True,
        "meaning": ERRORS["EXCH-07"].meaning,
        "rules": ["TRU-14"],
        "absent": [],
        "why": None,
        "source": ERRORS["EXCH-07"].source,
    }


def test_own_rules_and_own_answers_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine, facts = tmp_path / "mine", tmp_path / "facts"
    mine.mkdir()
    facts.mkdir()
    text = next(data_folder("rules").glob("stp/STP-01-*")).read_text(encoding="utf-8")
    text = text.replace('"STP-01"', '"X-NEW-01"').replace("exchange-guid-not-stamped", "new-problem").replace('"EXCH-08"', '"EXCH-99"')
    (mine / "X-NEW-01-new-problem.toml").write_text(text, encoding="utf-8", newline="\n")
    assert main(["rules", "coverage", "--rules", str(mine)]) == 2
    assert "'EXCH-99' is not in reference/errors.toml" in capsys.readouterr().err
    bundled = (Path(load_reference.__code__.co_filename).parent / "errors.toml").read_text(encoding="utf-8")
    added = '\n[[error]]\nname = "EXCH-99"\nkind = "code"\nroute = "mrs"\ndocumented = true\nmeaning = "New."\nrules = ["STP-01"]\n'
    (facts / "errors.toml").write_text(
        f'{bundled}{added}source = "https://example.com/"\nconfidence = "low"\n', encoding="utf-8", newline="\n"
    )
    assert main(["rules", "coverage", "--rules", str(mine), "--reference", str(facts), "--json"]) == 0
    told = {entry["name"]: entry["rules"] for entry in json.loads(capsys.readouterr().out)["errors"]}
    assert told["EXCH-99"] == ["X-NEW-01"]
    assert "X-NEW-01" in told["MissingExchangeGuidException"]
