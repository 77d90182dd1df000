"""The database that a test's site stands on: SQLite, or MariaDB when TEST_DB says so.

TEST_MARIADB_SOCKET, or TEST_MARIADB_HOST and TEST_MARIADB_PORT, name a server, with TEST_MARIADB_ROOT_USER and
TEST_MARIADB_ROOT_PASSWORD; when none is named, one is started from Debian's `mariadb-server` for these tests alone.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import secrets
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import private_mariadb as own
import pytest


@dataclass
class ChosenDatabase:
    """What `new_site` wants to know."""

    kind: str
    config: dict[str, Any] = field(default_factory=dict)
    root: Any = None

    def drop(self, sites_path: str, site: str) -> None:
        """Drops it, where it is not in the site's folder."""
        if self.root is None:
            return
        import frappe
        from frappe.database import sites

        before = dict(frappe.local)
        frappe.init(site, sites_path=sites_path, force=True)
        sites.drop(self.root)
        frappe.local.bind(before)

    def as_json(self) -> str:
        """The same for a process of its own."""
        root = [self.root.user, self.root.password] if self.root else None
        return json.dumps({"kind": self.kind, "config": self.config, "root": root})

    def options(self) -> list[str]:
        """The same for the command `new-site`."""
        words = [f"--{key.replace('_', '-')}={value}" for key, value in self.config.items()]
        if self.root is not None:
            words += [f"--db-root-username={self.root.user}", f"--db-root-password={self.root.password}"]
        return [f"--db-type={self.kind}", *words]


def chosen_database(purpose: str) -> ChosenDatabase:
    """A database of its own for a purpose; the test that asks is skipped where there can be none."""
    if os.environ.get("TEST_DB", "sqlite") != "mariadb":
        return ChosenDatabase("sqlite")
    return mariadb(purpose)


def mariadb(purpose: str) -> ChosenDatabase:
    """A database on MariaDB, whatever TEST_DB says."""
    if reason := own.missing():
        required = any(name.endswith("_REQUIRE_ALL") and value for name, value in os.environ.items())
        (pytest.fail if required else pytest.skip)(reason)
    from frappe.database.sites import Root

    config: dict[str, Any] = {"db_name": f"test_{purpose}_{secrets.token_hex(4)}"}
    if os.environ.get(own.HOST):
        config |= {"db_host": os.environ[own.HOST], "db_port": int(os.environ.get(own.PORT) or 3306)}
    else:
        config["db_socket"] = os.environ.get(own.SOCKET) or _started()
    return ChosenDatabase(
        "mariadb", config, Root(os.environ.get(own.USER, "root"), os.environ.get(own.PASSWORD, ""))
    )


@functools.cache
def _started() -> str:
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mariadb-"))
    return stack.enter_context(own.server(folder))
