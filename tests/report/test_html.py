"""The page as text: what browsers are told to allow, and that nothing else is asked of them."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise
from types import ModuleType

import pytest
from jinja2 import UndefinedError

from ctm_audit.bundled import data_folder
from ctm_audit.report import facts, findings_shown, mailboxes_view
from ctm_audit.report.html import SCRIPT, STYLE, environment
from tests.report import sample
from tests.report.written import page as render

VOID = {"meta", "input", "br", "path", "circle", "rect"}


class Page(HTMLParser):
    """Collects every tag with its attributes, and notices tags that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.inline: dict[str, str] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"style", "script"}:
            self.inline[self.open[-1]] = self.inline.get(self.open[-1], "") + data
        elif "template" not in self.open:
            self.text += data

    def all(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def page(page_html: str) -> Page:
    return Page(page_html)


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_exactly_our_style_and_script(page: Page) -> None:
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert told == {
        "default-src": "'none'",
        "style-src": digest(page.inline["style"]),
        "script-src": digest(page.inline["script"]),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert len(page.all("style")) == len(page.all("script")) == 1


def test_nothing_is_fetched_and_nothing_inline_may_run(page: Page) -> None:
    attributes = [(tag, name, value) for tag, given in page.tags for name, value in given.items()]
    assert [
        entry for entry in attributes if entry[1].startswith("on") or entry[1] in {"style", "src", "srcset", "action", "formaction"}
    ] == []
    links = {value for tag, name, value in attributes if name == "href"}
    assert all(link.startswith(("#", "https://")) for link in links)
    assert {tag for tag, _ in page.tags} & {"link", "img", "iframe", "object", "embed", "form", "base", "video", "audio"} == set()


def test_every_link_into_the_page_arrives(page: Page) -> None:
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert {given["href"][1:] for given in page.all("a") if given["href"].startswith("#")} <= set(ids)
    assert {"STP-05", "ACC-01", "mailbox/adele.vance@contoso.com"} <= set(ids)


def test_all_tags_are_closed(page: Page) -> None:
    assert page.open == []


def test_headings_leave_out_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_head_has_a_scope(page: Page) -> None:
    assert {given.get("scope") for given in page.all("th")} == {"col", "row"}


def test_our_files_end_no_element_and_fetch_nothing() -> None:
    for name in (STYLE, SCRIPT):
        text = (data_folder("reports") / name).read_text(encoding="utf-8").lower()
        assert not re.search(r"</|<!--|url\(|@import|https?:|innerhtml|insertadjacent|document\.write|\beval\b|fetch\(", text)


def test_the_same_run_gives_the_same_bytes(page_html: str) -> None:
    run = sample.run()
    run["clock"] = {"started_at": "2031-05-06T07:08:09Z", "finished_at": "2031-05-06T07:08:10Z"}
    assert render(run, sample.findings(), sample.mailboxes()) == page_html
    assert "\r" not in page_html


def test_a_value_that_is_missing_raises() -> None:
    template = environment(data_folder("reports")).from_string("{{ report.verdict.nothing }}")
    with pytest.raises(UndefinedError):
        template.render(report={"verdict": {}})


def test_a_value_that_is_none_raises() -> None:
    template = environment(data_folder("reports")).from_string("{{ report.wave }}")
    with pytest.raises(ValueError, match="reached the page"):
        template.render(report={"wave": None})


def many(number: int) -> Page:
    return Page(render(*sample.with_many(number)))


def test_a_page_lists_first_as_text_what_it_holds_in_chunks() -> None:
    made = many(300)
    assert sum(given.get("id", "").startswith("mailbox/") for given in made.all("tr")) == 100
    assert len([given for given in made.all("li") if given.get("class") == "finding"]) == 20
    assert [given["data-chunk"] for given in made.all("template")] == ["300", "300", "300", ""]
    assert "left out" not in made.text
    assert "Above: the first 20. A browser that runs scripts shows all; findings.csv holds them all." in made.text


def test_a_page_says_what_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings_shown, "MOST_A_RULE", 250)
    monkeypatch.setattr(mailboxes_view, "MOST_LISTED", 200)
    monkeypatch.setattr(facts, "MOST_MAILBOXES", 150)
    made = many(300)
    assert [given["data-chunk"] for given in made.all("template")] == ["250", "200", "150", ""]
    assert "50 more objects are not on this page, which would be too large; findings.csv and findings.parquet hold them all." in made.text
    assert "100 mailboxes not on this page" in made.text
    assert "The facts of 150 mailboxes are on this page" in made.text


@pytest.mark.parametrize(("module", "left"), [(findings_shown, "280 more objects are not"), (mailboxes_view, "200 mailboxes not on")])
def test_a_page_never_grows_beyond_its_size(monkeypatch: pytest.MonkeyPatch, module: ModuleType, left: str) -> None:
    monkeypatch.setattr(module, "CHARACTERS", 100)
    assert left in many(300).text


def test_a_source_that_is_no_https_address_is_no_link() -> None:
    run = sample.run()
    run["rules"][2]["sources"] = ["javascript:alert(1)", "https://example.com/<x>"]
    text = render(run, sample.findings(), sample.mailboxes())
    assert 'href="javascript' not in text
    assert 'href="https://example.com/&lt;x&gt;"' in text


@pytest.mark.parametrize("ready", [True, None])
def test_every_verdict_renders(ready: bool | None) -> None:
    text = render(sample.with_verdict(ready), [], sample.mailboxes())
    assert f"<title>{'Ready' if ready else 'Undetermined'} for submit" in text


def test_a_run_over_nothing_renders() -> None:
    nothing = dict.fromkeys(("total", "ready", "blocked", "undetermined", "moved"), 0)
    text = render(sample.with_verdict(None) | {"mailboxes": nothing, "evidence": [], "wave": None}, [], [])
    assert text.count("The mapping names no mailbox for this audit.") == 2
