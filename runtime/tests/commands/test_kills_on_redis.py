"""kill -9 with the queue on Redis.

An acknowledged job is begun, once, and never leaves half of its work. One whose process was killed while it ran is not run
again: RQ knows it as started until its heartbeat ends, then as failed.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterable

import pytest

pytest.importorskip("rq", reason="needs redis and rq: pip install benchless[redis]")

from runtime.tests.commands.conftest import SITE, wait_for
from runtime.tests.commands.killing import Fleet, Oracle, prepare, rows
from runtime.tests.commands.private_redis import redis_server
from runtime.tests.commands.test_kills import PAUSE, ROUNDS, SEED

pytestmark = pytest.mark.needs("redis")


@pytest.fixture
def on_redis(made_bench, tmp_path):
    made_bench.forget()
    prepare(made_bench)
    config = made_bench.sites / "common_site_config.json"
    before = config.read_text() if config.exists() else "{}"
    with redis_server(tmp_path, lasting=True) as address:
        config.write_text(
            json.dumps({**json.loads(before), "redis_queue": address, "redis_cache": f"{address}/1"})
        )
        yield made_bench, address
        config.write_text(before)


def known(address: str) -> dict[str, str]:
    """Jobs that the server remembers, by their ids."""
    import redis

    server = redis.Redis.from_url(address)
    return {
        key.decode().removeprefix("rq:job:"): server.hget(key, "status").decode()
        for key in server.keys("rq:job:*")
        if server.type(key) == b"hash"
    }


def waiting(address: str, ids: Iterable[str]) -> list[str]:
    """Which of some jobs nobody has begun."""
    return [name for name, state in known(address).items() if name in ids and state == "queued"]


def reason(address: str, name: str) -> str:
    """Why a job failed."""
    import redis
    from rq.job import Job

    latest = Job.fetch(name, connection=redis.Redis.from_url(address)).latest_result()
    return latest.exc_string or "" if latest else ""


def test_every_job_is_begun_none_is_half_none_runs_twice(on_redis, tmp_path):
    from frappe.utils._jobs_redis import rq_id

    bench, address = on_redis
    chosen, fleet = random.Random(SEED), Fleet(bench, workers=2, schedulers=0)
    oracles = [Oracle(fleet.port, number, tmp_path) for number in range(2)]
    try:
        for oracle in oracles:
            oracle.start()
        for _ in range(ROUNDS):
            time.sleep(chosen.uniform(0, max(PAUSE, 0.5)))
            fleet.kill_one(chosen)
        accepted = [key for oracle in oracles for key in oracle.finish()]
        ids = {rq_id(f"{SITE}::confirm {key}"): key for key in accepted}
        # Whoever is left, and whoever has come back, begins what waits, what dead workers had taken included.
        wait_for(lambda: not waiting(address, ids), 60 + 3 * ROUNDS)
        sizes = "select count(*) from `tabKill Note`"

        def quiet() -> bool:
            before = rows(bench, sizes)
            time.sleep(1.5)
            return rows(bench, sizes) == before

        wait_for(quiet, 120)
    finally:
        for oracle in oracles:
            oracle.stopped.set()
        fleet.end()
    orders = {name for (name,) in rows(bench, "select name from `tabKill Order`")}
    assert accepted and set(accepted) <= orders, f"lost with seed {SEED}"
    notes = Counter(text for (text,) in rows(bench, "select text from `tabKill Note` where text <> 'tick'"))
    done = {text.rpartition(" ")[0] for text in notes}
    assert notes == {f"{name} {part}": 1 for name in done for part in ("a", "b")}, "a job halved or repeated"
    states = known(address)
    unfinished = {key: states.get(name) for name, key in ids.items() if key not in done}
    print(
        f"seed {SEED}: {ROUNDS} kills, {len(accepted)} acknowledged, not run: {Counter(unfinished.values())}"
    )
    print(
        Counter(reason(address, name)[-150:] for name, key in ids.items() if unfinished.get(key) == "failed")
    )
    assert set(unfinished.values()) <= {"started", "failed"}, f"never begun, seed {SEED}: {unfinished}"
    assert len(unfinished) <= ROUNDS, "only jobs of killed processes are left"
