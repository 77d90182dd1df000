"""Browser tests: a real Chromium against the running system, at a desk's and a phone's size."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from e2e import stack as stacks

if TYPE_CHECKING:
    from playwright.sync_api import Locator

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-results"
QUIET_TURNS, QUIET_MILLISECONDS = 3, 60
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PASSWORD = "demo"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]


def chromium() -> str | None:
    """Where Debian's Chromium is, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a browser, and comes last: the browser's driver keeps an event loop of its own."""
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    for item in mine:
        item.add_marker(pytest.mark.needs("chromium"))
    items[:] = [item for item in items if item not in set(mine)] + mine


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remembers whether a test failed, so that its screens are kept."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.failed = report.failed


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


def address(account: str) -> str:
    """The user behind a demo account's short name."""
    return account if "@" in account or account == "Administrator" else f"{account}@demo.hospital"


def password_of(account: str) -> str:
    """The demo's passwords."""
    return "admin" if account == "Administrator" else PASSWORD


class Visitor:
    """Somebody at a screen: pages of one signed-in person, with the console watched."""

    def __init__(self, browser: Any, base_url: str, size: dict[str, int], worker: bool = False) -> None:
        self.base_url = base_url
        # A service worker answers requests that a test wants to see; only the tests of the time offline have one.
        self.context = browser.new_context(
            viewport=size,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
            service_workers="allow" if worker else "block",
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.console_errors: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self._asked: set[Any] = set()
        self.page.on("request", lambda request: self._asked.add(request))
        self.page.on("requestfinished", lambda request: self._asked.discard(request))
        self.page.on("requestfailed", lambda request: self._asked.discard(request))

    def _note(self, message: Any) -> None:
        # The browser itself logs refused requests; a page that handles them has no error of its own.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.console_errors.append(message.text)

    def open(self, path: str) -> Visitor:
        """Goes to a page of the face and waits until it is quiet."""
        self.page.goto(f"{self.base_url}/medaffairs{path}", wait_until="load")
        self.quiet()
        return self

    def open_until(self, path: str, wanted: Locator, seconds: float = 15) -> Visitor:
        """Opens a page until it shows something that becomes true by itself a moment after what was done."""
        deadline = time.monotonic() + seconds
        self.open(path)
        while not wanted.is_visible() and time.monotonic() < deadline:
            time.sleep(0.5)
            self.open(path)
        return self

    def sign_in(self, account: str, password: str | None = None) -> Visitor:
        """Signs in through the page, as people do."""
        self.open("/login")
        self.page.fill("input[name=usr]", address(account))
        self.page.fill("input[name=pwd]", password or password_of(account))
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
        self.quiet()
        return self

    def enter(self, account: str) -> Visitor:
        """Is signed in already: a session as through the page, without typing."""
        self.context.clear_cookies()
        answer = requests.post(
            f"{self.base_url}/api/method/login",
            json={"usr": address(account), "pwd": password_of(account)},
            timeout=20,
        )
        assert answer.ok, answer.text
        self.context.add_cookies(
            [{"name": name, "value": value, "url": self.base_url} for name, value in answer.cookies.items()]
        )
        return self

    def end_session_on_the_server(self) -> None:
        """The server forgets this person's session while the page stays open, as after a night."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        answer = requests.get(f"{self.base_url}/api/method/logout", cookies=cookies, timeout=10)
        assert answer.ok, answer.text
        boot = requests.get(
            f"{self.base_url}/api/method/medaffairs.face.api.boot", cookies=cookies, timeout=10
        )
        assert boot.json()["message"]["user"] == "Guest"

    def quiet(self) -> None:
        """Waits until the page has had its answers. Its own "networkidle" is over once reached, so requests are counted."""
        still, deadline = 0, time.monotonic() + 15
        while still < QUIET_TURNS and time.monotonic() < deadline:
            self.page.wait_for_timeout(QUIET_MILLISECONDS)
            still = 0 if self._asked else still + 1
        assert still, "the page goes on loading"

    def field(self, name: str) -> Any:
        """The control of a form's field."""
        return self.page.locator(f'[data-fieldname="{name}"]').locator("input, textarea, select").first

    def choose(self, name: str, text: str, title: str) -> None:
        """Picks a linked record by what a person types: a name, a number, pinyin initials."""
        self.field(name).click()
        self.field(name).fill(text)
        self.page.get_by_role("option").filter(has_text=title).first.click()

    def button(self, name: str) -> Any:
        """A button by its words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def says(self, text: str) -> None:
        """Waits until the page shows a text; what is hidden, such as the choices of a closed list, does not count."""
        self.page.get_by_text(text).locator("visible=true").first.wait_for()

    def overflow(self) -> list[str]:
        """What sticks out of the window sideways, tables that scroll by themselves aside."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter((element) => {
                const box = element.getBoundingClientRect()
                return box.width > 0 && box.right > innerWidth + 1 && !element.closest('.overflow-x-auto, .overflow-auto')
                    && !element.closest('.sr-only')
            }).slice(0, 5).map((element) => element.outerHTML.slice(0, 160))"""
        )

    def picture(self, name: str) -> None:
        """Keeps what the person sees, at a desk and on a phone."""
        ARTEFACTS.mkdir(exist_ok=True)
        before = self.page.viewport_size
        for size, suffix in ((DESK, "1440"), (PHONE, "390")):
            self.page.set_viewport_size(size)
            self.page.wait_for_timeout(150)
            self.page.screenshot(path=ARTEFACTS / f"{name}-{suffix}.png")
        self.page.set_viewport_size(before)


@pytest.fixture
def visit(
    browser: Any, stack: stacks.Stack, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Opens a screen for somebody; at the end no page may have complained in its console."""
    visitors: list[Visitor] = []

    def open_screen(size: dict[str, int] = DESK, worker: bool = False) -> Visitor:
        visitors.append(Visitor(browser, stack.base_url, size, worker))
        return visitors[-1]

    yield open_screen
    complaints = [error for visitor in visitors for error in visitor.console_errors]
    for number, visitor in enumerate(visitors):
        if getattr(request.node, "failed", False):
            ARTEFACTS.mkdir(exist_ok=True)
            visitor.page.screenshot(path=ARTEFACTS / f"failed-{request.node.name}-{number}.png")
        visitor.context.close()
    assert complaints == []


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody at a desk."""
    return visit()


@pytest.fixture
def on_phone(visit: Callable[..., Visitor]) -> Visitor:
    """Somebody with a phone."""
    return visit(PHONE)


class Caller:
    """Another program or another window: the same doors without a page."""

    def __init__(self, base_url: str, account: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        answer = self.session.post(
            f"{base_url}/api/method/login",
            json={"usr": address(account), "pwd": password_of(account)},
            timeout=20,
        )
        assert answer.ok, answer.text
        boot = self.session.get(f"{base_url}/api/method/medaffairs.face.api.boot", timeout=20).json()[
            "message"
        ]
        self.session.headers["X-Frappe-CSRF-Token"] = boot["csrf_token"]

    def read(self, method: str, **parameters: Any) -> Any:
        """Calls a method that reads."""
        answer = self.session.get(f"{self.base_url}/api/method/{method}", params=parameters, timeout=30)
        assert answer.ok, answer.text
        return answer.json().get("message")

    def write(self, method: str, **parameters: Any) -> Any:
        """Calls a method that writes."""
        answer = self.session.post(f"{self.base_url}/api/method/{method}", json=parameters, timeout=30)
        assert answer.ok, answer.text
        return answer.json().get("message")


@pytest.fixture
def caller(stack: stacks.Stack) -> Callable[[str], Caller]:
    """Signs a program in for an account."""
    return lambda account: Caller(stack.base_url, account)
