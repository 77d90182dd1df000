"""What the tests with kill -9 work on: an app's functions, processes that come back, and an oracle outside of them."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import requests

from runtime.tests.commands.conftest import SITE, Bench, wait_for
from runtime.tests.commands.servers import free_port

APP = """
import frappe


@frappe.whitelist(allow_guest=True)
def accept(key, numbers):
    # One transaction: an order with its lines, and the job that confirms it.
    order = frappe.get_doc(doctype="Kill Order", title=key, total=sum(numbers),
                           lines=[{"amount": number} for number in numbers])
    order.insert(ignore_permissions=True)
    frappe.enqueue("shop.kills.confirm", key=key, job_id=f"confirm {key}", queue="short", enqueue_after_commit=True)
    return key


def confirm(key):
    for part in ("a", "b"):
        frappe.get_doc(doctype="Kill Note", text=f"{key} {part}").insert(ignore_permissions=True)


def tick():
    frappe.get_doc(doctype="Kill Note", text="tick").insert(ignore_permissions=True)
"""

#: Forks a process of the host again whenever it has died; what it imports it imports once.
ZYGOTE = """
import os, signal, sys, time
import contextlib
import frappe, frappe.app
with contextlib.suppress(ImportError):
    from frappe.utils import _rq_worker

    # A job of a killed worker is given back sooner than is wise where machines stand still for long.
    _rq_worker.START_SECONDS, _rq_worker.LOOK_SECONDS = 5, 1
from frappe.utils import background_jobs, scheduler, worker

kind, site = sys.argv[1:3]

def run():
    if kind == "schedule":
        scheduler.schedule(site, ".", tick=0.2)
    else:
        frappe.init(site, sites_path=".")
        background_jobs.start_worker()
    os._exit(0)

child = 0
def end(*_):
    os.kill(child, signal.SIGKILL)
    os._exit(0)

signal.signal(signal.SIGTERM, end)
while True:
    child = os.fork()
    if not child:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setpgid(0, 0)
        run()
    os.waitpid(child, 0)
    time.sleep(0.01)
"""


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(number) for number in path.read_text().split()]
    except OSError:
        return []


class Fleet:
    """Web server, workers and scheduler of a site; any of them may be killed at any time."""

    def __init__(self, bench: Bench, workers: int = 2, schedulers: int = 1) -> None:
        self.port = free_port()
        self.web = bench.start("serve", "--port", str(self.port), "--workers", "2", "--threads", "2")
        self.zygotes = [
            self._zygote(bench, kind) for kind in ["worker"] * workers + ["schedule"] * schedulers
        ]
        wait_for(self._answers)

    @staticmethod
    def _zygote(bench: Bench, kind: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", ZYGOTE, kind, SITE], cwd=bench.sites, env=bench.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _answers(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/api/method/ping", timeout=2).ok
        except requests.RequestException:
            return False

    def victims(self) -> list[int]:
        """Processes that do the work: the web server's two, and one of each of the others."""
        return [pid for process in (self.web, *self.zygotes) for pid in _children(process.pid)]

    def kill_one(self, chosen: random.Random) -> None:
        """Kills one of them, with the processes that it has made itself (RQ runs a job in such a one)."""
        victims = self.victims()
        if victims:
            pid = chosen.choice(victims)
            for target in (*_children(pid), pid):
                try:
                    os.kill(target, signal.SIGKILL)
                except ProcessLookupError:
                    continue

    def end(self) -> None:
        """Ends all of them."""
        for process in self.zygotes:
            process.terminate()
        self.web.send_signal(signal.SIGINT)
        for process in (self.web, *self.zygotes):
            process.wait(20)
            if process.stdout:
                process.stdout.close()


