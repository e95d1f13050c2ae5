"""The cutover report as one self-contained page, made of the bundles alone; it has no script, and nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ctm_audit.bundled import data_folder
from ctm_audit.dns.verified import Verified
from ctm_audit.project import Project
from ctm_audit.report.cutover_view import cutover_view
from ctm_audit.report.html import STYLE, environment, style_policy
from ctm_audit.rulebook.rule import Rule
from ctm_audit.whole_files import whole_file

TEMPLATE = "cutover.html.j2"
OWN_STYLE = "cutover.css"


def write_cutover(path: Path, project: Project, found: Sequence[Verified], rules: Sequence[Rule], run: Mapping[str, Any] | None) -> None:
    """Write the page, under a temporary name first; what stood there is replaced. The same bundles and clock give the same bytes."""
    with whole_file(path) as fresh:
        fresh.write_text(render_cutover(project, found, rules, run), encoding="utf-8", newline="\n")


def render_cutover(project: Project, found: Sequence[Verified], rules: Sequence[Rule], run: Mapping[str, Any] | None) -> str:
    """The page. Its style is that of the readiness report, with what only this page needs."""
    folder = data_folder("reports")
    style = Markup("\n".join((folder / name).read_text(encoding="utf-8") for name in (STYLE, OWN_STYLE)))
    view = cutover_view(project, found, rules, run)
    return environment(folder).get_template(TEMPLATE).render(report=view, style=style, policy=style_policy(style))
