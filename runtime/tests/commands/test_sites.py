"""Sites through the real command line: made, filled, migrated, kept, restored; and what is said when it goes wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import tarfile

import pytest
import requests

from runtime.tests.commands.conftest import PASSWORD, SITE, Bench, wait_for
from runtime.tests.http.conftest import free_port

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DB") == "mariadb",
    reason="looks into SQLite's file; test_keeping.py does so on MariaDB",
)


def database(bench: Bench, site: str = SITE) -> sqlite3.Connection:
    """The site's file, beside the host."""
    return sqlite3.connect(bench.sites / site / "db/site.db")


def content(path: str) -> dict[str, list]:
    """Every row of every table, sessions and counters of caches excepted."""
    with sqlite3.connect(path) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        return {
            table: sorted(map(repr, connection.execute(f"select * from `{table}`")))
            for table in tables
            if table != "__versions"
        }


def definitions(bench: Bench) -> list[tuple]:
    """Tables, columns and indexes of the site."""
    with database(bench) as connection:
        return sorted(connection.execute("select type, name, sql from sqlite_master").fetchall())


# -- making sites


def test_a_new_site_has_a_password_and_nothing_else_is_known(bench, tmp_path):
    other = Bench(tmp_path)
    other.write_app()
    assert "Site fresh.test is ready" in other.ok(
        "new-site", "fresh.test", site=None, typed=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert other.ok("list-apps", site="fresh.test").split() == ["frappe"]
    config = other.sites / "fresh.test/site_config.json"
    assert config.stat().st_mode & 0o077 == 0 and json.loads(config.read_text())["encryption_key"]
    with database(other, "fresh.test") as connection:
        stored = connection.execute("select password from __Auth").fetchall()
    assert stored and PASSWORD not in repr(stored)


def test_a_site_is_not_made_twice(bench):
    done = bench.run("new-site", SITE, "--admin-password", "other-Horse-7", site=None)
    assert done.returncode == 1 and f"{SITE} exists already" in done.stderr and "Traceback" not in done.stderr


def test_an_app_is_installed_once_with_everything_that_belongs_to_it(bench):
    assert bench.ok("install-app", "shop").strip() == "shop: was installed before"
    assert bench.ok("list-apps").split() == ["frappe", "shop"]
    assert re.search(r"^shop 1\.2\.0$", bench.ok("version"), re.MULTILINE)
    assert bench.ask("frappe.db.get_default('installed_shop'), frappe.db.exists('Role', 'Shop Clerk')") == "('yes', 'Shop Clerk')"  # fmt: skip
    assert (
        bench.ask("frappe.db.get_default('first_patch')") == "None"
    )  # a new app needs none of its old patches
    assert bench.ok("shop-count").strip() == "0 articles"


def test_migrating_twice_changes_nothing(bench):
    bench.ok("migrate")
    before = definitions(bench), content(str(bench.sites / SITE / "db/site.db"))
    assert bench.ok("migrate").strip() == f"{SITE}: patches: 0, files: 0"
    assert (definitions(bench), content(str(bench.sites / SITE / "db/site.db"))) == before
    assert bench.notes() == ["migrated", "migrated"]


def test_a_changed_app_is_migrated_with_its_rows_kept(bench):
    bench.ok("execute", "shop.jobs.add", "--args", '["old"]')
    path = bench.root / "apps/shop/shop/doctype/article/article.json"
    patches = bench.root / "apps/shop/patches.txt"
    before, listed = path.read_text(), patches.read_text()
    changed = json.loads(before)
    changed["fields"].append(
        {"fieldname": "colour", "fieldtype": "Data", "label": "Colour", "search_index": 1, "idx": 4}
    )
    try:
        path.write_text(json.dumps(changed))
        patches.write_text(listed + "shop.patches.second\n")
        assert bench.ok("migrate").startswith(f"{SITE}: patches: 1")
        assert bench.ask("frappe.get_doc('Article', 'old').colour, frappe.db.get_default('second_patch')") == "(None, 'done')"  # fmt: skip
        assert any("colour" in str(row[2]) and row[0] == "index" for row in definitions(bench))
    finally:
        path.write_text(before)
        patches.write_text(listed)
        bench.ok("migrate")
    assert bench.titles() == ["old"]


def test_one_command_for_all_sites(tmp_path):
    other = Bench(tmp_path)
    other.write_app()
    for name in ("one.test", "two.test"):
        other.ok("new-site", name, "--admin-password", PASSWORD, "--install-app", "shop", site=None)
    shown = other.ok("migrate", site="all")
    assert "one.test: patches" in shown and "two.test: patches" in shown
    assert "default site" not in other.ok("use", "two.test", site=None)
    assert other.ok("shop-count", site=None).strip() == "0 articles"
    other.ok("drop-site", "one.test", site=None, typed="y\n")
    assert not (other.sites / "one.test").exists() and list((tmp_path / "archived/sites").iterdir())
    assert other.ok("list-apps", site="all").split() == ["frappe", "shop"]


def test_an_app_leaves_with_its_tables(tmp_path):
    other = Bench(tmp_path)
    other.write_app()
    other.ok("new-site", SITE, "--admin-password", PASSWORD, "--install-app", "shop", site=None)
    other.ok("uninstall-app", "shop", "--dry-run")
    assert other.ok("list-apps").split() == ["frappe", "shop"]
    other.ok("uninstall-app", "shop", "--yes")
    assert other.ok("list-apps").split() == ["frappe"]
    assert not any(row[1] == "tabArticle" for row in definitions(other))


# -- configuration and people


def test_configuration_is_written_and_taken_out(bench):
    bench.ok("set-config", "greeting", "hello")
    bench.ok("set-config", "-p", "limit", "[1, 2]")
    bench.ok("set-config", "-g", "everywhere", "yes", site=None)
    assert (
        bench.ask("frappe.conf.greeting, frappe.conf.limit, frappe.conf.everywhere")
        == "('hello', [1, 2], 'yes')"
    )
    for key in ("-rqY0HpTcSRZqnhob=", "--", "-p"):
        bench.ok("set-config", *(("greeting", key) if key not in ("--", "-p") else ("--", "greeting", key)))
        assert bench.ask("frappe.conf.greeting") == key
    bench.ok("set-config", "greeting", "None")
    assert bench.ask("frappe.conf.greeting") == "None"
    done = bench.run("set-config", "-p", "limit", "[1,")
    assert done.returncode == 2 and "not JSON" in done.stderr


def test_passwords_and_users(bench):
    bench.ok("add-user", "seller@shop.test", "--password", PASSWORD, "--add-role", "Shop Clerk")
    assert bench.ask("frappe.get_roles('seller@shop.test').count('Shop Clerk')") == "1"
    done = bench.run("add-user", "not an address")
    assert done.returncode == 1 and "not an address" in done.stderr and "Traceback" not in done.stderr
    bench.ok("set-admin-password", "another-Horse-8")
    check = "__import__('frappe.utils.password').utils.password.check_password('Administrator', {!r})"
    assert bench.ask(check.format("another-Horse-8")) == "Administrator"
    assert "AuthenticationError" in bench.run("console", typed=check.format(PASSWORD) + "\n").stderr
    bench.ok("set-admin-password", PASSWORD)


def test_functions_run_from_the_command_line(bench):
    assert json.loads(bench.ok("execute", "frappe.db.count", "--args", '["Article"]')) == 0
    assert json.loads(bench.ok("execute", "frappe.get_all", "--kwargs", '{"doctype": "Role", "filters": {"name": "Shop Clerk"}}')) == [{"name": "Shop Clerk"}]  # fmt: skip
    bench.ok("execute", "shop.jobs.add", "--args", '["kept"]')
    assert bench.titles() == ["kept"]
    bench.ok("clear-cache")


# -- what is said when it goes wrong


@pytest.mark.parametrize(
    ("arguments", "site", "said"),
    [
        (["migrate"], "nowhere.test", "nowhere.test"),
        (["list-apps"], None, "Please give a site"),
        (["install-app", "no_such_app"], SITE, "no_such_app cannot be imported"),
        (["uninstall-app", "no_such_app", "--yes"], SITE, "no_such_app is not installed"),
        (["execute", "shop.jobs.nothing"], SITE, "There is no function shop.jobs.nothing"),
        (["execute", "nothing.at.all"], SITE, "There is no function nothing.at.all"),
        (["execute", "frappe.get_doc", "--args", '["Article", "Nope"]'], SITE, "Article Nope not found"),
        (["execute", "frappe.db.count", "--args", "Article"], SITE, "not JSON"),
        (["set-config", "a", "b"], "nowhere.test", "There is no site nowhere.test"),
        (["use", "nowhere.test"], None, "There is no site nowhere.test"),
        (["drop-site", "nowhere.test"], None, "There is no site nowhere.test"),
        (["restore", "nothing.db", "--force"], SITE, "nothing.db"),
        (["start", "--procfile", "Nofile"], None, "Nofile"),
        (["no-such-command"], SITE, "No such command"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong_without_a_traceback(bench, arguments, site, said):
    if site is None:
        bench.ok("new-site", "second.test", "--admin-password", PASSWORD, "--force", site=None)
    done = bench.run(*arguments, site=site)
    assert done.returncode in {1, 2} and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_of_the_app_s_code_is_shown_with_its_place(bench):
    done = bench.run("execute", "shop.jobs.add_and_fail", "--args", '["half"]')
    assert done.returncode and "Traceback" in done.stderr and "broken on purpose" in done.stderr
    assert bench.titles() == []


# -- copies


def back_up(bench: Bench, folder, *more: str) -> str:
    """The path of a new copy."""
    return bench.ok("backup", "--backup-path", str(folder), *more).strip()


def test_a_restored_site_holds_what_was_kept(bench, tmp_path):
    bench.ask(
        "[frappe.get_doc(doctype='Article', title=f'article {n}', price=n, secret='hidden').insert() for n in range(50)] and frappe.db.commit()"
    )
    for folder, name in (("public", "open.txt"), ("private", "closed.txt")):
        (bench.sites / SITE / folder / "files" / name).write_text(name)
    copy = back_up(bench, tmp_path, "--with-files")
    kept = content(copy)
    bench.ask("frappe.db.delete('Article') or frappe.db.set_default('x', 'later') or frappe.db.commit()")
    (bench.sites / SITE / "private/files/closed.txt").unlink()
    archive = copy.replace("-database.db", "-files.tar.gz")
    assert bench.ok("restore", copy, "--with-files", archive, typed="y\n").endswith(f"{SITE} restored\n")
    assert content(str(bench.sites / SITE / "db/site.db")) == kept
    assert (bench.sites / SITE / "private/files/closed.txt").read_text() == "closed.txt"
    assert bench.ask("frappe.get_doc('Article', 'article 7').get_password('secret')") == "hidden"
    assert len(bench.titles()) == 50


def test_a_copy_goes_to_another_machine_with_its_key(bench, tmp_path):
    bench.ask(
        "frappe.get_doc(doctype='Article', title='moved', secret='hidden').insert() and frappe.db.commit()"
    )
    copy = back_up(bench, tmp_path / "copies")
    other = Bench(tmp_path / "other")
    other.root.mkdir()
    other.write_app()
    other.ok("new-site", SITE, "--admin-password", "other-Horse-7", site=None)
    other.ok("restore", copy, "--force")
    key = json.loads((tmp_path / "copies").glob("*config_backup.json").__next__().read_text())[
        "encryption_key"
    ]
    other.ok("set-config", "encryption_key", key)
    assert other.ask("frappe.get_doc('Article', 'moved').get_password('secret')") == "hidden"
    assert other.ok("list-apps").split() == ["frappe", "shop"]


def test_a_copy_made_while_others_write_is_consistent(bench, tmp_path):
    writers = [bench.start("execute", "shop.jobs.keep_inserting", "--args", "[4]")]
    wait_for(lambda: database(bench).execute("select count(*) from tabArticle").fetchone()[0] > 20)
    copies = [back_up(bench, tmp_path / str(number)) for number in range(3)]
    for writer in writers:
        assert writer.wait(60) == 0
    sizes = []
    for copy in copies:
        with sqlite3.connect(copy) as connection:
            assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
            titles = [row[0] for row in connection.execute("select title from tabArticle")]
        pairs = {title.rpartition(" ")[0] for title in titles}
        assert len(titles) == 2 * len(pairs), "half of a transaction was copied"
        sizes.append(len(titles))
    assert sizes[0] < sizes[-1]


def test_what_is_no_copy_replaces_nothing(bench, tmp_path):
    bench.ok("execute", "shop.jobs.add", "--args", '["kept"]')
    copy = back_up(bench, tmp_path)
    (tmp_path / "garbage.db").write_bytes(b"garbage" * 1000)
    whole = bytearray((tmp_path / copy).read_bytes())
    whole[8192 : 8192 + 40000] = b"\xff" * 40000
    (tmp_path / "damaged.db").write_bytes(whole)
    sqlite3.connect(tmp_path / "empty.db").execute("create table other (a)")
    for name in ("garbage.db", "damaged.db", "empty.db"):
        done = bench.run("restore", name, "--force", cwd=tmp_path)
        assert done.returncode == 1 and "nothing was changed" in done.stderr, name
    assert bench.titles() == ["kept"]
    assert bench.run("restore", copy, typed="n\n").returncode == 130
    assert bench.titles() == ["kept"]


def test_copies_hold_secrets_and_are_the_owner_s_alone(bench, tmp_path):
    back_up(bench, tmp_path)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    inside = bench.ok("backup", "--with-files").strip()
    with tarfile.open(inside.replace("-database.db", "-files.tar.gz")) as archive:
        assert {"public/files", "private/files"} <= set(archive.getnames())


# -- processes


def test_the_site_is_served(bench):
    port = free_port()
    process = bench.start("serve", "--port", str(port), "--workers", "2")
    try:

        def answers() -> bool:
            try:
                return requests.get(f"http://127.0.0.1:{port}/api/method/ping", timeout=2).ok
            except requests.ConnectionError:
                return False

        wait_for(answers)
        answer = requests.post(f"http://127.0.0.1:{port}/api/method/login", json={"usr": "Administrator", "pwd": PASSWORD}, timeout=10)  # fmt: skip
        assert answer.status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_procfile_s_processes_live_and_end_together(bench, tmp_path):
    (tmp_path / "Procfile").write_text("# a comment\nfirst: sleep 60\nsecond: sh -c 'echo hello; exit 3'\n")
    process = bench.start("start", "--procfile", str(tmp_path / "Procfile"), site=None)
    lines = []
    while not any("starting again in 1.0 s" in line for line in lines):
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=20)[0]
    assert process.returncode == 0 and rest.endswith("stopped\n")
    assert "second | hello\n" in lines and "second | ended with 3; starting again in 0.5 s\n" in lines
