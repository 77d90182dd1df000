"""A folder of sites with an app of its own, worked on through the real command line only."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chosen_database import ChosenDatabase, chosen_database

SITE, PASSWORD = "shop.test", "correct-Horse-7"
FILES = {
    "__init__.py": '__version__ = "1.2.0"\n',
    "modules.txt": "Shop\n",
    "patches.txt": "[pre_model_sync]\n\n[post_model_sync]\nshop.patches.first\n",
    "patches/__init__.py": "",
    "patches/second.py": """
import frappe


def execute():
    frappe.db.set_default("second_patch", "done")
""",
    "patches/first.py": """
import frappe


def execute():
    frappe.db.set_default("first_patch", "done")
""",
    "hooks.py": """
app_name = "shop"
app_title = "Shop"
after_install = "shop.jobs.installed"
after_migrate = ["shop.jobs.migrated"]
scheduler_events = {"cron": {"* * * * *": ["shop.jobs.every_minute"]}, "daily": ["shop.jobs.every_day"]}
fixtures = [{"dt": "Role"}]
""",
    "fixtures/role.json": '[{"doctype": "Role", "name": "Shop Clerk", "role_name": "Shop Clerk", "desk_access": 1}]',
    "commands.py": """
import click
import frappe
from frappe.commands import get_site, pass_context


@click.command("shop-count")
@pass_context
def count(context):
    frappe.init(site=get_site(context))
    frappe.connect()
    click.echo(f"{frappe.db.count('Article')} articles")
    frappe.destroy()


commands = [count]
""",
    "jobs.py": """
import os
import time

import frappe


def _note(text):
    with open(frappe.get_site_path("notes.txt"), "a") as file:
        file.write(text + "\\\\n")


def installed():
    frappe.db.set_default("installed_shop", "yes")


def migrated():
    _note("migrated")


def every_minute():
    _note("minute")


def every_day():
    _note("day")


def add(title):
    frappe.get_doc(doctype="Article", title=title).insert(ignore_permissions=True)


def add_as(title):
    frappe.get_doc(doctype="Article", title=title).insert()
    return frappe.session.user


def add_and_fail(title):
    add(title)
    raise RuntimeError("broken on purpose")


def slow(title, seconds):
    _note(f"start {title} {os.getpid()}")
    time.sleep(seconds)
    add(title)


def deadly(title):
    _note(f"deadly {os.getpid()}")
    os.kill(os.getpid(), 9)


def collide(title, failures):
    _note("try")
    add(title)
    if open(frappe.get_site_path("notes.txt")).read().count("try") <= failures:
        raise frappe.RetryBackgroundJobError


def tell(title):
    frappe.publish_progress(40, title=title)


def succeeded(job, connection, result, *args):
    _note(f"succeeded {result}")


def failed(job, connection, kind, error, traceback):
    _note(f"failed {error}")


def keep_inserting(seconds):
    end, number = time.time() + seconds, 0
    while time.time() < end:
        for part in ("a", "b"):
            frappe.get_doc(doctype="Article", title=f"pair {number} {part}").insert()
        frappe.db.commit()
        number += 1


def queue(method, times=1, fail=False, **kwargs):
    for _ in range(times):
        frappe.enqueue(method, **kwargs)
    if fail:
        frappe.throw("Stopped on purpose")
""",
    "web.py": """
import frappe
from frappe.utils.caching import redis_cache, site_cache

calls = []


@redis_cache(ttl=600)
def shared_answer(value):
    calls.append(value)
    return [value, frappe.db.get_default("shop_answer")]


@site_cache(ttl=600)
def own_answer():
    return frappe.db.get_default("shop_answer")


@frappe.whitelist()
def run(code):
    frappe.flags.in_shop_run = True
    names = {"frappe": frappe, "shared_answer": shared_answer, "own_answer": own_answer, "calls": calls}
    return eval(code, names)


@frappe.whitelist()
def log_and_fail():
    frappe.get_doc(doctype="Article", title="undone").insert()
    frappe.log_error("Failed on purpose", "details")
    frappe.throw("no")
