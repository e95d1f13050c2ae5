"""What README and documentation show is run: each page's commands in their order, in a copy of the broken example.

A page that begins with `init` begins in an empty folder beside the exports; the project file and the mapping are then filled in as
the example has them. The runs that a page names are copies of one that exists. A few rules judge here: this is about commands.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import click
import pytest

from ctm_audit import api
from ctm_audit.bundled import data_folder
from ctm_audit.cli.main import cli, main
from ctm_audit.project import load
from ctm_audit.report.console import verdict_lines
from ctm_audit.rulebook.load import RuleBook, load_book
from tests.docs.pages import PAGES, ROOT, RUN_NAME, Block, Command, blocks_of, spans

EXAMPLE = ROOT / "examples" / "contoso-to-fabrikam" / "broken"
EXPORTS = {"exports-from-contoso": "source", "exports-from-fabrikam": "target"}
ZIPS = {"from-contoso": "source", "from-fabrikam": "target"}
SHOWN = [page for page in PAGES if blocks_of(page)]
ANSWERED = {0, 1, 3}
"""Exit codes of a command that did what it says, whatever the verdict is."""
FEW = {"STP-01", "STP-05", "IDN-03", "DOM-05", "STP-14", "MBX-12W"}


@pytest.fixture(scope="module")
def few_rules() -> RuleBook:
    """The rule book of which only a few rules are judged, and those that the example states something of."""
    book = load_book(data_folder("rules"))
    return dataclasses.replace(book, checked=tuple(one for one in book.checked if one.rule.attest or one.rule.id in FEW))


def begins_with_init(blocks: list[Block]) -> bool:
    return any(command.words[:2] == ["ctm-audit", "init"] for block in blocks for command in block.commands)


def prepare(folder: Path, page: str, audited: Path) -> None:
    """The folder in which a reader of the page stands."""
    if not begins_with_init(blocks_of(page)):
        shutil.copytree(audited, folder)
    folder.mkdir(exist_ok=True)
    for name, side in EXPORTS.items():
        shutil.copytree(EXAMPLE / side, folder / name)
    for name, side in ZIPS.items():
        shutil.make_archive(str(folder / name), "zip", EXAMPLE / side)


def fill_in(folder: Path) -> None:
    """What a person writes after `init`."""
    for path in EXAMPLE.glob("*.*"):
        if path.is_file():
            shutil.copy(path, folder / path.name)


def supply_runs(folder: Path, page: str) -> None:
    """Once there is a run, one under each name that the page uses."""
    names = [found.group() for block in blocks_of(page) for one in block.commands for word in one.words if (found := RUN_NAME.search(word))]
    for real in sorted(folder.glob("runs/*"))[:1]:
        for name in names:
            if not (folder / "runs" / name).exists():
                shutil.copytree(real, folder / "runs" / name)


def only_parse(words: list[str]) -> None:
    """Refuse what click would refuse, and call nothing."""
    context = cli.make_context("ctm-audit", words)
    command: click.Command = cli
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        command, context = found, found.make_context(name, rest, parent=context)


@pytest.mark.slow
@pytest.mark.parametrize("page", SHOWN)
def test_every_command_of_a_page_answers(
    page: str, broken_project: Path, few_rules: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    prepare(folder, page, broken_project)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(api, "load_book", lambda *_: few_rules)
    for block in blocks_of(page):
        for command in block.commands:
            supply_runs(folder, page)
            assert answers(command, folder), f"{page}: {' '.join(command.words)}"


def answers(command: Command, folder: Path) -> bool:
    """True when the command did what it says; nobody can try another program here."""
    program, *words = command.words
    if program == "make":
        return f"\n{words[0]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    if command.outside:
        only_parse(words)
        return True
    code = main(words)
    if words[0] == "init":
        fill_in(folder)
    return program == "ctm-audit" and code in ANSWERED


def test_every_command_that_a_text_names_exists() -> None:
    assert [f"{page}: `{span}`" for page, span in spans() if not exists(span)] == []


def exists(span: str) -> bool:
    """True when the command is one of ours and has the options that the text gives it."""
    words = span.partition("|")[0].split()[1:]
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith(("-", "…")):
        found = command.get_command(click.Context(command), words.pop(0))
        if found is None:
            return False
        command = found
    options = {"--help", *(name for parameter in command.params for name in parameter.opts)}
    return {word.partition("=")[0] for word in words if word.startswith("-")} <= options


def masked(line: str) -> str:
    """A line without what differs from one rule book to the next: numbers, and the gates of each state."""
    line = re.sub(r"^(closed|undetermined|open|not required) .*", r"\1", line)
    return re.sub(r"\d+", "0", line)


def test_the_answer_in_the_readme_is_what_the_demo_says(broken_project: Path) -> None:
    printed = {masked(line.text) for line in verdict_lines(api.load_run(project=broken_project).document)}
    shown = [masked(line) for line in blocks_of("README.md")[0].answer[:-1] if not line.startswith((" ", "..."))]
    assert [line for line in shown if line not in printed] == []


def test_the_project_of_the_first_ten_minutes_is_one(tmp_path: Path) -> None:
    text = PAGES["docs/getting-started.md"].read_text(encoding="utf-8")
    settings = re.findall(r"^```toml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (mapping,) = re.findall(r"^```csv\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    waves = "".join(f'[[wave]]\nname = "{name}"\n' for name in ("pilot", "1"))
    (tmp_path / "ctm-audit.toml").write_text('[project]\nname = "ours"\n' + "".join(settings) + waves, encoding="utf-8")
    (tmp_path / "mapping.csv").write_text(mapping, encoding="utf-8")
    project, rows = load(tmp_path / "ctm-audit.toml", {})
    assert (project.name, len(rows.rows)) == ("ours", 2)