class Oracle(threading.Thread):
    """A client that writes down, outside of the system, what it was told is accepted."""

    def __init__(self, port: int, number: int, folder: Path) -> None:
        super().__init__(daemon=True)
        self.address = f"http://127.0.0.1:{port}/api/method/shop.kills.accept"
        self.number, self.stopped, self.refused = number, threading.Event(), 0
        self.log = (folder / f"acknowledged-{number}").open("w", buffering=1)
        self.accepted: list[str] = []

    def run(self) -> None:
        """Asks again and again; whatever is not a plain answer is no promise."""
        count = 0
        while not self.stopped.is_set():
            count += 1
            key = f"order {self.number}-{count}"
            numbers = [count, self.number, 7]
            try:
                answer = requests.post(self.address, json={"key": key, "numbers": numbers}, timeout=20)
            except requests.RequestException:
                self.refused += 1
                time.sleep(0.02)
                continue
            if answer.status_code == 200 and answer.json()["message"] == key:
                self.log.write(f"{key}\n")
                self.accepted.append(key)
            else:
                self.refused += 1
            time.sleep(0.01)

    def finish(self) -> list[str]:
        """Stops; what was acknowledged."""
        self.stopped.set()
        self.join(30)
        self.log.close()
        return self.accepted


def prepare(bench: Bench) -> None:
    """The functions and DocTypes of these tests, and a job that is due every second."""
    (bench.root / "apps/shop/kills.py").write_text(APP)
    if bench.ask("frappe.db.exists('DocType', 'Kill Order')") != "None":
        bench.ask(
            "[frappe.db.delete(table) for table in ('Kill Order', 'Kill Line', 'Kill Note')] and frappe.db.commit()"
        )
        return
    script = """
common = {"doctype": "DocType", "module": "Core", "custom": 1, "permissions": [{"role": "System Manager", "read": 1}]}
frappe.get_doc(**common, name="Kill Line", istable=1, fields=[{"fieldname": "amount", "fieldtype": "Int", "label": "A"}]).insert()
frappe.get_doc(**common, name="Kill Order", autoname="field:title", fields=[{"fieldname": "title", "fieldtype": "Data", "label": "T", "unique": 1}, {"fieldname": "total", "fieldtype": "Int", "label": "S"}, {"fieldname": "lines", "fieldtype": "Table", "options": "Kill Line", "label": "L"}]).insert()
frappe.get_doc(**common, name="Kill Note", autoname="hash", fields=[{"fieldname": "text", "fieldtype": "Data", "label": "T"}]).insert()
frappe.db.set_value("Scheduled Job Type", {}, "stopped", 1)
frappe.get_doc(doctype="Scheduled Job Type", method="shop.kills.tick", frequency="Cron", cron_format="* * * * * *", create_log=1).insert(set_name="kills.tick")
frappe.db.commit()
"""
    done = bench.run("console", typed=script)
    assert "Error" not in done.stderr + done.stdout, done.stderr + done.stdout


def rows(bench: Bench, statement: str) -> list[tuple[Any, ...]]:
    """Read past the host."""
    config = json.loads((bench.sites / SITE / "site_config.json").read_text(encoding="utf-8"))
    if config.get("db_type") == "mariadb":
        return rows_of_mariadb(config, config["db_name"], config["db_password"], config["db_name"], statement)
    return rows_of_file(bench.sites / SITE / "db/site.db", statement)


def rows_of_file(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a statement reads in a SQLite file."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30) as connection:
        return connection.execute(statement).fetchall()


def rows_of_mariadb(
    config: dict, user: str, password: str, database: str, statement: str
) -> list[tuple[Any, ...]]:
    """What a statement reads in a database of the server that a site's configuration names."""
    import MySQLdb

    where = {"unix_socket": config["db_socket"]} if config.get("db_socket") else {
        "host": config["db_host"], "port": int(config.get("db_port") or 3306)}  # fmt: skip
    connection = MySQLdb.connect(user=user, password=password, database=database, charset="utf8mb4", **where)
    try:
        cursor = connection.cursor()
        cursor.execute(statement)
        return list(cursor.fetchall())
    finally:
        connection.close()
