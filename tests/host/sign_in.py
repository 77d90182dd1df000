"""The sign-in door of whichever host: its WSGI application, spoken to as a browser would, cookies and all.

`inside` runs a function on the site in a thread of its own, so that what another test has bound stays bound.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

PASSWORD = "Korrekt-9x!Pferd"
DOMAIN = "host-security.example"


def inside(function: Callable[[], Any]) -> Any:
    """What the function returns; it runs on the site as Administrator, and what it wrote lasts."""
    found: list[Any] = []

    def run() -> None:
        import frappe

        frappe.init(os.environ["SITE"], sites_path=os.environ["SITES_PATH"])
        try:
            frappe.connect()
            frappe.flags.in_test = True
            frappe.flags.mute_emails = True
            frappe.set_user("Administrator")
            found.append(function())
            frappe.db.commit()
        except BaseException as error:
            found.append(error)
        finally:
            frappe.destroy()

    worker = threading.Thread(target=run)
    worker.start()
    worker.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


class Answer:
    """What a request got."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.text: str = response.get_data().decode(errors="replace")
        self.json: dict[str, Any] = response.get_json(silent=True) or {}
        self.message = self.json.get("message")


class Browser:
    """Somebody at the door, from an address, with a jar of cookies."""

    def __init__(self, address: str = "10.20.30.40") -> None:
        from frappe.app import application
        from werkzeug.test import Client

        self._client = Client(application)
        self.address = address
        self.headers = {"X-Frappe-Site-Name": os.environ["SITE"], "Accept": "application/json"}

    def send(
        self,
        verb: str,
        path: str,
        json: Any = None,
        data: Any = None,
        headers: dict | None = None,
        **query: Any,
    ) -> Answer:
        """One request; redirects are not followed. `data` is a form, with files as (stream, name)."""
        found: list[Any] = []
        target = f"{path}?{urlencode(query)}" if query else path

        def run() -> None:
            try:
                response = self._client.open(
                    target, method=verb, json=json, data=data, headers={**self.headers, "X-Forwarded-For": self.address, **(headers or {})},
                    base_url=f"http://{os.environ['SITE']}", environ_base={"REMOTE_ADDR": self.address},
                )  # fmt: skip
                found.append(Answer(response))
                response.close()
            except BaseException as error:
                found.append(error)

        worker = threading.Thread(target=run)
        worker.start()
        worker.join()
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0]

    def call(self, method: str, **arguments: Any) -> Answer:
        """A whitelisted method by POST."""
        return self.send("POST", f"/api/method/{method}", json=arguments)

    def login(self, user: str, password: str = PASSWORD, **more: Any) -> Answer:
        """Signs in; the session's token is taken along."""
        return self._enter(usr=user, pwd=password, **more)

    def again(self, tmp_id: str, otp: str) -> Answer:
        """The second step of signing in."""
        return self._enter(tmp_id=tmp_id, otp=otp)

    def _enter(self, **form: Any) -> Answer:
        answer = self.call("login", **form)
        if answer.message in {"Logged In", "No App"}:
            self.headers["X-Frappe-CSRF-Token"] = csrf_token(self.cookie("sid"))
        return answer

    def cookie(self, name: str) -> str | None:
        """The value of a cookie."""
        found = self._client.get_cookie(name, domain=os.environ["SITE"])
        return found.value if found else None

    def plant(self, name: str, value: str) -> None:
        """Puts a cookie into the jar."""
        self._client.set_cookie(name, value, domain=os.environ["SITE"])

    def who(self) -> str:
        """Whom the host takes this browser for."""
        answer = self.send("GET", "/api/method/frappe.auth.get_logged_user")
        return answer.message if answer.status == 200 else "Guest"


def csrf_token(sid: str) -> str:
    """The token that the session's pages carry; none where no page has been shown yet, as on Frappe."""

    def read() -> str:
        import frappe

        text = frappe.db.sql("select `sessiondata` from `tabSessions` where `sid` = %s", (sid,))[0][0]
        found = re.search(r"csrf_token\W+(\w+)", text or "")
        return found.group(1) if found else ""

    return inside(read)


@pytest.fixture
def in_the_sites_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts look for logs and sites from the folder that they run in."""
    monkeypatch.chdir(os.environ["SITES_PATH"])
    monkeypatch.setenv("SITES_PATH", ".")


@pytest.fixture
def browser(in_the_sites_folder: None) -> Callable[..., Browser]:
    """A browser at an address."""
    return Browser


@pytest.fixture
def settings(in_the_sites_folder: None) -> Iterator[Callable[..., None]]:
    """Sets System Settings; afterwards they are as before."""
    before: dict[str, Any] = {}

    def write(values: dict[str, Any]) -> dict[str, Any]:
        import frappe

        old = {key: frappe.db.get_single_value("System Settings", key) for key in values}
        for key, value in values.items():
            frappe.db.set_single_value("System Settings", key, value)
        frappe.db.commit()
        frappe.clear_cache()
        return old

    def apply(**values: Any) -> None:
        for key, value in inside(lambda: write(values)).items():
            before.setdefault(key, value)

    yield apply
    if before:
        inside(lambda: write(before))


@pytest.fixture
def account(in_the_sites_folder: None) -> Iterator[Callable[..., str]]:
    """Makes users with a password; they and their traces are gone afterwards."""
    made: list[str] = []

    def make(name: str, *roles: str, **values: Any) -> str:
        email = f"{name}@{DOMAIN}"
        inside(lambda: _make_user(email, roles, values))
        made.append(email)
        return email

    with contextlib.ExitStack() as stack:
        stack.callback(lambda: inside(lambda: _forget(made)))
        yield make


def _make_user(email: str, roles: tuple[str, ...], values: dict[str, Any]) -> None:
    import frappe
    from frappe.utils.password import update_password

    _forget([email])
    user = frappe.get_doc(
        doctype="User", email=email, first_name=email.split("@")[0], send_welcome_email=0,
        roles=[{"role": role} for role in roles], **values,
    )  # fmt: skip
    user.flags.no_welcome_mail = True
    user.insert(ignore_permissions=True)
    frappe.db.set_value("User", email, "simultaneous_sessions", values.get("simultaneous_sessions", 20))
    update_password(email, PASSWORD)


def _forget(names: list[str]) -> None:
    import frappe

    held = frappe.db.get_value("Role", "System Manager", "disabled")
    frappe.db.set_value("Role", "System Manager", "disabled", 1)
    for name in names:
        frappe.db.delete("Activity Log", {"user": name})
        for key in ("_otpsecret", "_otplogin"):
            frappe.db.delete("DefaultValue", {"defkey": name + key})
        if frappe.db.exists("User", name):
            frappe.delete_doc("User", name, force=True, ignore_permissions=True)
    frappe.db.set_value("Role", "System Manager", "disabled", held)
    frappe.cache.delete_keys("login_failed")
