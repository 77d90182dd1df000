"""A site's database as a whole: made, dropped, copied and replaced. Each kind of database has its own module."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import frappe

KINDS = ("sqlite", "mariadb")


@dataclass(frozen=True)
class Root:
    """Who may make and drop databases on a server."""

    user: str = "root"
    password: str = ""
    #: Hosts from which the site's own user may come; found out from the address of the server when empty.
    scope: str = ""


def of_kind(db_type: str) -> ModuleType:
    """The module for a kind of database.

    :raises frappe.ImproperDBConfigurationError: for an unknown kind
    """
    if db_type == "sqlite":
        from frappe.database import sqlite_site

        return sqlite_site
    if db_type == "mariadb":
        from frappe.database import mariadb_site

        return mariadb_site
    raise frappe.ImproperDBConfigurationError(f"unknown db_type: {db_type}")


def configuration(db_type: str, site: str, given: dict[str, Any]) -> dict[str, Any]:
    """What a new site's configuration says of its database, with names and secrets that nobody gave."""
    return {"db_type": db_type, **of_kind(db_type).configuration(site, given)}


def make(root: Root | None, force: bool) -> None:
    """Makes the empty database of the current site, in place of an old one with `force`.

    :raises frappe.SiteExistsError: when there is one already
    """
    of_kind(frappe.local.conf.db_type).make(root, force)


def drop(root: Root | None) -> None:
    """Drops the database of the current site, where that is more than a file of its folder."""
    of_kind(frappe.local.conf.db_type).drop(root)


def back_up(base: str) -> str:
    """Writes a consistent copy while others write; `base` is the copy's path without its ending. Returns the path."""
    return of_kind(frappe.local.conf.db_type).back_up(base)


def check_copy(path: str) -> None:
    """Looks at a copy before anything is replaced by it.

    :raises frappe.ValidationError: when it is no whole copy of a site's database
    """
    of_kind(frappe.local.conf.db_type).check_copy(path)


def restore(path: str) -> None:
    """Replaces the database of the current site by a copy that `check_copy` has found sound."""
    of_kind(frappe.local.conf.db_type).restore(path)
