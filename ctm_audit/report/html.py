"""The report as one self-contained page: same run record, same bytes; nothing is fetched, nothing inline may run."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ctm_audit.bundled import data_folder
from ctm_audit.engine.runs import RunRecord
from ctm_audit.report import words
from ctm_audit.report.verdict_view import AT_FIRST
from ctm_audit.report.view import report_view
from ctm_audit.whole_files import whole_file

TEMPLATE = "readiness.html.j2"
STYLE = "readiness.css"
SCRIPT = "readiness.js"


def write_page(record: RunRecord, path: Path) -> None:
    """Write the HTML page of a run, under a temporary name first; what stood there is replaced. The same run gives the same bytes."""
    with whole_file(path) as fresh:
        fresh.write_text(render(record), encoding="utf-8", newline="\n")


def render(record: RunRecord) -> str:
    """The HTML page of a run, in line ends of one character.

    Raises KeyError when the run record lacks a key, and jinja2.UndefinedError when a template asks for one that no view has.
    """
    folder = data_folder("reports")
    style, script = (_asset(folder / name) for name in (STYLE, SCRIPT))
    page = environment(folder).get_template(TEMPLATE)
    return page.render(report=report_view(record), style=style, script=script, policy=policy(style, script))


@cache
def environment(folder: Path) -> Environment:
    """The Jinja environment of the templates in `folder`: it escapes everything, and a missing value raises.

    There is one for all pages of a process, which compiles each template once.
    """
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_told,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"at_first": AT_FIRST, "counted": words.counted, "mailboxes_in_words": words.mailboxes}
    return made


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy under which only this very style and this very script count.

    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
    """
    return f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; base-uri 'none'; form-action 'none'"


def style_policy(style: str) -> str:
    """The policy of a page that has no script."""
    return f"default-src 'none'; style-src {_source(style)}; base-uri 'none'; form-action 'none'"


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _asset(path: Path) -> Markup:
    """A file of ours as it stands, which ends no element by itself (a test holds that)."""
    return Markup(path.read_text(encoding="utf-8"))


def _told(value: object) -> object:
    """What an expression of a template writes: texts with hidden characters shown; None is never written.

    Texts are escaped afterwards; Markup is what a macro of ours has already escaped.
    """
    if value is None:
        raise ValueError("a value that is not there reached the page")
    return words.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
