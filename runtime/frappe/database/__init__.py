"""The door to the site's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe

if TYPE_CHECKING:
    from frappe.database.database import Database


def get_db() -> Database:
    """A connection to the current site's database.

    :raises frappe.ImproperDBConfigurationError: for a `db_type` that is not supported
    """
    kind = frappe.local.conf.get("db_type") or "sqlite"
    if kind == "sqlite":
        from frappe.database.sqlite import SQLiteDatabase

        return SQLiteDatabase.of_site(frappe.local.site_path, frappe.local.conf)
    if kind == "mariadb":
        return _mariadb().of_site(frappe.local.site_path, frappe.local.conf)
    raise frappe.ImproperDBConfigurationError(f"unknown db_type: {kind}")


def _mariadb() -> type:
    try:
        from frappe.database.mariadb import MariaDBDatabase
    except ImportError as error:
        raise frappe.ImproperDBConfigurationError(
            "db_type mariadb needs mysqlclient: pip install benchless[mariadb], after apt-get install libmariadb-dev"
            f" pkg-config ({error})"
        ) from error
    return MariaDBDatabase


def savepoint(catch: type | tuple[type, ...] = Exception):
    """Everything inside is undone, and nothing else, when `catch` is raised."""
    return frappe.db.savepoint_context(catch)
