"""The host behind a real socket: a fresh site, an app written for the tests, gunicorn on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from chosen_database import chosen_database

SITE = "http.test"
PASSWORD = "correct-Horse-7"
SETUP = """
import json, sys
import frappe
from frappe.database.sites import Root
from frappe.installer import install_app, new_site
given = json.loads(sys.argv[3])
new_site(sys.argv[1], ".", sys.argv[2], given["kind"], config=given["config"], root=Root(*given["root"]) if given["root"] else None)
install_app("parcel")
frappe.set_user("Administrator")
for email, role in (("clerk@example.com", "Parcel Clerk"), ("reader@example.com", "Parcel Reader"),
                    ("nobody@example.com", ""), ("locked@example.com", "Parcel Clerk"), ("gone@example.com", "Parcel Clerk")):
    user = frappe.get_doc(doctype="User", email=email, first_name=email.split("@")[0].title(), send_welcome_email=0,
                          new_password=sys.argv[2], api_key="key-" + email.split("@")[0], api_secret="secret-9d1")
    if role:
        user.append("roles", {"role": role})
    user.insert()
for number in range(40):
    frappe.get_doc(doctype="Parcel", title=f"Parcel {number:02d}", weight=number).insert()
frappe.db.commit()
"""
HOOKS = """
app_name = "parcel"
app_title = "Parcel"
website_route_rules = [{"from_route": "/parcels/<path:app_path>", "to_route": "desk-of-parcels"}]
website_redirects = [{"source": "/old", "target": "/parcels/new"}]
role_home_page = {"Parcel Clerk": "parcels/home"}
after_request = ["parcel.api.stamp"]
on_login = ["parcel.api.note_login"]
override_whitelisted_methods = {"parcel.api.original": "parcel.api.replacement"}
auth_hooks = ["parcel.api.by_header"]
"""
API = """
import frappe


def stamp(response=None, request=None):
    response.headers["X-Parcel"] = frappe.session.user
    response.headers["X-Statements"] = str(frappe.db.query_count)


def note_login(login_manager=None):
    frappe.cache.set_value("last_login", login_manager.user)


def by_header():
    if frappe.get_request_header("X-Robot") == "friendly":
        frappe.set_user("reader@example.com")


@frappe.whitelist()
def last_login():
    return frappe.cache.get_value("last_login")


@frappe.whitelist(allow_guest=True)
def original():
    return "original"


@frappe.whitelist(allow_guest=True)
def replacement():
    return "replacement"


@frappe.whitelist(allow_guest=True)
def add(a: int, b: int = 1) -> int:
    return a + b


@frappe.whitelist(methods=["POST"])
def write_then_fail(title: str):
    frappe.get_doc(doctype="Parcel", title=title).insert()
    frappe.throw("Stopped on purpose")


@frappe.whitelist()
def write_on_get(title: str):
    frappe.get_doc(doctype="Parcel", title=title).insert(ignore_permissions=True)


@frappe.whitelist()
def crash():
    raise RuntimeError("secret detail")


@frappe.whitelist()
def language():
    return frappe.local.lang


@frappe.whitelist()
def boot():
    from frappe.boot import get_bootinfo

    return get_bootinfo()


def not_whitelisted():
    return "never"


@frappe.whitelist(methods=["POST"])
def only_post():
    return "posted"
