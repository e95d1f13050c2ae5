"""`ctm-audit rules`: what a person and a pipeline get, and exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.cli.main import main
from ctm_audit.evidence.relations import JUDGED
from ctm_audit.rulebook.load import load_book

BOOK = load_book(data_folder("rules"))


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["rules", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(capsys, *arguments, "--json")[1])
    assert found["format_version"] == "1"
    return found


def test_list_shows_every_rule_gate_by_gate(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "list")
    assert code == 0
    assert all(f"{rule.id} " in out and rule.title in out for rule in BOOK.rules)
    assert out.index("access:") < out.index("licensing:") < out.index("batch:")
    assert BOOK.digest[:12] in err


def test_list_narrows_by_gate_and_step(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "list", "--gate", "stamping", "--step", "complete")
    assert found["rulebook"] == {"digest": BOOK.digest, "rules": len(BOOK.rules)}
    assert [rule["id"] for rule in found["rules"]] == [
        rule.id for rule in BOOK.rules if rule.gate == "stamping" and "complete" in rule.blocks
    ]
    assert set(found["rules"][0]) == {"id", "slug", "title", "gate", "blocks", "warns", "owner"}


def test_an_unknown_gate_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "list", "--gate", "stampings")
    assert code == 2
    assert out == ""
    assert "stamping, domains" in err


def test_show_prints_the_rule_and_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "show", "stp-05")
    assert code == 0
    assert "list_contains(target.x500, source.legacy_exchange_dn_key)" in out
    assert "* source Get-Mailbox: " in out


def test_show_of_an_unknown_rule_names_its_family(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = answer(capsys, "show", "STP-99")
    assert code == 2
    assert "There is no rule STP-99" in err
    assert "STP-05" in err


def test_check_passes_over_the_whole_book(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "check")
    assert [rule["faults"] for rule in found["rules"]] == [[]] * len(BOOK.rules)


def test_one_rule_is_tested(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "test", "STP-05")
    assert (code, out) == (0, "1 rule, 9 cases: no faults\n")


def test_own_rules_are_written_filled_in_and_tested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "new", "X-ACME-1", "--slug", "no-nickname", "--over", "pairs", "-o", str(tmp_path))
    path = tmp_path / "X-ACME-1-no-nickname.toml"
    assert (code, out) == (0, f"written: {path}\n")
    assert f"--rules {tmp_path}" in err
    code, out, _ = answer(capsys, "test", "X-ACME-1", "--rules", str(tmp_path))
    assert code == 2
    assert out.count(f"{tmp_path.name}/{path.name}:") == 3, "each case of a new rule fails until somebody fills it in"
    assert out.count(": should be") == 3
    text = (
        path.read_text(encoding="utf-8")
        .replace('"FILL IN, OR TAKE THIS LINE OUT"', "")
        .replace("\nsource.recipient_type_details = \n", "\n")
    )
    right, wrong = text.index("FILL IN"), text.rindex("WHAT IS RIGHT")
    text = text[:right] + "WHAT IS RIGHT" + text[right + len("FILL IN") : wrong] + "wrong" + text[wrong + len("WHAT IS RIGHT") :]
    path.write_text(text, encoding="utf-8")
    assert answer(capsys, "test", "X-ACME-1", "--rules", str(tmp_path))[:2] == (0, "1 rule, 3 cases: no faults\n")


@pytest.mark.parametrize("over", JUDGED)
def test_a_new_rule_of_the_product_goes_to_its_family(tmp_path: Path, capsys: pytest.CaptureFixture[str], over: str) -> None:
    book = tmp_path / "rules"
    shutil.copytree(data_folder("rules"), book)
    assert answer(capsys, "new", "MBX-99", "--slug", "names-the-problem", "--over", over, "-o", str(book))[0] == 0
    assert load_book(book).rule("MBX-99").rule.file == "rules/mbx/MBX-99-names-the-problem.toml"


def test_a_new_rule_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("new", "X-ACME-1", "--slug", "no-nickname", "--over", "pairs", "-o", str(tmp_path))
    answer(capsys, *arguments)
    (path,) = tmp_path.iterdir()
    path.write_text("mine", encoding="utf-8")
    for slug in ("no-nickname", "another-name"):
        code, _, err = answer(capsys, *arguments[:3], slug, *arguments[4:])
        assert code == 2
        assert "Nothing is overwritten" in err
    assert path.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_names_of_a_new_rule_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = answer(capsys, "new", "../x", "--slug", "Two Words", "--over", "mailboxes", "-o", str(tmp_path))
    assert code == 2
    assert err.count("\n  ") == 3
    assert not list(tmp_path.iterdir())


def test_faults_of_other_peoples_rules_are_told_with_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "X-ACME-1-broken.toml").write_text('id = "X-ACME-1"\n', encoding="utf-8")
    code, out, err = answer(capsys, "check", "--rules", str(tmp_path))
    assert code == 2
    assert out == ""
    assert f"{tmp_path.name}/X-ACME-1-broken.toml:1:1: `passes` is missing" in err
