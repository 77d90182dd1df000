"""The sign-in door of whichever host: its WSGI application, spoken to as a browser would, cookies and all.

`inside` runs a function on the site in a thread of its own, so that what another test has bound stays bound.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

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
        self, verb: str, path: str, json: Any = None, headers: dict | None = None, **query: Any
    ) -> Answer:
        """One request; redirects are not followed."""
        found: list[Any] = []
        target = f"{path}?{urlencode(query)}" if query else path

        def run() -> None:
            try:
                response = self._client.open(
                    target, method=verb, json=json, headers={**self.headers, "X-Forwarded-For": self.address, **(headers or {})},
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
