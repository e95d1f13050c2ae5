"""The page in Chromium: hostile texts do nothing, nobody is shut out, and it works without a script and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.report import hostile, sample
from tests.report.sample import Record
from tests.report.written import page as render

pytestmark = pytest.mark.browser
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}
SECOND = 1_000
ONE_OF_EACH = ("ACC-01", "STP-05", "MBX-01", "MBX-12", "MBX-12W", "FROM-01")
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, page_html: str) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    texts = {
        "sample": page_html,
        "short": render(*shortened(sample.run(), sample.findings())),
        "ready": render(*shortened(sample.with_verdict(True), [])),
        "undetermined": render(*shortened(sample.with_verdict(None), [])),
        "poisoned": render(*hostile.poisoned_run()),
        "long": render(*hostile.long_run()),
        "many": render(*sample.with_many(300)),
        "many poisoned": render(*hostile.many_poisoned(30)),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8", newline="\n")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture
def open_page(chromium: Browser, pages: dict[str, Path]) -> Iterator[Opener]:
    """Opens a page by name; afterwards nothing may have been said on the console, asked in a dialog, or fetched."""
    contexts, noises = [], []

    def opened(name: str, *, size: str = "wide", scheme: str = "light", script: bool = True, at: str = "") -> Page:
        width, height = SIZES[size]
        options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "java_script_enabled": script}
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5 * SECOND)
        page.on("console", lambda message: noises.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: noises.append(f"error: {error}"))
        page.on("dialog", lambda dialog: noises.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: noises.append(f"request: {request.url}") if request.url != page.url.split("#")[0] else None)
        page.goto(pages[name].as_uri() + at)
        noises[:] = [noise for noise in noises if noise != f"request: {pages[name].as_uri()}"]
        return page

    yield opened
    for context in contexts:
        context.close()
    assert noises == []


def shortened(run: Record, findings: list[Record]) -> tuple[Record, list[Record], list[Record]]:
    """The run with one rule, finding and mailbox of each kind: axe takes its time for every element."""
    run["rules"] = [rule for rule in run["rules"] if rule["id"] in ONE_OF_EACH]
    run["first"] = [act for act in run["first"] if act["rule"] in {None, *ONE_OF_EACH}]
    named = {(finding["rule"], finding["verdict"]): finding for finding in findings if finding["rule"] in ONE_OF_EACH}
    mailboxes = {mailbox["verdict"]: mailbox for mailbox in sample.mailboxes()}
    return run, [*named.values()], [*mailboxes.values()]


def scroll_width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def open_all(page: Page) -> None:
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")


def unpacked(page: Page) -> None:
    """Wait until the page has unpacked all that it holds."""
    page.wait_for_selector("html[data-ready]", state="attached")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["poisoned", "long", "many poisoned"])
def test_hostile_texts_do_nothing(open_page: Opener, name: str, size: str) -> None:
    page = open_page(name, size=size)
    unpacked(page)
    open_all(page)
    page.locator("[data-mailboxes] tbody a").first.click()
    page.wait_for_timeout(200)
    assert page.evaluate("[document.scripts.length, document.querySelectorAll('style, img').length, document.title.length < 2000]") == [
        1,
        1,
        True,
    ]
    handlers = "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => /^on|^style$/.test(a.name)).length"
    assert page.evaluate(handlers) == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert scroll_width(page) <= SIZES[size][0]


def test_hostile_texts_are_shown_as_they_are(open_page: Opener) -> None:
    page = open_page("many poisoned")
    unpacked(page)
    open_all(page)
    shown = "<script>alert(1)</script></style></title>"
    for text in (page.locator("main").inner_text(), page.locator("[data-rule] .finding").nth(5).inner_text()):
        assert shown in text
        assert "{{ 7 * 7 }}{% raw %}" in text
        assert "[U+202E][U+2066][U+0000][U+001B][2J" in text
        assert "[U+2028]&lt;b&gt;" in text
    page.locator("[data-mailboxes] tbody a").first.click()
    expect(page.get_by_role("dialog").get_by_role("heading")).to_contain_text(shown)
    expect(page.get_by_role("dialog").locator("td").first).to_contain_text(shown)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["sample", "ready", "undetermined", "many"])
def test_no_page_scrolls_sideways(open_page: Opener, name: str, size: str) -> None:
    page = open_page(name, size=size)
    unpacked(page)
    open_all(page)
    assert scroll_width(page) == SIZES[size][0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "size"), [("short", "wide"), ("short", "narrow"), ("ready", "wide"), ("undetermined", "wide")])
def test_nobody_is_shut_out(open_page: Opener, name: str, size: str, scheme: str) -> None:
    page = open_page(name, size=size, scheme=scheme)
    unpacked(page)
    open_all(page)
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("narrow", "dark")])
def test_nobody_is_shut_out_of_a_mailbox(open_page: Opener, size: str, scheme: str) -> None:
    page = open_page("short", size=size, scheme=scheme)
    page.locator("[data-mailboxes] tbody a").first.click()
    expect(page.get_by_role("dialog").locator("td").first).to_be_visible()
    results = Axe().run(page, context="dialog", options=WCAG)
    assert results.violations_count == 0, results.generate_report()


def test_the_first_screen_answers(open_page: Opener) -> None:
    page = open_page("sample")
    for text in ("Not ready for submit", "No. Of 9 required gates, 6 are closed.", "17 of 40 mailboxes are ready"):
        expect(page.get_by_text(text).first).to_be_in_viewport()
    expect(page.locator(".gate").first).to_be_in_viewport()


@pytest.mark.parametrize("size", SIZES)
def test_without_a_script_everything_is_there(open_page: Opener, size: str) -> None:
    page = open_page("many", script=False, size=size)
    expect(page.get_by_role("heading", name="Not ready for submit")).to_be_visible()
    expect(page.locator("[data-filter]")).to_be_hidden()
    expect(page.locator("[data-mailboxes] tbody tr")).to_have_count(100)
    assert page.locator("button:visible").count() == 0
    expect(page.locator("#STP-05 .finding:visible")).to_have_count(20)
    expect(page.locator("#STP-05").get_by_text("Above: the first 20.")).to_be_visible()
    page.locator("#STP-05 summary").click()
    expect(page.locator("#STP-05 .finding").first).to_be_hidden()


def test_a_link_to_a_rule_opens_it(open_page: Opener) -> None:
    page = open_page("sample", at="#STP-11")
    expect(page.locator("#STP-11 .finding").first).to_be_in_viewport()
    page.locator("#owners").get_by_role("link", name="STP-05").first.click()
    expect(page.locator("#STP-05 .rule-facts")).to_be_in_viewport()
    page.goto(page.url.split("#")[0] + "#ACC-01")
    expect(page.locator("tr#ACC-01")).to_be_in_viewport()


def test_a_link_to_a_rule_that_the_filter_hides_shows_it(open_page: Opener) -> None:
    page = open_page("sample")
    page.get_by_label("Filter").fill("nobody at all")
    page.locator("#owners").get_by_role("link", name="STP-05").first.click()
    expect(page.locator("#STP-05 .finding").first).to_be_in_viewport()
    expect(page.get_by_label("Filter")).to_have_value("")


def test_a_link_to_a_mailbox_shows_its_facts_side_by_side(open_page: Opener) -> None:
    page = open_page("sample", at="#mailbox/Nora.þórsdóttir@contoso.com")
    shown = page.get_by_role("dialog", name="nora.þórsdóttir@contoso.com")
    expect(shown.get_by_role("row", name="exchange guid")).to_contain_text("5d1f0c9a-6b2e-4a77-9d10-000000000029")
    expect(shown.get_by_role("row", name="quota")).to_contain_text("50.0 GB")
    expect(shown.get_by_role("row", name="has archive")).to_contain_text("not collected")
    shown.get_by_role("link", name="STP-01").click()
    expect(shown).to_be_hidden()
    expect(page.locator("#STP-01 .finding").first).to_be_in_viewport()
    page.locator("#STP-01").get_by_role("link", name="nora").click()
    expect(shown).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    assert page.url.endswith("#mailboxes")


def test_a_mailbox_that_is_not_there_is_said_so(open_page: Opener) -> None:
    expect(open_page("sample", at="#mailbox/%3Cb%3E@contoso.com").get_by_role("dialog")).to_contain_text("This mailbox is not on this page")


def test_the_filter_shows_what_matches_and_nothing_else(open_page: Opener) -> None:
    page = open_page("sample")
    unpacked(page)
    mailboxes = page.locator("[data-mailboxes] tbody tr")
    page.get_by_label("Filter").fill("  RENÉE.lefèvre ")
    expect(page.locator("[data-rule]:visible")).to_have_count(1)
    expect(page.locator(".finding:visible")).to_have_count(1)
    expect(mailboxes).to_have_count(1)
    expect(page.locator("output")).to_have_text("1 rule, 1 mailbox")
    page.get_by_label("Filter").fill("mbx-01")
    expect(page.locator("[data-rule]:visible")).to_have_count(1)
    page.get_by_label("Filter").fill("nobody at all")
    expect(page.get_by_text("Nothing on this page matches the filter.")).to_be_visible()
    page.get_by_label("Filter").fill("")
    expect(mailboxes).to_have_count(40)
    expect(page.locator(".finding:visible")).to_have_count(0)


def test_what_is_many_is_unpacked_and_filtered(open_page: Opener) -> None:
    page = open_page("many", at="#STP-05")
    unpacked(page)
    findings, mailboxes = page.locator("#STP-05 .finding"), page.locator("[data-mailboxes] tbody tr")
    expect(findings).to_have_count(20)
    page.get_by_role("button", name="Show 200 more of 280").click()
    expect(findings).to_have_count(220)
    expect(mailboxes).to_have_count(100)
    page.get_by_role("button", name="Show 100 more of 200").click()
    expect(mailboxes).to_have_count(200)
    page.get_by_label("Filter").fill("person299@")
    expect(findings).to_have_count(1)
    expect(mailboxes).to_have_count(1)
    expect(findings.locator(".is-found")).to_contain_text("X500:person299@contoso.com")
    expect(page.locator("#STP-05 .script .line")).to_have_count(1)
    findings.get_by_role("link").click()
    expect(page.get_by_role("dialog", name="person299@contoso.com").locator("td").first).to_be_visible()


def test_a_finding_reads_the_same_as_text_and_unpacked(open_page: Opener) -> None:
    page = open_page("many", at="#STP-05", script=False)
    plain = page.locator("#STP-05 .finding").all_inner_texts()
    page = open_page("many", at="#STP-05")
    unpacked(page)
    assert page.locator("#STP-05 .finding").all_inner_texts() == plain


def test_a_command_can_be_copied(open_page: Opener) -> None:
    page = open_page("sample", at="#STP-01")
    block = page.locator("#STP-01 .script .command")
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button")).to_have_text("Copied")
    copied = str(page.evaluate("getSelection().toString()"))
    assert [line.split(" -ExchangeGuid")[0] for line in copied.strip().splitlines()] == [
        "Set-MailUser -Identity 'amira.haddad@fabrikam.com'",
        "Set-MailUser -Identity 'ivan.o''brien@fabrikam.com'",
        "Set-MailUser -Identity 'nora.þórsdóttir@fabrikam.com'",
    ]


def test_on_paper_it_can_be_signed(open_page: Opener) -> None:
    page = open_page("sample")
    expect(page.get_by_role("heading", name="Sign-off")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Sign-off")).to_be_visible()
    expect(page.locator(".sign-lines").get_by_text("Signature")).to_be_visible()
    expect(page.get_by_label("Filter")).to_be_hidden()
    expect(page.locator("#FROM-01 .finding").first).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF-")
