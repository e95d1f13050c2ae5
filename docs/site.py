"""Hooks of MkDocs: a folder in the navigation stands for its pages, and a page that begins with a comment has its heading as title."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parent
COMMENT = re.compile(r"\A<!--.*?-->\s*", re.DOTALL)


def on_config(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration, each entry of `nav` that ends in a slash replaced by the pages of that folder in the order of their names."""
    config["nav"] = _filled(config["nav"])
    return config


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page from its heading on: MkDocs looks for the title in the first line."""
    return COMMENT.sub("", markdown)


def _filled(entry: Any) -> Any:
    if isinstance(entry, list):
        return [_filled(one) for one in entry]
    if isinstance(entry, dict):
        return {title: _filled(one) for title, one in entry.items()}
    return [page.relative_to(PAGES).as_posix() for page in sorted(PAGES.glob(f"{entry}*.md"))] if entry.endswith("/") else entry
