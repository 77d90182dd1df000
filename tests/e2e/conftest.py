"""Browser tests: a real Chromium against the running system, at a desk's and a phone's size."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e import stack as stacks

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-results"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where Debian's Chromium is, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.needs("chromium"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stacks.Stack]:
    """The running system: web server and gate."""
    given = stacks.outside()
    if given:
        yield given
        return
    started = stacks.start(tmp_path_factory.mktemp("stack"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the whole run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield instance
        instance.close()


class Visitor:
    """Somebody at a screen: pages of one signed-in person, with the console watched."""

    def __init__(self, browser, base_url: str, size: dict[str, int]) -> None:
        self.base_url = base_url
        self.context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
        self.page = self.context.new_page()
        self.console_errors: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def _note(self, message) -> None:
        # The browser itself logs refused requests; a page that handles them has no error of its own.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.console_errors.append(message.text)

    def open(self, path: str) -> None:
        """Goes to a page of the face and waits until it is quiet."""
        self.page.goto(f"{self.base_url}/medaffairs{path}", wait_until="networkidle")

    def sign_in(self, user: str, password: str = "demo") -> None:
        """Signs in through the page, as people do."""
        self.open("/login")
        self.page.fill("input[name=usr]", user)
        self.page.fill("input[name=pwd]", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile(r"/medaffairs/?(?!login)"))
        self.page.wait_for_load_state("networkidle")

    def sign_out(self) -> None:
        """Forgets the session of this person."""
        self.context.clear_cookies()

    def screenshot(self, name: str) -> None:
        """Keeps what the person sees."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


@pytest.fixture
def visitor(browser, stack) -> Iterator[Visitor]:
    """Somebody at a desk."""
    person = Visitor(browser, stack.base_url, DESK)
    yield person
    person.context.close()


@pytest.fixture
def on_phone(browser, stack) -> Iterator[Visitor]:
    """Somebody with a phone."""
    person = Visitor(browser, stack.base_url, PHONE)
    yield person
    person.context.close()
