"""The commands that README and documentation show: blocks of `console`, and code spans in the text."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"))}
BLOCK = re.compile(r"^(<!-- needs (?:the network|a tenant) -->\n)?```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`(ctm-audit [^`]*)`")
RUN_NAME = re.compile(r"\b\d{4}-\d\d-\d\d-[a-z-]+-([0-9a-f]{12})\b")


@dataclass(frozen=True)
class Command:
    """One line that a reader types; with `outside` it meets a tenant or the network and is only parsed."""

    words: list[str]
    outside: bool


@dataclass(frozen=True)
class Block:
    """One block of `console`: its commands, and what a session shows as their answer."""

    commands: tuple[Command, ...]
    answer: tuple[str, ...]


def blocks_of(page: str) -> list[Block]:
    """The blocks of a page in their order; in a session, lines after `$ ` are typed and the others are the answer."""
    return [_block(body, bool(marker)) for marker, body in BLOCK.findall(PAGES[page].read_text(encoding="utf-8"))]


def _block(body: str, outside: bool) -> Block:
    lines = [line for line in body.splitlines() if line]
    is_session = lines[0].startswith("$ ")
    typed = [line.removeprefix("$ ") for line in lines if not is_session or line.startswith("$ ")]
    answer = tuple(line for line in lines if is_session and not line.startswith("$ "))
    return Block(tuple(Command(shlex.split(line, comments=True), outside) for line in typed), answer)


def spans() -> list[tuple[str, str]]:
    """Every `ctm-audit …` in the text of a page, with the page; those of the rules and the decisions too."""
    files = [*PAGES.values(), *sorted((ROOT / "docs").glob("*/*.md")), *ROOT.glob("*.md")]
    found = {(path.relative_to(ROOT).as_posix(), span) for path in files for span in SPAN.findall(path.read_text(encoding="utf-8"))}
    return sorted(found)
