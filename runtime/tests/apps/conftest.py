"""Two apps of a stranger on a site of their own, worked on from outside and from inside.

The same tests run on Frappe: `APPS_BENCH=<bench> SITE=<empty site> <bench>/env/bin/python -m pytest runtime/tests/apps`, where
both apps of this folder are installed into the bench's environment (`pip install -e`) and listed in its `apps.txt`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

HERE = Path(__file__).parent
#: The apps' own tests are run by `bench run-tests`.
collect_ignore = ["lendery", "lendery-2", "roombook"]
APPS = ("lendery", "roombook")
PASSWORD = "correct-Horse-7"
CLERK, READER, OTHER = "clerk@lendery.test", "reader@lendery.test", "other@lendery.test"
REAL = os.environ.get("APPS_BENCH")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "hook(names): the test sees these hooks of apps working")


class Bench:
    """A folder with apps and sites: of this host in a temporary place, or a bench of Frappe."""

    def __init__(self, root: Path) -> None:
        self.root, self.sites, self.apps = root, root / "sites", root / "apps"
        self.site = os.environ["SITE"] if REAL else "stranger.test"
        self.environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        for name in ("SITES_PATH", "FRAPPE_SITE", "SITE"):
            self.environment.pop(name, None)
        if not REAL:
            self.environment["PYTHONPATH"] = os.pathsep.join(str(self.apps / app) for app in APPS)

    def copy_app(self, app: str, version: str = "") -> None:
        """Version 1 of an app replaces what is there; a later version is laid over it, as an update would."""
        if not version:
            shutil.rmtree(self.apps / app, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HERE / f"{app}{version}", self.apps / app, dirs_exist_ok=True, ignore=ignored)

    def command(self, *arguments: str) -> list[str]:
        """A command of the bench for the site."""
        if REAL:
            start = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe"]
        else:
            start = [
                str(Path(sys.executable).with_name("bench")),
                "--sites-path",
                str(self.sites),
            ]
        return [*start, "--site", self.site, *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        """Runs a command to its end."""
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=180, env=self.environment,
            cwd=self.sites, check=False,
        )  # fmt: skip

    def ok(self, *arguments: str) -> str:
        """Runs a command that must succeed; what it printed."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def execute(self, function: str, /, **kwargs: object) -> object:
        """What a function gives when the command line runs it."""
        text = self.ok("execute", function, "--kwargs", repr(kwargs) if REAL else json.dumps(kwargs)).strip()
        return json.loads(text) if text else None

    @property
    def _trace(self) -> Path:
        return self.sites / self.site / "private" / "lendery_trace.jsonl"

    def trace(self, event: str | None = None) -> list[dict]:
        """What the apps have noted, without the event's name when only one kind is asked for."""
        if not self._trace.exists():
            return []
        found = [json.loads(line) for line in self._trace.read_text().splitlines()]
        return (
            [{k: v for k, v in entry.items() if k != "event"} for entry in found if entry["event"] == event]
            if event
            else found
        )

    def forget(self) -> None:
        """Nothing has been noted."""
        self._trace.unlink(missing_ok=True)

    def work(self, method: str, **kwargs: object) -> None:
        """A worker runs a job. On Frappe the queue belongs to the whole bench: there the worker's own function is called."""
        if REAL:
            more = {"site": self.site, "event": None, "job_name": method, "user": None, "is_async": False}
            self.execute("frappe.utils.background_jobs.execute_job", method=method, kwargs=kwargs, **more)
        else:
            self.execute("frappe.enqueue", method=method, **kwargs)
            self.ok("worker", "--burst")

    def connect(self):
        """The site in this process."""
        import frappe

        os.chdir(self.sites)
        frappe.init(self.site, sites_path=str(self.sites), force=True)
        frappe.connect()
        return frappe


def _install(bench: Bench) -> None:
    bench.sites.mkdir(exist_ok=True)
    for app in APPS:
        bench.copy_app(app)
    if not REAL:
        (bench.sites / "apps.txt").write_text("frappe\n" + "\n".join(APPS) + "\n")
        from chosen_database import chosen_database

        bench.database = chosen_database("stranger")
        bench.ok("new-site", bench.site, "--admin-password", PASSWORD, *bench.database.options())
    if REAL:
        for app in APPS:
            link = bench.sites / "assets" / app
            link.unlink(missing_ok=True)
            link.symlink_to(bench.apps / app / app / "public")
        for app in reversed(APPS):
            if app in bench.execute("frappe.get_installed_apps"):
                bench.ok("uninstall-app", app, "--yes", "--no-backup")
        # Frappe keeps roles and the notes of patches of an app that was removed before.
        bench.execute("frappe.db.delete", doctype="Role", filters={"name": ["like", "Lending%"]})
        bench.execute("frappe.db.delete", doctype="Patch Log", filters={"patch": ["like", "lendery.%"]})
    bench.forget()
    # The second app names the first as required: one command installs both.
    bench.ok("install-app", "roombook")


