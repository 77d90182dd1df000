"""This host on MariaDB beside this host on SQLite: the same operations, taken in turns.

The server is the one that TEST_MARIADB_HOST and TEST_MARIADB_PORT, or TEST_MARIADB_SOCKET, name, else one that is started for the
comparison; it waits for no disk, as SQLite's usual setting does not.

Lists are read right after 20,000 rows came in. Once they are lasting the host has the server count them anew (some milliseconds);
by itself it does so only about five seconds later, and sorts them all until then instead of following the index.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import beside_frappe
import frappe
from frappe import installer

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "databases"))
import private_mariadb
from chosen_database import ChosenDatabase, mariadb

SITE, TURNS = "speed.test", 3


def make(folder: str, database: ChosenDatabase) -> None:
    """A fresh site."""
    installer.new_site(
        SITE, folder, "a password 4 tests", database.kind, config=database.config, root=database.root
    )
    frappe.destroy()


def best(known: dict[str, float], found: dict[str, float]) -> dict[str, float]:
    """The quicker of two figures each: others use the machine, too."""
    return {
        what: (min if what.endswith("ms") else max)(known.get(what, figure), figure)
        for what, figure in found.items()
    }


def main() -> None:
    """Prints one table."""
    if reason := private_mariadb.missing():
        print(reason)
        return
    databases = {"sqlite": ChosenDatabase("sqlite"), "mariadb": mariadb("speed")}
    figures: dict[str, dict[str, float]] = {kind: {} for kind in databases}
    with tempfile.TemporaryDirectory() as folder:
        for kind, database in databases.items():
            make(f"{folder}/{kind}", database)
        for _ in range(TURNS):
            for kind in databases:
                found = beside_frappe.in_process(sys.executable, f"{folder}/{kind}", SITE)
                figures[kind] = best(figures[kind], found)
        databases["mariadb"].drop(f"{folder}/mariadb", SITE)
    for what, figure in figures["sqlite"].items():
        other = figures["mariadb"][what]
        ratio = figure / other if what.endswith("ms") else other / figure
        digits = 3 if what.endswith("ms") else 0
        print(
            f"{what:<40} SQLite {figure:10,.{digits}f}   MariaDB {other:10,.{digits}f}   {ratio:5.2f} × SQLite"
        )


if __name__ == "__main__":
    main()
