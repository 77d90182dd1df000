"""Contract tests: what "compatible" means. They run unchanged on this host and on a real Frappe.

SITES_PATH and SITE name the site, which needs nothing but the host itself; the tests make their DocTypes at run time.
A new area is a new file `test_<area>.py`; the table in the host's README is written by `outcomes.py` beside this file.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from host import kit
from host.orders import customer, events, life, life_made, order  # noqa: F401 - fixtures
from host.sign_in import account, browser, in_the_sites_folder, settings  # noqa: F401 - fixtures
from host.visits import visit, visits_made, wards  # noqa: F401 - fixtures


@pytest.fixture(scope="session")
def connected_site() -> Iterator[str]:
    """The site, connected as Administrator; afterwards nothing of these tests is left in it."""
    sites_path, name = os.environ.get("SITES_PATH"), os.environ.get("SITE")
    if not sites_path or not name:
        pytest.fail("SITES_PATH and SITE must name a site; `make test` sets both.", pytrace=False)
    import frappe

    def connect() -> bool:
        """Connects, unless tests around these have done so already and stay connected."""
        if getattr(frappe.local, "site", None) == name and getattr(frappe.local, "db", None):
            return False
        os.chdir(sites_path)
        frappe.init(site=name, sites_path=".")
        frappe.connect()
        return True

    ours = connect()
    kit.remove_all()
    kit.make_people()
    frappe.db.commit()
    yield name
    # Tests that began after these may have ended before, and their connection with them.
    ours = connect() or ours
    kit.remove_all()
    if ours:
        frappe.destroy()


@pytest.fixture
def site(connected_site: str) -> Iterator[str]:
    """The site for one test: what it wrote is rolled back, the user is Administrator again."""
    import frappe

    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.clear_messages()
    # As Frappe's own runner sets it: what is remembered for one request is not kept for the next test.
    before, frappe.flags.in_test = frappe.flags.in_test, True
    # What is read on screen is compared: in English, whatever a test before has set.
    language, frappe.local.lang = frappe.local.lang, "en"
    yield connected_site
    frappe.flags.in_test, frappe.local.lang = before, language
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.clear_messages()


@pytest.fixture(scope="module")
def make_doctype(connected_site: str) -> Iterator[Callable]:
    """Makes a DocType for the tests of one file; at the file's end it is gone with its rows."""
    import frappe

    frappe.db.rollback()
    frappe.set_user("Administrator")
    before = set(kit.own_doctypes())

    def make(name: str, fields: list[dict], permissions: list[dict] | None = None, **more: object):
        doc = kit.make_doctype(name, fields, permissions, **more)
        frappe.db.commit()
        return doc

    yield make
    frappe.db.rollback()
    frappe.set_user("Administrator")
    kit.remove_doctypes([name for name in kit.own_doctypes() if name not in before])


@pytest.fixture
def as_user(site: str) -> Callable[[str], None]:
    """Become another user by the part between `host.` and the @; `site` turns back."""
    import frappe

    def become(name: str) -> None:
        frappe.set_user(kit.email(name))

    return become


class Door(requests.Session):
    """The web server as one person: a name from `kit.PEOPLE` speaks with a token, "Guest" without."""

    def __init__(self, base: str, site: str, person: str = "Guest") -> None:
        super().__init__()
        self.base = base
        self.headers.update({"Host": site, "X-Frappe-Site-Name": site, "Accept": "application/json"})
        if person in kit.PEOPLE:
            self.headers["Authorization"] = f"token host-key-{person}:host-secret-{person}"

    def request(self, method, url, *args, **kwargs):
        kwargs.setdefault("timeout", 30)
        return super().request(method, self.base + url, *args, **kwargs)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, process: subprocess.Popen) -> None:
    for _attempt in range(300):
        try:
            if requests.get(f"{url}/api/method/ping", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
        if process.poll() is not None:
            break
    pytest.fail(f"the server did not start at {url}", pytrace=False)


@pytest.fixture(scope="session")
def web(connected_site: str) -> Iterator[str]:
    """Address of a web server of the site: HOST_URL where one is running, else `bench serve` of this host."""
    given = os.environ.get("HOST_URL")
    if given:
        yield given.rstrip("/")
        return
    port = _free_port()
    bench = Path(sys.executable).with_name("bench")
    command = [
        str(bench),
        "--sites-path",
        os.getcwd(),
        "--site",
        connected_site,
        "serve",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def door(web: str, site: str) -> Callable[[str], Door]:
    """The web server as a person: `door("clerk").get("/api/resource/…")`. Commit before, it sees nothing else."""
    return lambda person="Guest": Door(web, site, person)