def _fill(frappe) -> None:
    frappe.set_user("Administrator")
    frappe.flags.mute_emails = True
    frappe.db.set_single_value("System Settings", "setup_complete", 1)
    for email, role in ((CLERK, "Lending Clerk"), (READER, "Lending Reader"), (OTHER, "Lending Reader")):
        if not frappe.db.exists("User", email):
            user = frappe.get_doc(doctype="User", email=email, first_name=email.split("@")[0].title(), send_welcome_email=0,
                                  new_password=PASSWORD, enabled=1)  # fmt: skip
            user.append("roles", {"role": role})
            user.insert(ignore_permissions=True)
    for title, shelf, published in (
        ("Emma", "Fiction", 1),
        ("Optics", "Science", 0),
        ("Persuasion", "Fiction", 1),
    ):
        frappe.get_doc(doctype="Lending Item", title=title, shelf=shelf, published=published, copies=3, fee_class="Book",
                       route=f"items/{title.lower()}").insert()  # fmt: skip
    for card, user in (("R1", READER), ("R2", OTHER)):
        frappe.get_doc(
            doctype="Lending Member", member_name=f"Member {card}", card_no=card, user=user, email=user
        ).insert()
    frappe.db.commit()


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The bench with both apps installed, users and a few records."""
    made = Bench(Path(REAL) if REAL else tmp_path_factory.mktemp("bench"))
    (made.root / "apps").mkdir(exist_ok=True)
    _install(made)
    made.installed = made.trace()
    if not REAL:
        sys.path[:0] = [str(made.apps / app) for app in APPS]
    import frappe

    before, here = _bound(frappe), os.getcwd()
    _fill(made.connect())
    frappe.destroy()
    _bind(frappe, before)
    os.chdir(here)
    yield made
    sys.path[:] = (
        [entry for entry in sys.path if not entry.startswith(str(made.apps))] if not REAL else sys.path
    )
    if not REAL:
        made.database.drop(str(made.sites), made.site)
    if REAL:
        for app in reversed(APPS):
            made.run("uninstall-app", app, "--yes", "--no-backup")
            (made.sites / "assets" / app).unlink(missing_ok=True)


def _bound(frappe) -> dict | None:
    """What another test module has bound to this process; Frappe needs no such care."""
    return None if REAL else dict(frappe.local)


def _bind(frappe, before: dict | None) -> None:
    if before is not None:
        frappe.local.bind(before)


@pytest.fixture
def site(bench: Bench) -> Iterator[Bench]:
    """The site in this process, as Administrator; what the test writes is undone."""
    import frappe

    before, here = _bound(frappe), os.getcwd()
    bench.connect()
    bench.forget()
    frappe.set_user("Administrator")
    frappe.flags.in_test = True
    frappe.local.lang = "en"
    yield bench
    frappe.db.rollback()
    frappe.destroy()
    _bind(frappe, before)
    os.chdir(here)


class Browser:
    """Somebody at the site's address, with cookies."""

    def __init__(self, base: str, host: str) -> None:
        self.base, self.http = base, requests.Session()
        self.http.headers["Host"] = host
        self.http.trust_env = False

    def get(self, path: str, follow: bool = True, **more) -> requests.Response:
        """A page."""
        return self._ask("get", path, follow, **more)

    def post(self, path: str, follow: bool = True, **more) -> requests.Response:
        """A form or a call."""
        return self._ask("post", path, follow, **more)

    def _ask(self, verb: str, path: str, follow: bool, **more) -> requests.Response:
        answer = self.http.request(verb, self.base + path, allow_redirects=False, timeout=60, **more)
        for _ in range(5):
            if not (follow and answer.is_redirect):
                break
            target = answer.headers["Location"]
            target = "/" + target.split("/", 3)[3] if "://" in target else target
            answer = self.http.get(self.base + target, allow_redirects=False, timeout=60)
        return answer

    def call(self, method: str, verb: str = "get", **arguments) -> requests.Response:
        """A whitelisted method."""
        kind = "params" if verb == "get" else "json"
        return self._ask(verb, f"/api/method/{method}", False, **{kind: arguments})

    def sign_in(self, user: str, password: str = PASSWORD) -> Browser:
        """As that user."""
        answer = self.post("/api/method/login", follow=False, data={"usr": user, "pwd": password})
        assert answer.status_code == 200, answer.text
        return self


@pytest.fixture(scope="session")
def server(bench: Bench) -> Iterator[str]:
    """The address of a web server for the site."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    more = ["--noreload", "--nothreading"] if REAL else ["--workers", "1"]
    with open(bench.sites / bench.site / "logs" / "stranger-web.log", "w") as log:
        process = subprocess.Popen(
            bench.command("serve", "--port", str(port), *more),
            env=bench.environment,
            cwd=bench.sites,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}", bench.site)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(base: str, host: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if Browser(base, host).get("/api/method/ping").ok:
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < deadline, "the web server did not come up"
        time.sleep(0.1)


@pytest.fixture
def browser(server: str, bench: Bench) -> Browser:
    """A guest."""
    bench.forget()
    return Browser(server, bench.site)
