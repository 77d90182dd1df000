"""kill -9 of web processes, workers and schedulers at random points: what was acknowledged is there, whole, once.

KILL_ROUNDS says how often something is killed; KILL_SEED makes a run's choices come again. KILL_PAUSE is the longest time
between two of them in seconds: on a busy machine it has to be longer, for a job over which ten workers died is given up.
"""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from runtime.tests.commands.conftest import wait_for
from runtime.tests.commands.killing import Fleet, Oracle, prepare, rows, rows_of_file, rows_of_mariadb

ROUNDS = int(os.environ.get("KILL_ROUNDS", "20"))
PAUSE = float(os.environ.get("KILL_PAUSE", "0.3"))
SEED = int(os.environ.get("KILL_SEED", str(time.time_ns() % 100000)))


@pytest.fixture(scope="module")
def prepared(made_bench):
    made_bench.forget()
    prepare(made_bench)
    yield made_bench
    made_bench.ask(
        "frappe.db.sql(\"update `tabScheduled Job Type` set stopped = (method = 'shop.kills.tick')\") or frappe.db.commit()"
    )


def kill_at_random(bench, folder, rounds: int) -> tuple[list[str], int]:
    """(what was acknowledged, how often something was killed) while clients write and jobs run."""
    chosen = random.Random(SEED)
    fleet = Fleet(bench, workers=2, schedulers=2)
    oracles = [Oracle(fleet.port, number, folder) for number in range(2)]
    try:
        for oracle in oracles:
            oracle.start()
        for number in range(rounds):
            time.sleep(chosen.uniform(0, PAUSE))
            fleet.kill_one(chosen)
            if number == rounds // 2:
                bench.ok("backup", "--backup-path", str(folder))
        accepted = [key for oracle in oracles for key in oracle.finish()]
        # Whoever is left, and whoever has come back, finishes what waits.
        waiting = "select count(*) from __jobs where status <> 'failed' and method = 'shop.kills.confirm'"
        wait_for(lambda: rows(bench, waiting)[0][0] == 0, 120)
        before = rows(bench, "select count(*) from `tabKill Note` where text = 'tick'")[0][0]
        wait_for(
            lambda: rows(bench, "select count(*) from `tabKill Note` where text = 'tick'")[0][0] > before, 30
        )
    finally:
        for oracle in oracles:
            oracle.stopped.set()
        fleet.end()
    return accepted, sum(oracle.refused for oracle in oracles)


def whole_orders(ask: Callable[[str], list[tuple]]) -> dict[str, int]:
    """Orders with their sums, in a database in which each has all of its lines."""
    orders = dict(ask("select name, total from `tabKill Order`"))
    lines: dict[str, list[int]] = {}
    for parent, amount in ask("select parent, amount from `tabKill Line`"):
        lines.setdefault(parent, []).append(amount)
    assert {name: sum(amounts) for name, amounts in lines.items()} == orders, "half an order"
    assert {len(amounts) for amounts in lines.values()} <= {3}
    return orders


def orders_of_the_copy(bench, folder: Path) -> dict[str, int]:
    """What the copy holds that was made while everything was written to and killed."""
    if bench.database.kind == "sqlite":
        (copy,) = folder.glob("*-database.db")
        assert rows_of_file(copy, "pragma integrity_check") == [("ok",)]
        return whole_orders(partial(rows_of_file, copy))
    (copy,) = folder.glob("*-database.sql.gz")
    config, root = bench.database.config, bench.database.root
    ask = partial(rows_of_mariadb, config, root.user, root.password)
    ask("", "create database copy_of_kills character set utf8mb4")
    try:
        where = [f"--socket={config['db_socket']}"] if config.get("db_socket") else [
            f"--host={config['db_host']}", f"--port={config['db_port']}"]  # fmt: skip
        client = [
            "mariadb",
            "--no-defaults",
            *where,
            f"--user={root.user}",
            f"--password={root.password}",
            "copy_of_kills",
        ]
        subprocess.run(client, input=gzip.decompress(copy.read_bytes()), check=True)
        return whole_orders(partial(ask, "copy_of_kills"))
    finally:
        ask("", "drop database copy_of_kills")


def test_nothing_acknowledged_is_lost_and_nothing_is_half(prepared, tmp_path):
    accepted, refused = kill_at_random(prepared, tmp_path, ROUNDS)
    print(f"seed {SEED}: {ROUNDS} kills, {len(accepted)} acknowledged, {refused} not")
    in_copy, orders = orders_of_the_copy(prepared, tmp_path), whole_orders(partial(rows, prepared))
    assert in_copy.items() <= orders.items(), "the copy has what never was"
    assert accepted and set(accepted) <= set(orders), f"lost with seed {SEED}"

    set_aside = rows(prepared, "select job_id, tries from __jobs where status = 'failed'")
    assert set_aside == [], "given up"
    notes = Counter(
        text for (text,) in rows(prepared, "select text from `tabKill Note` where text <> 'tick'")
    )
    assert notes == {f"{name} {part}": 1 for name in orders for part in ("a", "b")}, (
        "a job lost, halved or repeated"
    )

    ticks = rows(prepared, "select count(*) from `tabKill Note` where text = 'tick'")[0][0]
    complete = "select count(*) from `tabScheduled Job Log` where status = 'Complete' and scheduled_job_type = 'kills.tick'"
    assert rows(prepared, complete)[0][0] == ticks > 0
