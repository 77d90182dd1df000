"""The tests run on a site that has the app installed, on whichever host: SITES_PATH and SITE name it.

Tests that need a site use the `site` fixture and leave nothing behind; tests of pure rules need neither.
"""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest


@pytest.fixture(scope="session")
def connected_site() -> Iterator[str]:
    """The site the tests run on, connected as Administrator for the whole session."""
    sites_path, name = os.environ.get("SITES_PATH"), os.environ.get("SITE")
    if not sites_path or not name:
        pytest.fail(
            "SITES_PATH and SITE must name a site with the app installed; `make test` sets both.",
            pytrace=False,
        )
    import frappe

    os.chdir(sites_path)
    frappe.init(site=name, sites_path=".")
    frappe.connect()
    if "medaffairs" not in frappe.get_installed_apps():
        pytest.fail(f"the app is not installed on {name}", pytrace=False)
    yield name
    frappe.destroy()


@pytest.fixture
def site(connected_site: str) -> Iterator[str]:
    """The site for one test: what the test wrote is rolled back, the user is Administrator again."""
    import frappe

    from medaffairs.permissions import forget_scopes

    frappe.db.rollback()
    frappe.set_user("Administrator")
    # Refusals are compared in the language of their sources, whatever a test before has read in.
    frappe.local.lang = "en"
    forget_scopes()
    yield connected_site
    frappe.db.rollback()
    frappe.set_user("Administrator")
    forget_scopes()
    frappe.clear_messages()


@pytest.fixture
def as_user(site: str) -> Iterator[Callable[[str], None]]:
    """Become another user; the `site` fixture turns back."""
    import frappe

    from medaffairs.permissions import forget_scopes

    def become(user: str) -> None:
        frappe.set_user(user)
        forget_scopes()

    yield become


class Answer:
    """What a request got: status, headers, bytes, and JSON when it is JSON."""

    def __init__(self, response) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.get_data()
        self.json = response.get_json(silent=True)


@pytest.fixture(scope="session")
def request_as(connected_site: str) -> Callable[..., Answer]:
    """Send a request through the host's WSGI application, as a web server would, with an API token."""
    from frappe.app import application
    from werkzeug.test import Client

    def send(token: str | None, method: str, path: str, **arguments) -> Answer:
        headers = {"X-Frappe-Site-Name": connected_site, "Host": connected_site, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"token {token}"
        options = {"json": arguments} if method in ("POST", "PUT") else {}
        if arguments and not options:
            path = f"{path}?{urlencode(arguments)}"
        answers: list = []

        def run() -> None:
            try:
                client = Client(application, use_cookies=False)
                response = client.open(path, method=method, headers=headers, **options)
                answers.append(Answer(response))
                response.close()
            except BaseException as error:
                answers.append(error)

        # A thread of its own has its own request context, so that the test's connection stays.
        worker = threading.Thread(target=run)
        worker.start()
        worker.join()
        if isinstance(answers[0], BaseException):
            raise answers[0]
        return answers[0]

    return send


@pytest.fixture(scope="session")
def make_user(connected_site: str) -> Iterator[Callable[..., tuple[str, str]]]:
    """Make a committed user with roles and an API token; all are deleted at the end of the session."""
    import frappe
    from support import staff

    made: dict[tuple, tuple[str, str]] = {}

    def make(name: str, *roles: str) -> tuple[str, str]:
        if (name, roles) in made:
            return made[name, roles]
        frappe.set_user("Administrator")
        email = f"{name}@test.example"
        if frappe.db.exists("User", email):
            staff.delete_users([email])
        key, secret = secrets.token_hex(8), secrets.token_hex(8)
        user = frappe.get_doc(
            {
                "doctype": "User",
                "email": email,
                "first_name": name,
                "send_welcome_email": 0,
                "api_key": key,
                "api_secret": secret,
                "roles": [{"role": role} for role in roles],
            }
        )
        user.flags.no_welcome_mail = True
        user.insert(ignore_permissions=True)
        frappe.db.commit()
        made[name, roles] = email, f"{key}:{secret}"
        return made[name, roles]

    yield make
    frappe.db.rollback()
    frappe.set_user("Administrator")
    staff.delete_users([email for email, _token in made.values()])
    frappe.db.commit()
