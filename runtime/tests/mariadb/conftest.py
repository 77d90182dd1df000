"""A site on MariaDB, whatever the other tests run on; skipped by name where there is no MariaDB."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chosen_database import ChosenDatabase, mariadb

SITE, ITEM, NUMBERED, TREE = "maria.test", "Maria Item", "Maria Numbered", "Maria Tree"


@pytest.fixture(scope="session")
def server_database() -> ChosenDatabase:
    """A database of its own on the server."""
    return mariadb("own")


@pytest.fixture(scope="session")
def maria_site(server_database: ChosenDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The folder of sites that has the site."""
    import frappe
    from frappe import installer

    folder = str(tmp_path_factory.mktemp("maria"))
    before = dict(frappe.local)
    frappe.local.release()
    installer.new_site(
        SITE,
        folder,
        "a password 4 tests",
        "mariadb",
        config=server_database.config,
        root=server_database.root,
    )
    frappe.init(SITE, sites_path=folder, force=True)
    frappe.connect()
    fields = [
        {"fieldname": "title", "fieldtype": "Data", "label": "Title"},
        {"fieldname": "code", "fieldtype": "Data", "label": "Code", "unique": 1},
        {"fieldname": "state", "fieldtype": "Select", "label": "State", "options": "Open\nIt's done", "default": "It's done"},
        {"fieldname": "amount", "fieldtype": "Currency", "label": "Amount"},
        {"fieldname": "seen_at", "fieldtype": "Datetime", "label": "Seen at"},
        {"fieldname": "at_time", "fieldtype": "Time", "label": "At"},
        {"fieldname": "extra", "fieldtype": "JSON", "label": "Extra"},
    ]  # fmt: skip
    common = {"doctype": "DocType", "module": "Core", "custom": 1}
    frappe.get_doc(**common, name=ITEM, autoname="ITEM-.####", fields=fields).insert()
    frappe.get_doc(**common, name=NUMBERED, autoname="autoincrement", fields=fields[:1]).insert()
    tree = [
        {"fieldname": "parent_maria_tree", "fieldtype": "Link", "label": "Parent", "options": TREE},
        {"fieldname": "is_group", "fieldtype": "Check", "label": "Group"},
        {"fieldname": "lft", "fieldtype": "Int", "label": "Left"},
        {"fieldname": "rgt", "fieldtype": "Int", "label": "Right"},
        {"fieldname": "old_parent", "fieldtype": "Link", "label": "Old parent", "options": TREE},
    ]
    frappe.get_doc(**common, name=TREE, autoname="prompt", is_tree=1, nsm_parent_field=tree[0]["fieldname"], fields=tree).insert()  # fmt: skip
    frappe.db.commit()
    frappe.destroy()
    frappe.local.bind(before)
    yield folder
    from frappe.database import mariadb as module

    for known in module._open.__dict__.get("connections", {}).values():
        known.shut()
    server_database.drop(folder, SITE)


@pytest.fixture
def site(maria_site: str) -> Iterator[str]:
    """The site, connected as Administrator; what a test writes is rolled back, or deleted where it committed."""
    import frappe

    before = dict(frappe.local)
    frappe.init(SITE, sites_path=maria_site, force=True)
    frappe.connect()
    yield maria_site
    frappe.db.rollback()
    for doctype in (ITEM, NUMBERED, TREE):
        frappe.db.delete(doctype)
    frappe.db.commit()
    frappe.destroy()
    frappe.local.bind(before)


@pytest.fixture
def item(site: str) -> Callable[..., Any]:
    """Makes a record."""
    import frappe

    return lambda **values: frappe.get_doc(doctype=ITEM, **{"title": "an item", **values}).insert()


@pytest.fixture
def other(site: str) -> Iterator[Any]:
    """A second connection to the same database, as another process would have it."""
    import frappe
    from frappe.database.mariadb import MariaDBDatabase, settings_of

    connection = MariaDBDatabase(settings_of(frappe.local.conf))
    connection.sql("set session innodb_lock_wait_timeout = 1")
    connection.rollback()
    yield connection
    connection.shut()


def in_processes(folder: str, count: int, body: str) -> list[str]:
    """What several processes print that run the same lines on the site at the same time."""
    script = (
        "import sys, frappe\n"
        f"frappe.init({SITE!r}, sites_path={folder!r})\n"
        "frappe.connect()\n"
        "sys.stdin.readline()\n" + body
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    processes = [
        subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(count)
    ]  # fmt: skip
    answers = []
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        out, problem = process.communicate(timeout=120)
        assert process.returncode == 0, problem
        answers.append(out)
    return answers
