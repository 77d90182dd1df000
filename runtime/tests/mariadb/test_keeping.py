"""`new-site`, `backup`, `restore` and `drop-site` with a database on a server."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import frappe
import MySQLdb
import pytest
from chosen_database import mariadb

from .conftest import ITEM

KEPT = "kept.test"


def bench(folder: Path, *words: str) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("bench")), "--sites-path", str(folder / "sites"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A site made by the command, with a record and a child."""
    folder, database = tmp_path_factory.mktemp("keeping"), mariadb("kept")
    done = bench(folder, "new-site", KEPT, "--admin-password", "a password 4 tests", *database.options())
    assert done.returncode == 0, done.stderr
    yield folder, database
    if (folder / "sites" / KEPT).exists():
        database.drop(str(folder / "sites"), KEPT)


def config(folder: Path) -> dict:
    return json.loads((folder / "sites" / KEPT / "site_config.json").read_text())


def query(folder: Path, statement: str) -> tuple:
    from frappe.database.mariadb import settings_of

    with closing(MySQLdb.connect(**settings_of(config(folder)), charset="utf8mb4")) as connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        connection.commit()
        return cursor.fetchall()


def checksums(folder: Path) -> dict:
    names = [row[0] for row in query(folder, "show full tables where table_type = 'BASE TABLE'")]
    # Every command raises the counter by which processes learn of changes.
    listed = ", ".join(f"`{name}`" for name in names if name != "__versions")
    return {row[0].partition(".")[2]: row[1] for row in query(folder, f"checksum table {listed}")}


def test_the_configuration_says_where_the_database_is(made):
    folder, database = made
    told = config(folder)
    assert told["db_type"] == "mariadb" and told["db_name"] == database.config["db_name"]
    assert len(told["db_password"]) > 15
    grants = [row[0] for row in query(folder, "show grants")]
    assert not any("*.*" in grant and "USAGE" not in grant for grant in grants), (
        "the site's user rules its own database alone"
    )


def test_a_database_that_exists_is_not_taken(made):
    folder, database = made
    done = bench(folder, "new-site", "second.test", "--admin-password", "x", *database.options())
    assert done.returncode != 0 and "exists already" in done.stderr
    assert query(folder, "select count(*) from `tabUser`")[0][0] >= 2


def test_a_copy_taken_while_others_write_holds_one_moment(made):
    """Writers add a row to each of two tables in one transaction: a copy of one moment has as many in both."""
    folder, _ = made
    query(folder, "create table `pair_a` (`id` int auto_increment primary key)")
    query(folder, "create table `pair_b` (`id` int auto_increment primary key)")
    stop = threading.Event()

    def write() -> None:
        from frappe.database.mariadb import settings_of

        with closing(MySQLdb.connect(**settings_of(config(folder)), charset="utf8mb4")) as connection:
            cursor = connection.cursor()
            while not stop.is_set():
                cursor.execute("insert into `pair_a` values ()")
                cursor.execute("insert into `pair_b` values ()")
                connection.commit()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        done = bench(folder, "--site", KEPT, "backup")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert done.returncode == 0, done.stderr
    copy = Path(done.stdout.strip().splitlines()[-1])
    assert copy.name.endswith("-database.sql.gz") and stat.S_IMODE(copy.stat().st_mode) == 0o600
    written = query(folder, "select count(*) from `pair_a`")[0][0]
    assert bench(folder, "--site", KEPT, "restore", str(copy), "--force").returncode == 0
    counts = query(folder, "select (select count(*) from `pair_a`), (select count(*) from `pair_b`)")[0]
    assert 0 < counts[0] == counts[1] <= written


def test_a_restored_site_has_the_same_content_and_counts_on(made):
    folder, _ = made
    before = dict(frappe.local)
    frappe.init(KEPT, sites_path=str(folder / "sites"), force=True)
    frappe.connect()
    frappe.get_doc(doctype="DocType", name=ITEM, module="Core", custom=1, autoname="autoincrement",
                   fields=[{"fieldname": "title", "fieldtype": "Data", "label": "Title"}]).insert()  # fmt: skip
    for title in ("first", "漢字 🏥 \\ ' \" %"):
        frappe.get_doc(doctype=ITEM, title=title).insert()
    frappe.db.commit()
    frappe.destroy()
    frappe.local.bind(before)
    known = checksums(folder)
    copy = bench(folder, "--site", KEPT, "backup").stdout.strip().splitlines()[-1]
    query(folder, f"delete from `tab{ITEM}`")
    query(folder, "create table `too_much` (`a` int)")
    assert bench(folder, "--site", KEPT, "restore", copy, "--force").returncode == 0
    assert checksums(folder) == known
    assert query(folder, "select nextval(`maria_item_id_seq`)") == ((3,),)


@pytest.mark.parametrize("damage", ["cut", "ends early", "another's"])
def test_a_damaged_copy_replaces_nothing(made, tmp_path, damage):
    folder, _ = made
    copy = Path(bench(folder, "--site", KEPT, "backup").stdout.strip().splitlines()[-1])
    bad = tmp_path / "bad.sql.gz"
    if damage == "cut":
        bad.write_bytes(copy.read_bytes()[:-2000])
    elif damage == "ends early":
        bad.write_bytes(gzip.compress(gzip.decompress(copy.read_bytes())[:-2000]))
    else:
        bad.write_bytes(gzip.compress(b"create table `x` (`a` int);\n-- Dump completed\n"))
    known = checksums(folder)
    done = bench(folder, "--site", KEPT, "restore", str(bad), "--force")
    assert done.returncode != 0 and "nothing was changed" in done.stderr
    assert checksums(folder) == known


def test_a_copy_that_fails_half_way_brings_back_what_was_there(made, tmp_path):
    folder, _ = made
    copy = Path(bench(folder, "--site", KEPT, "backup").stdout.strip().splitlines()[-1])
    lines = gzip.decompress(copy.read_bytes()).replace(
        b"-- Dump completed", b"insert into `nowhere` values (1);\n-- Dump completed"
    )
    bad = tmp_path / "bad.sql.gz"
    bad.write_bytes(gzip.compress(lines))
    known = checksums(folder)
    done = bench(folder, "--site", KEPT, "restore", str(bad), "--force")
    assert done.returncode != 0 and "nowhere" in done.stderr
    assert checksums(folder) == known


def test_a_dropped_site_leaves_a_copy_and_no_database(made):
    folder, database = made
    told = config(folder)
    root = [f"--db-root-username={database.root.user}", f"--db-root-password={database.root.password}"]
    done = bench(folder, "drop-site", KEPT, "--force", *root)
    assert done.returncode == 0, done.stderr
    from frappe.database.mariadb import settings_of

    with pytest.raises(MySQLdb.OperationalError):
        MySQLdb.connect(**settings_of(told))
    archived = folder / "archived" / "sites"
    assert any(name.endswith("-database.sql.gz") for _, _, names in os.walk(archived) for name in names)