""",
    "shop/__init__.py": "",
    "shop/doctype/__init__.py": "",
    "shop/doctype/article/__init__.py": "",
    "shop/doctype/article/article.py": """
from frappe.model.document import Document


class Article(Document):
    pass
""",
    "shop/doctype/article/article.json": """{
 "doctype": "DocType", "name": "Article", "module": "Shop", "custom": 0, "autoname": "field:title", "track_changes": 1,
 "fields": [
  {"fieldname": "title", "fieldtype": "Data", "label": "Title", "reqd": 1, "unique": 1, "idx": 1},
  {"fieldname": "price", "fieldtype": "Currency", "label": "Price", "idx": 2},
  {"fieldname": "secret", "fieldtype": "Password", "label": "Secret", "idx": 3}
 ],
 "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1, "permlevel": 0},
                 {"role": "Shop Clerk", "read": 1, "create": 1, "permlevel": 0}]
}""",
}


class Bench:
    """The command line, in a folder with sites."""

    def __init__(self, root: Path) -> None:
        self.root, self.sites, self.database = root, root / "sites", ChosenDatabase("sqlite")
        self.environment = os.environ | {"PYTHONPATH": str(root / "apps"), "PYTHONUNBUFFERED": "1"}
        for name in ("SITES_PATH", "FRAPPE_SITE", "SITE"):
            self.environment.pop(name, None)

    def write_app(self) -> None:
        """The app of these tests."""
        for name, text in FILES.items():
            path = self.root / "apps/shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.lstrip().replace("\\\\n", "\\n"))
        self.sites.mkdir(exist_ok=True)
        (self.sites / "apps.txt").write_text("frappe\nshop\n")

    def command(self, *arguments: str, site: str | None = SITE) -> list[str]:
        """The whole command."""
        chosen = ["--site", site] if site else []
        return [
            str(Path(sys.executable).with_name("bench")),
            "--sites-path",
            str(self.sites),
            *chosen,
            *arguments,
        ]

    def run(self, *arguments: str, site: str | None = SITE, typed: str = "", cwd: Path | None = None):
        """Runs a command to its end."""
        return subprocess.run(
            self.command(*arguments, site=site), input=typed, capture_output=True, text=True, timeout=120,
            env=self.environment, cwd=cwd or self.root, check=False,
        )  # fmt: skip

    def ok(self, *arguments: str, **more) -> str:
        """Runs a command that must succeed; what it printed."""
        done = self.run(*arguments, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: str, **more) -> subprocess.Popen:
        """Starts a command that runs on."""
        return subprocess.Popen(
            self.command(*arguments, **more), env=self.environment, cwd=self.root, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ask(self, code: str) -> str:
        """What an expression gives in the site, asked in its console."""
        done = self.run("console", typed=f"print('=', ({code}))\n")
        assert done.returncode == 0, done.stderr
        lines = [line.rpartition("= ")[2] for line in done.stdout.splitlines() if "= " in line]
        assert lines, done.stdout + done.stderr
        return lines[-1]

    def titles(self) -> list[str]:
        """All articles, in the order of their making."""
        return eval(self.ask("frappe.get_all('Article', pluck='title', order_by='creation')"))

    def notes(self) -> list[str]:
        """What the app's jobs have noted."""
        path = self.sites / SITE / "notes.txt"
        return path.read_text().splitlines() if path.exists() else []

    def forget(self) -> None:
        """A clean table for the next test."""
        (self.sites / SITE / "notes.txt").unlink(missing_ok=True)
        self.ask(
            "[frappe.db.delete(table) for table in ('Article', '__jobs', 'Error Log')] and frappe.db.commit()"
        )


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Waits until something is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def made_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A folder with one site that has the app installed."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    bench.write_app()
    database = bench.database = chosen_database("bench")
    bench.ok("new-site", SITE, "--admin-password", PASSWORD, *database.options(), site=None)
    bench.ok("install-app", "shop")
    yield bench
    database.drop(str(bench.sites), SITE)


@pytest.fixture
def bench(made_bench: Bench) -> Iterator[Bench]:
    """The folder with the site, without articles, jobs and notes."""
    made_bench.forget()
    yield made_bench
