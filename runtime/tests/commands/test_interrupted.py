"""Commands that are killed at random points can be run again and end where an uninterrupted one ends.

INTERRUPT_ROUNDS says how often each command is killed before it may end.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from runtime.tests.commands.conftest import PASSWORD, Bench

ROUNDS = int(os.environ.get("INTERRUPT_ROUNDS", "1"))
SEED = int(os.environ.get("KILL_SEED", str(time.time_ns() % 100000)))
SITE = "again.test"
#: What differs from run to run by its nature.
MOMENTS = {
    "creation",
    "modified",
    "name",
    "last_execution",
    "password",
    "lastupdate",
    "version",
    "current",
    "data",
    "key",
}
PASSING = {
    "tabError Log",
    "tabVersion",
    "tabActivity Log",
    "__versions",
    "__Auth",
    "__jobs",
    "tabSessions",
    "tabDeleted Document",
}


def content(path: Path) -> dict[str, list]:
    """All tables with their rows, without moments and made-up names."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        found = {}
        for table in sorted(set(tables) - PASSING):
            columns = [row[1] for row in connection.execute(f"pragma table_info(`{table}`)")]
            rows = connection.execute(f"select * from `{table}`").fetchall()
            if table == "tabSingles":
                rows = [row for row in rows if row[1] not in MOMENTS]
            kept = [index for index, name in enumerate(columns) if name not in MOMENTS]
            found[table] = sorted(repr([row[index] for index in kept]) for row in rows)
    return found


class Interrupter:
    """Runs a command, kills it at random points, runs it to its end."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.chosen, self.kills = bench, random.Random(SEED), 0

    def run(self, *arguments: str, site: str | None = SITE, seconds: float) -> None:
        """:param seconds: how long an uninterrupted run takes"""
        for _ in range(ROUNDS):
            process = subprocess.Popen(
                self.bench.command(*arguments, site=site), env=self.bench.environment, cwd=self.bench.root,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                process.wait(self.chosen.uniform(0.3, 1) * seconds)
            except subprocess.TimeoutExpired:
                self.kills += 1
                process.kill()
                process.wait()
        done = self.bench.run(*arguments, site=site)
        if done.returncode and "exists already" in done.stderr:
            return  # it was quicker than the kill
        assert done.returncode == 0, f"seed {SEED}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("again"))
    bench.write_app()
    return bench


def steps(bench: Bench, run) -> dict[str, dict]:
    """Each command of a site's life; what the database holds after it."""
    path, found = bench.sites / SITE / "db/site.db", {}
    run("new-site", SITE, "--admin-password", PASSWORD, site=None)
    found["new-site"] = content(path)
    run("install-app", "shop")
    found["install-app"] = content(path)
    folder = bench.root / "apps/shop"
    patches, article = folder / "patches.txt", folder / "shop/doctype/article/article.json"
    before = patches.read_text(), article.read_text()
    patches.write_text(before[0] + "shop.patches.second\n")
    article.write_text(before[1].replace('"Price"', '"Price now"'))
    run("migrate")
    found["migrate"] = content(path)
    patches.write_text(before[0])
    article.write_text(before[1])
    copies = bench.root / "copies"
    if not copies.exists():
        bench.ok("backup", "--with-files", "--backup-path", str(copies), site=SITE)
    (copy,) = copies.glob("*-database.db")
    (files,) = copies.glob("*-files.tar.gz")
    bench.ok("execute", "shop.jobs.add", "--args", '["too much"]', site=SITE)
    run("restore", str(copy), "--with-files", str(files), "--force")
    found["restore"] = content(path)
    return found


def test_what_was_interrupted_can_be_run_again(bench):
    taken: dict[str, float] = {}

    def quietly(*arguments: str, site: str | None = SITE) -> None:
        began = time.monotonic()
        bench.ok(*arguments, site=site)
        taken[arguments[0]] = time.monotonic() - began

    wanted = steps(bench, quietly)
    bench.ok("drop-site", SITE, "--force", site=None)
    again = Interrupter(bench)
    found = steps(
        bench, lambda *arguments, site=SITE: again.run(*arguments, site=site, seconds=taken[arguments[0]])
    )
    print(f"seed {SEED}: {again.kills} kills")
    for step, tables in wanted.items():
        assert found[step].keys() == tables.keys(), f"{step}, seed {SEED}"
        differing = {name: (sorted(set(rows) ^ set(found[step][name]))[:2], len(rows), len(found[step][name])) for name, rows in tables.items() if rows != found[step][name]}  # fmt: skip
        assert differing == {}, f"{step}, seed {SEED}"