"""
DOCTYPE = """{
 "doctype": "DocType", "name": "Parcel", "module": "Parcel", "custom": 0, "autoname": "field:title", "naming_rule": "By fieldname",
 "track_changes": 1, "title_field": "title", "allow_rename": 1, "is_submittable": 0, "sort_field": "modified", "sort_order": "DESC",
 "fields": [
  {"fieldname": "title", "fieldtype": "Data", "label": "Title", "reqd": 1, "unique": 1, "in_list_view": 1, "idx": 1},
  {"fieldname": "weight", "fieldtype": "Float", "label": "Weight", "idx": 2, "in_list_view": 1},
  {"fieldname": "status", "fieldtype": "Select", "label": "Status", "options": "Open\\nSent", "default": "Open", "idx": 3},
  {"fieldname": "price", "fieldtype": "Currency", "label": "Price", "permlevel": 1, "idx": 4},
  {"fieldname": "receiver", "fieldtype": "Link", "options": "User", "label": "Receiver", "idx": 5},
  {"fieldname": "photo", "fieldtype": "Attach", "label": "Photo", "idx": 6}
 ],
 "permissions": [
  {"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1, "print": 1, "report": 1, "export": 1, "permlevel": 0},
  {"role": "System Manager", "read": 1, "write": 1, "permlevel": 1},
  {"role": "Parcel Clerk", "read": 1, "write": 1, "create": 1, "delete": 1, "print": 1, "permlevel": 0},
  {"role": "Parcel Reader", "read": 1, "permlevel": 0}
 ]
}"""
CONTROLLER = """
import frappe
from frappe.model.document import Document


class Parcel(Document):
    @frappe.whitelist()
    def weigh(self, factor: float = 1.0):
        return (self.weight or 0) * factor

    def hidden(self):
        return "never"
"""
PAGE = """<!doctype html><html><body><h1>{{ heading }}</h1><p>{{ frappe.session.user }}</p></body></html>"""
PAGE_CODE = """
no_cache = 1


def get_context(context):
    context.heading = "Desk of <parcels>"
"""


def write_app(folder: Path) -> None:
    """A small app with a DocType, roles, methods, pages and assets."""
    files = {
        "__init__.py": "__version__ = '1.0'\n",
        "hooks.py": HOOKS + 'fixtures = [{"dt": "Role"}]\n',
        "modules.txt": "Parcel\n",
        "patches.txt": "",
        "api.py": API,
        "fixtures/role.json": '[{"doctype": "Role", "name": "Parcel Clerk", "role_name": "Parcel Clerk", "desk_access": 1},'
        '{"doctype": "Role", "name": "Parcel Reader", "role_name": "Parcel Reader", "desk_access": 1}]',
        "parcel/__init__.py": "",
        "parcel/doctype/__init__.py": "",
        "parcel/doctype/parcel/__init__.py": "",
        "parcel/doctype/parcel/parcel.json": DOCTYPE,
        "parcel/doctype/parcel/parcel.py": CONTROLLER,
        "www/__init__.py": "",
        "www/desk-of-parcels.html": PAGE,
        "www/desk_of_parcels.py": PAGE_CODE,
        "www/about.md": "# About parcels\n\nThey travel.\n",
        "public/js/app-Ab3dEf9h.js": "console.log(1)\n",
        "public/js/app-Ab3dEf9h.js.gz": "",
        "public/plain.css": "body { color: black }\n",
        "secret.txt": "not public\n",
    }
    for name, text in files.items():
        path = folder / "parcel" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip() if name.endswith(".py") else text, encoding="utf-8")
    import gzip

    (folder / "parcel/public/js/app-Ab3dEf9h.js.gz").write_bytes(gzip.compress(b"console.log(1)\n"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The running host; `url`, `sites` (folder) and `site`."""
    root = tmp_path_factory.mktemp("host")
    sites = root / "sites"
    sites.mkdir()
    write_app(root)
    (sites / "apps.txt").write_text("frappe\nparcel\n")
    (sites / "common_site_config.json").write_text(f'{{"default_site": "{SITE}"}}')
    environment = os.environ | {"PYTHONPATH": str(root), "SITES_PATH": str(sites)}
    environment.pop("FRAPPE_SITE", None)
    database = chosen_database("http")
    setup = [sys.executable, "-c", SETUP, SITE, PASSWORD, database.as_json()]
    done = subprocess.run(setup, cwd=sites, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    port = free_port()
    log = open(root / "server.log", "w")  # noqa: SIM115 - the server writes into it until the end
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "2",
         "--worker-class", "gthread", "--preload", "frappe.app:application"],
        cwd=sites, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, root / "server.log")
        yield SimpleNamespace(
            url=url, sites=sites, site=sites / SITE, log=root / "server.log", environment=environment
        )
    finally:
        process.terminate()
        process.wait(20)
        log.close()
        database.drop(str(sites), SITE)


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            if requests.get(f"{url}/api/method/ping", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text()}")


class Client(requests.Session):
    """Speaks to the server; `token` is the session's CSRF token after signing in."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method, url, *args, **kwargs):
        kwargs.setdefault("timeout", 20)
        kwargs["allow_redirects"] = False  # what is answered first is what is tested
        return super().request(method, self.base + url, *args, **kwargs)

    def sign_in(self, user: str, password: str = PASSWORD) -> requests.Response:
        answer = self.post("/api/method/login", json={"usr": user, "pwd": password})
        if answer.ok:
            boot = self.get("/api/method/parcel.api.boot")
            self.headers["X-Frappe-CSRF-Token"] = boot.json()["message"]["csrf_token"]
        return answer


@pytest.fixture
def guest(server) -> Client:
    return Client(server.url)


@pytest.fixture
def clerk(server) -> Client:
    client = Client(server.url)
    assert client.sign_in("clerk@example.com").status_code == 200
    return client


@pytest.fixture
def admin(server) -> Client:
    client = Client(server.url)
    assert client.sign_in("Administrator").status_code == 200
    return client


@pytest.fixture
def reader(server) -> Client:
    client = Client(server.url)
    client.headers["Authorization"] = "token key-reader:secret-9d1"
    return client
