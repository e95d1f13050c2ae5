"""The sample run and the browser that looks at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.report import sample
from tests.report.written import page as render


@pytest.fixture(scope="session")
def page_html() -> str:
    return render(sample.run(), sample.findings(), sample.mailboxes())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser. It keeps an event loop in the thread, so it ends with its module: what other tests call starts loops of its own."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("The browser tests need Chromium: install Debian's package `chromium` (apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
