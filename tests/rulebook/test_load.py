"""Every fault of every rule file at once, each with its file, line and a sentence."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ctm_audit.bundled import data_folder
from ctm_audit.errors import UsageError
from ctm_audit.model import Step
from ctm_audit.rulebook.load import digest_of, load_book

RULE = """\
id       = "STP-77"
slug     = "made-up"
title    = "Something is wrong"
gate     = "stamping"
blocks   = ["submit", "assess"]
warns    = []
waivable = true
masked_by = []
over     = "pairs"
applies  = "stage <> 'moved'"
passes   = "source.upn = 'a'"
expected = "'a'"
found    = "source.upn"
owner    = "target-admin"
fix_kind = "script"
fix      = "Repair it."
command  = "Set-MailUser -Identity <target.upn> -Name <expected>"
shell    = "exo"
predicts = ["EXCH-08"]
why      = "Because it would fail."
sources  = ["https://learn.microsoft.com/microsoft-365/"]

[[case]]
name = "right"
is   = "pass"
[[case.pairs]]
stage = "prepared"
source.upn = "a"

[[case]]
name = "wrong"
is   = "fail"
[[case.pairs]]
stage = "prepared"
source.upn = "b"

[[case]]
name = "unknown"
is   = "undetermined"
[[case.pairs]]
stage = "prepared"
"""
GATES = '[[gate]]\nid = "stamping"\ntitle = "Stamped"\nphase = "before"\norder = 1\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    book = tmp_path / "rules"
    (book / "stp").mkdir(parents=True)
    write(book / "gates.toml", GATES)
    write(book / "stp" / "STP-77-made-up.toml", RULE)
    return book


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def faults(book: Path, extra: Path | None = None) -> list[str]:
    with pytest.raises(UsageError) as refused:
        load_book(book, extra)
    assert refused.value.exit_code == 2
    return list(refused.value.detail)


def test_a_sound_book_loads(folder: Path) -> None:
    book = load_book(folder)
    rule = book.rule("stp-77").rule
    assert rule.blocks == (Step.ASSESS, Step.SUBMIT)
    assert rule.file == "rules/stp/STP-77-made-up.toml"
    assert rule.applies == "stage <> 'moved'"
    assert [case.verdict for case in rule.cases] == ["pass", "fail", "undetermined"]
    assert [case.line for case in rule.cases] == [23, 30, 37]
    assert book.checked[0].mastered_on_premises is None


def line(old: str, new: str) -> Callable[[str], str]:
    assert old in RULE
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (line("waivable = true\n", 'waivable = true\ncolour = "red"\n'), ":8:10: `colour` is not a key of a rule"),
        (line('title    = "Something is wrong"\n', ""), ":1:1: `title` is missing"),
        (line("waivable = true", 'waivable = "yes"'), ":7:12: `waivable` true or false is needed, this is text"),
        (line('["submit", "assess"]', '"submit"'), ":5:12: `blocks` an array of texts is needed, this is text"),
        (line('["submit", "assess"]', '["submitt"]'), "'submitt' is not one of assess, prepare, submit"),
        (line('["submit", "assess"]', '["submit", "submit"]'), "`blocks` names something twice"),
        (line("warns    = []", 'warns    = ["submit"]'), ":6:12: `warns` and `blocks` both name submit"),
        (line('"STP-77"', '"stp-77"'), "does not have the form ABC-01"),
        (line('"STP-77"', '"STP-077"'), "does not have the form ABC-01"),
        (line('"STP-77"', '"X-77"'), "does not have the form ABC-01"),
        (line('"made-up"', '"Made Up"'), "does not have the form small-letters-and-dashes"),
        (line('"made-up"', '"otherwise"'), ":1:12: the file of this rule is stp/STP-77-otherwise.toml"),
        (line('"STP-77"', '"MBX-77"'), ":1:12: the file of this rule is mbx/MBX-77-made-up.toml"),
        (line('"Something is wrong"', '""'), "`title` must not be empty"),
        (line('"Something is wrong"', '"Something is wrong."'), "without a full stop"),
        (line('"Something is wrong"', '"' + "a" * 121 + '"'), "at most 120 characters"),
        (line('"Because it would fail."', '"  "'), "`why` must not be empty"),
        (line('"Repair it."', "7"), "`fix` text in quotes is needed, this is a number"),
        (line('"stamping"', '"stamps"'), ":4:12: `gate` stamps is not in gates.toml"),
        (line("masked_by = []", 'masked_by = ["IDN-99"]'), "`masked_by` IDN-99 is no rule"),
        (line("masked_by = []", 'masked_by = ["STP-77"]'), "`masked_by` names the rule itself"),
        (line('"pairs"\napplies', '"mailboxes"\napplies'), "'mailboxes' is not one of pairs, tenants, seats"),
        (line('"target-admin"', '"somebody"'), "'somebody' is not one of source-admin, target-admin"),
        (line('"script"', '"magic"'), "'magic' is not one of script, manual, legal, irreversible"),
        (line('shell    = "exo"\n', ""), "`command` and `shell` stand together"),
        (line('command  = "Set-MailUser -Identity <target.upn> -Name <expected>"\n', ""), "`command` and `shell` stand together"),
        (line("Set-MailUser -Identity", "Remove-MailUser -Identity"), "`command` has Remove-M, which no script may hold"),
        (line("-Name <expected>", "-Name \u2018a\u2019"), "`command` must be one line of printable ASCII"),
        (line("-Name <expected>", "-Name <expected>\\nSet-It"), "`command` must be one line of printable ASCII"),
        (line("waivable = true\n", 'waivable = true\nhow_to = "The usual how-to does this"\n'), "`how_to` must be one sentence"),
        (line('"exo"', '"bash"'), "'bash' is not one of exo, compliance, graph, on-premises"),
        (line("<target.upn>", "<target.name>"), ":17:12: `command`: <target.name> is no field of pairs"),
        (line('"https://learn.microsoft.com/microsoft-365/"', ""), "needs at least one https link"),
        (line('"https://learn.microsoft.com/microsoft-365/"', '"http://learn.microsoft.com/"'), "is no https link"),
        (line('"https://learn.microsoft.com/microsoft-365/"', '"https://a b"'), "is no https link"),
        (line("expected = \"'a'\"\n", ""), "`expected` is missing"),
        (
            line("source.upn = 'a'\"", "lower(source.upn) = 'a'\""),
            ":11:13: `passes`, character 1: `lower` is not part of the rule language",
        ),
        (line("stage <> 'moved'", "stage <> upn"), ":10:22: `applies`, character 10: pairs has no field upn"),
        (line('"source.upn"\nowner', '"target.smtp"\nowner'), "`found`: the expression gives a list of texts"),
        (line("source.upn = 'a'\"", "source.upn = '" + "a" * 1000 + "'\""), "at most 1,000 are allowed"),
        (line('is   = "fail"', 'is   = "pass"'), ":1:1: needs at least one case that is fail"),
        (line('is   = "undetermined"', 'is   = "unknown"'), ":39:8: `is` of a case: 'unknown' is not one of pass, fail"),
        (line('name = "wrong"', 'name = "right"'), ":30:1: two cases are called 'right'"),
        (line('name = "wrong"\n', ""), ":30:1: `name` of a case: it is missing"),
        (line('source.upn = "b"', 'source.upm = "b"'), ":35:14: pairs has no field source.upm"),
        (line('source.upn = "b"', "source.upn = 7"), ":35:14: source.upn: a value of type VARCHAR is needed, this is a number"),
        (line('source.upn = "b"', 'source.smtp = "b"'), "source.smtp: a value of type VARCHAR[] is needed, this is text"),
        (line('source.upn = "b"', "source.hits = true"), "source.hits: a value of type BIGINT is needed, this is true or false"),
        (line('source.upn = "b"', "source.hits = 9223372036854775808"), "source.hits: a value of type BIGINT is needed"),
        (line('source.upn = "b"', "project.now = 2027-01-01T00:00:00Z"), "project facts stand under [case.project]"),
        (line('source.upn = "b"', "[case.project]\nnoww = 2027-01-01T00:00:00Z"), "project has no field project.noww"),
        (line('source.upn = "b"', '[[case.target_mailbox]]\nupn = "b"'), "there is no relation target_mailbox"),
        (line('source.upn = "b"', '[case.target_domains]\nname = "b"'), "rows of target_domains stand under [[case.target_domains]]"),
        (line('source.upn = "b"', '[case.incomplete]\ntarget_domains = "cut"'), "the case has no rows of it"),
        (line('source.upn = "b"', "[case.incomplete]\npairs = 7"), "[case.incomplete] holds lines"),
        (line('[[case.pairs]]\nstage = "prepared"\nsource.upn = "b"', "pairs = []"), ":30:1: a case needs a row to judge: [[case.pairs]]"),
        (lambda text: text + "\n[[case\n", ": this is not TOML"),
        (lambda text: text[: text.index("[[case]]")] + "case = 7\n", ":23:8: needs cases, each under [[case]]"),
        (lambda text: text.replace("Because it would fail.", "Because \udce9"), "is no character of utf-8"),
    ],
)
def test_names_each_fault_in_its_place(folder: Path, change: Callable[[str], str], told: str) -> None:
    path = folder / "stp" / "STP-77-made-up.toml"
    path.write_bytes(change(RULE).encode("utf-8", "surrogateescape"))
    found = faults(folder)
    assert any(told in fault for fault in found), found
    assert all(fault.startswith("rules/stp/STP-77-made-up.toml") for fault in found)


def test_tells_all_faults_of_all_files_at_once(folder: Path) -> None:
    broken = RULE.replace('"Something is wrong"', "7").replace('"target-admin"', '"nobody"').replace('source.upn = "b"', "source.upm = 1")
    write(folder / "stp" / "STP-77-made-up.toml", broken)
    write(
        folder / "stp" / "STP-78-second.toml", RULE.replace("STP-77", "STP-78").replace("made-up", "second").replace("= 'a'\"", 'is null"')
    )
    write(folder / "stp" / "STP-79-third.toml", "id = ")
    files = [re.sub(r"rules/stp/STP-(\d\d).*", r"\1", fault) for fault in faults(folder)]
    assert files == ["77", "77", "77", "78", "79"]


def test_a_file_that_cannot_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, read = folder / "stp" / "STP-77-made-up.toml", Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert [fault.split(":")[0] for fault in faults(folder)] == ["rules/stp/STP-77-made-up.toml"]


def test_ids_and_slugs_are_used_once(folder: Path) -> None:
    (folder / "mbx").mkdir()
    write(folder / "stp" / "STP-78-made-up.toml", RULE.replace("STP-77", "STP-78"))
    assert faults(folder) == ["rules/stp/STP-78-made-up.toml:2:12: `slug` made-up is also that of rules/stp/STP-77-made-up.toml"]


def test_masks_do_not_go_round_in_a_ring(folder: Path) -> None:
    write(folder / "stp" / "STP-77-made-up.toml", RULE.replace("masked_by = []", 'masked_by = ["STP-78"]'))
    other = RULE.replace("STP-77", "STP-78").replace("made-up", "second").replace("masked_by = []", 'masked_by = ["STP-77"]')
    write(folder / "stp" / "STP-78-second.toml", other)
    assert any("goes round in a ring" in fault for fault in faults(folder))


def test_a_rule_whose_file_is_faulty_is_still_a_rule_to_others(folder: Path) -> None:
    write(folder / "stp" / "STP-77-made-up.toml", RULE.replace("masked_by = []", 'masked_by = ["STP-78"]'))
    write(folder / "stp" / "STP-78-second.toml", "id = ")
    (fault,) = faults(folder)
    assert fault.startswith("rules/stp/STP-78-second.toml")


def test_without_readable_gates_nothing_is_said_about_the_gates_of_rules(folder: Path) -> None:
    write(folder / "gates.toml", "[[gate\n")
    (fault,) = faults(folder)
    assert fault.startswith("rules/gates.toml: this is not TOML")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "`gate` stamping is not in gates.toml"),
        ("[[gate]]\nid = 7\n", "gate 1: a gate has exactly the keys id, title, phase and order"),
        (GATES + GATES, "two gates have the id stamping"),
        (GATES.replace('"before"', '"during"'), "gate 1: 'during' is not one of before, after"),
        (GATES.replace("order = 1", "order = true"), "gate 1: `order` is a number"),
        ("gate = 7\n", "gates stand under [[gate]]"),
        ("gate = [7]\n", "gates stand under [[gate]]"),
        ("[[gate\n", "rules/gates.toml: this is not TOML"),
    ],
)
def test_faults_of_the_gates(folder: Path, text: str, told: str) -> None:
    write(folder / "gates.toml", text)
    assert any(told in fault for fault in faults(folder))


def test_a_book_without_gates_is_no_book(folder: Path) -> None:
    (folder / "gates.toml").unlink()
    assert any("gates.toml" in fault for fault in faults(folder))


def foreign(text: str = RULE) -> str:
    return text.replace('"STP-77"', '"X-ACME-1"').replace('"made-up"', '"own-thing"')


def test_other_peoples_rules_join_the_book(folder: Path, tmp_path: Path) -> None:
    extra = tmp_path / "acme"
    extra.mkdir()
    write(extra / "X-ACME-1-own-thing.toml", foreign())
    book = load_book(folder, extra)
    assert [rule.id for rule in book.rules] == ["STP-77", "X-ACME-1"]
    assert book.rule("X-ACME-1").rule.file == "acme/X-ACME-1-own-thing.toml"
    assert book.digest == load_book(folder).digest
    assert book.extra_digest == digest_of(extra) != ""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("STP-77-made-up.toml", RULE, "rules of other people begin with X-"),
        ("X-ACME-1-made-up.toml", foreign().replace('"own-thing"', '"made-up"'), "is also that of"),
        ("X-ACME-1-own-thing.toml", foreign().replace('"X-ACME-1"', '"X-acme"'), "rules of other people begin with X-"),
        ("other.toml", foreign(), "the file of this rule is X-ACME-1-own-thing.toml"),
        ("X-ACME-1-own-thing.toml", foreign().replace('"stamping"', '"own-gate"'), "`gate` own-gate is not in gates.toml"),
        ("gates.toml", GATES, "`gate` text in quotes is needed"),
    ],
)
def test_other_peoples_rules_shadow_nothing(folder: Path, tmp_path: Path, name: str, text: str, told: str) -> None:
    extra = tmp_path / "acme"
    extra.mkdir()
    write(extra / name, text)
    found = faults(folder, extra)
    assert all(fault.startswith("acme/") for fault in found)
    assert any(told in fault for fault in found)


def test_a_missing_folder_of_other_rules_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder of rules"):
        load_book(folder, tmp_path / "nowhere")


def test_an_unknown_rule_names_its_family(folder: Path) -> None:
    with pytest.raises(UsageError) as refused:
        load_book(folder).rule("STP-01")
    assert refused.value.detail == ("STP-77",)


def test_the_digest_is_the_same_from_a_wheel_and_from_a_windows_checkout(tmp_path: Path) -> None:
    other = tmp_path / "copy"
    shutil.copytree(data_folder("rules"), other)
    for path in other.rglob("*.toml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert digest_of(other) == digest_of(data_folder("rules"))
    assert load_book(other).rules
    path = next(other.rglob("STP-*.toml"))
    path.write_bytes(path.read_bytes() + b"#\n")
    assert digest_of(other) != digest_of(data_folder("rules"))
    assert digest_of(other) == digest_of(other)


def test_the_digest_knows_names(folder: Path) -> None:
    before = digest_of(folder)
    (folder / "stp" / "STP-77-made-up.toml").rename(folder / "stp" / "STP-77-made-down.toml")
    assert digest_of(folder) != before
