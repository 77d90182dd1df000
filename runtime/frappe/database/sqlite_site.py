"""A site's SQLite file: made, copied and replaced."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import Any

import frappe


def configuration(site: str, given: dict[str, Any]) -> dict[str, Any]:
    """The file is called after `db_name`."""
    return {"db_name": given.get("db_name") or "site"}


def _path() -> str:
    return os.path.join(frappe.local.site_path, "db", f"{frappe.local.conf.db_name or 'site'}.db")


def make(root: Any, force: bool) -> None:
    """An old file goes; the new one comes with the first connection."""
    folder = os.path.dirname(_path())
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))


def drop(root: Any) -> None:
    """The file goes where its folder goes."""


def back_up(base: str) -> str:
    """A consistent copy, while others may write."""
    target = f"{base}-database.db"
    partial = f"{target}.partial"
    with closing(_reading(_path())) as live, closing(sqlite3.connect(partial)) as copy:
        live.backup(copy)
    # Whoever is interrupted leaves nothing behind that looks like a copy.
    os.replace(partial, target)
    return target


def check_copy(path: str) -> None:
    """Its pages are whole and it knows of DocTypes."""
    try:
        with closing(_reading(path)) as copy:
            sound = copy.execute("pragma integrity_check").fetchone()[0] == "ok"
            copy.execute("select count(*) from `tabDocType`")
    except sqlite3.DatabaseError as error:
        raise frappe.ValidationError(f"{path} is no copy of a site ({error}); nothing was changed") from error
    if not sound:
        raise frappe.ValidationError(f"{path} is damaged; nothing was changed")


def restore(path: str) -> None:
    """All pages in one transaction, so that it is done or not done."""
    with closing(_reading(path)) as copy, closing(sqlite3.connect(_path(), timeout=60)) as live:
        copy.backup(live)


def _reading(path: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{os.path.abspath(path)}?mode=ro", uri=True, timeout=60)
