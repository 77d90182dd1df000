"""Cache and queue on Redis: the same answers as without, through a server and RQ's own workers."""

from __future__ import annotations

import json
import os
import signal

import pytest

pytest.importorskip("redis", reason="needs redis and rq: pip install benchless[redis]")
pytest.importorskip("rq", reason="needs redis and rq: pip install benchless[redis]")

from runtime.tests.commands.conftest import SITE, wait_for
from runtime.tests.commands.private_redis import redis_server
from runtime.tests.commands.servers import serving

pytestmark = pytest.mark.needs("redis")


@pytest.fixture(scope="module")
def address(made_bench, tmp_path_factory):
    made_bench.forget()
    with redis_server(tmp_path_factory.mktemp("redis")) as address:
        common = made_bench.sites / "common_site_config.json"
        before = common.read_text() if common.exists() else "{}"
        config = {
            "redis_cache": f"{address}/1",
            "redis_queue": address,
            "workers": {"letters": {"timeout": 77}},
        }
        common.write_text(json.dumps({**json.loads(before), **config}))
        yield address
        common.write_text(before)


@pytest.fixture(scope="module")
def pair(made_bench, address):
    with serving(made_bench, 2) as servers:
        yield servers


@pytest.fixture
def one(pair, address):
    """A web process; the queue and what jobs left are empty."""
    import redis

    redis.Redis.from_url(address).flushdb()
    pair[0].run("[frappe.db.delete(table) for table in ('Article', 'Error Log')] and None")
    return pair[0]


@pytest.fixture
def bench(made_bench, one):
    (made_bench.sites / SITE / "notes.txt").unlink(missing_ok=True)
    return made_bench


def queue(one, method: str, **kwargs) -> object:
    return one.run(f"str(getattr(frappe.enqueue('shop.jobs.{method}', **{kwargs!r}), 'id', None))")


def titles(one) -> list[str]:
    return one.run("frappe.get_all('Article', pluck='title', order_by='creation')")


def status(one, job_id: str) -> str | None:
    return one.run(
        f"__import__('frappe.utils.background_jobs').utils.background_jobs.get_job_status('{job_id}')"
    )


def test_the_cache_is_the_server_s(pair, address):
    import redis

    one, other = pair
    one.run(
        "[frappe.cache.set_value('a', [1], expires_in_sec=100), frappe.cache.hset('h', 'f', {'x': 1}), frappe.cache.lpush('l', 'x', 'y')]"
    )
    answer = "[frappe.cache.get_value('a'), frappe.cache.hget('h', 'f'), frappe.cache.lrange('l', 0, -1)[0].decode(), frappe.cache.ttl(frappe.cache.make_key('a')) > 90]"
    assert other.run(answer) == [[1], {"x": 1}, "y", True]
    server = redis.Redis.from_url(f"{address}/1")
    assert {key.rpartition(b"|")[2] for key in server.keys("*")} >= {b"a", b"h", b"l"}
    server.set("somebody else", 1)
    one.run("frappe.clear_cache()")
    assert other.run("frappe.cache.get_value('a')") is None
    assert server.keys("*") == [b"somebody else"], "another site's keys stay"


def test_what_functions_remember_is_shared(pair):
    one, other = pair
    one.run("frappe.db.set_default('shop_answer', 'old')")
    one.run("frappe.clear_cache()")
    assert other.run("shared_answer(7)") == one.run("shared_answer(7)") == [7, "old"]
    one.run("shared_answer.clear_cache()")
    assert other.run("frappe.cache.get_keys('shop.web')") == []


def test_jobs_run_in_their_queues_by_rq_s_workers(bench, one):
    queue(one, "add", title="long", queue="long")
    queue(one, "add", title="short", queue="short")
    queue(one, "add", title="first", queue="short", at_front=True)
    bench.ok("worker", "--burst", "--queue", "short,default")
    assert titles(one) == ["first", "short"]
    bench.ok("worker", "--burst")
    assert titles(one) == ["first", "short", "long"]


def test_a_job_that_a_dead_worker_took_is_begun_by_the_next(bench, one, address):
    import redis
    from frappe.utils._rq_worker import TakingQueue, taken_key

    queue(one, "add", title="taken", queue="short")
    server = redis.Redis.from_url(address)
    (key,) = (name.decode() for name in server.keys("rq:queue:*") if server.type(name) == b"list")
    _, job = TakingQueue.lpop([key], None, server)
    bench.ok("worker", "--burst")
    assert titles(one) == [], "its worker may still be at it"
    assert one.run("frappe.get_all('RQ Job', pluck='status')") == ["queued"], "it is not lost meanwhile"
    server.zadd(taken_key(key), {job: 1})
    bench.ok("worker", "--burst")
    assert titles(one) == ["taken"]
    assert server.zcard(taken_key(key)) == 0


def test_queues_of_the_configuration(bench, one):
    queue(one, "add", title="letter", queue="letters", job_id="l")
    assert one.run("frappe.get_all('RQ Job', fields=['*'])[0]['timeout']") == 77
    bench.ok("worker", "--burst", "--queue", "letters")
    assert titles(one) == ["letter"]
    answer = one.post("shop.web.run", code="frappe.enqueue('shop.jobs.add', queue='fast')")
    assert answer.status_code == 417 and "fast" in answer.text
    assert bench.run("worker", "--burst", "--queue", "fast").returncode == 1


def test_only_after_the_commit_when_told_so(bench, one):
    failing = "[frappe.enqueue('shop.jobs.add', title='x', job_id='after', enqueue_after_commit=True), frappe.throw('no')]"
    assert one.post("shop.web.run", code=failing).status_code == 417
    assert status(one, "after") is None
    assert queue(one, "add", title="y", job_id="after", enqueue_after_commit=True) == "None"
    assert status(one, "after") == "queued"


def test_the_same_job_waits_once(bench, one):
    first = queue(one, "add", title="only", job_id="the.one: 1", deduplicate=True)
    assert (
        first != "None" and queue(one, "add", title="only", job_id="the.one: 1", deduplicate=True) == "None"
    )
    assert one.run(
        "__import__('frappe.utils.background_jobs').utils.background_jobs.is_job_enqueued('the.one: 1')"
    )
    answer = one.post("shop.web.run", code="frappe.enqueue('shop.jobs.add', title='z', deduplicate=True)")
    assert answer.status_code == 417
    bench.ok("worker", "--burst")
    assert titles(one) == ["only"] and status(one, "the.one: 1") == "finished"
    assert queue(one, "add", title="again", job_id="the.one: 1", deduplicate=True) != "None"


def test_now_and_in_the_same_process(one):
    assert one.run("frappe.enqueue('shop.jobs.add', title='now', now=True)") is None
    assert one.run("frappe.enqueue('frappe.ping', is_async=False)") == "pong"
    assert titles(one) == ["now"]


def test_failures_are_undone_told_and_listed(bench, one):
    for method, title in (("add", "good"), ("add_and_fail", "bad")):
        one.run(
            f"str(frappe.enqueue('shop.jobs.{method}', title='{title}', job_id='{title}', on_success='shop.jobs.succeeded', on_failure='shop.jobs.failed'))"
        )
    bench.ok("worker", "--burst")
    assert titles(one) == ["good"] and bench.notes() == ["succeeded None", "failed broken on purpose"]
    assert one.run("frappe.get_all('Error Log', pluck='method')") == ["shop.jobs.add_and_fail failed"]
    (failed,) = one.run(
        "frappe.get_list('RQ Job', filters={'status': 'failed'}, fields=['name', 'exc_info', 'queue', 'job_name'])"
    )
    assert failed["name"] == f"{SITE}::bad" and "broken on purpose" in failed["exc_info"]
    shown = bench.ok("doctor")
    assert "queue: Redis" in shown and "waiting: 0" in shown and "failed: shop.jobs.add_and_fail" in shown
    assert one.post("frappe.core.doctype.rq_job.rq_job.remove_failed_jobs").status_code == 200
    assert one.run("frappe.get_all('RQ Job', filters={'status': 'failed'})") == []


def test_records_of_jobs_and_workers(bench, one):
    queue(one, "slow", title="running", seconds=3, job_id="running")
    queue(one, "add", title="waiting", job_id="waiting", queue="long")
    worker = bench.start("worker", "--queue", "default")
    try:
        wait_for(lambda: status(one, "running") == "started")
        rows = one.run("frappe.get_list('RQ Job', fields=['*'])")
        assert {row["job_id"]: (row["status"], row["queue"], row["job_name"]) for row in rows} == {
            f"{SITE}::running": ("started", "default", "shop.jobs.slow"),
            f"{SITE}::waiting": ("queued", "long", "shop.jobs.add"),
        }
        (record,) = one.run("frappe.get_list('RQ Worker', fields=['*'])")
        assert record["status"] == "busy" and record["queue"] == "default"
        assert record["current_job_id"] == f"{SITE}::running"
        assert one.run(f"frappe.get_doc('RQ Worker', '{record['name']}').pid") == record["pid"]
        assert one.run("__import__('frappe.utils.background_jobs').utils.background_jobs.get_jobs()") == {
            SITE: ["shop.jobs.slow", "shop.jobs.add"]
        }
        one.run(f"frappe.delete_doc('RQ Job', '{SITE}::waiting')")
        assert status(one, "waiting") is None
        assert (
            one.post("frappe.core.doctype.rq_job.rq_job.stop_job", job_id=f"{SITE}::running").status_code
            == 200
        )
        wait_for(lambda: status(one, "running") == "stopped")
        assert titles(one) == []
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    missing = one.session.get(f"{one.base}/api/resource/RQ Job/{SITE}::nothing", timeout=20)
    assert missing.status_code == 404


def test_a_worker_that_is_told_to_stop_finishes_its_job(bench, one):
    queue(one, "slow", title="finished", seconds=1)
    queue(one, "add", title="left for later", job_id="left")
    worker = bench.start("worker")
    wait_for(lambda: any(note.startswith("start") for note in bench.notes()))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert titles(one) == ["finished"] and status(one, "left") == "queued"


def test_a_killed_job_is_known_as_failed_and_blocks_nothing(bench, one):
    """RQ runs a job at most once: the process that ran it is gone, the worker notes it and goes on."""
    queue(one, "deadly", title="x", job_id="deadly")
    queue(one, "add", title="next")
    bench.ok("worker", "--burst")
    assert titles(one) == ["next"] and status(one, "deadly") == "failed"


def test_a_site_without_its_server_works_without_cache(bench, made_bench, one, tmp_path):
    config = made_bench.sites / SITE / "site_config.json"
    before = config.read_text()
    config.write_text(json.dumps({**json.loads(before), "redis_cache": "redis://127.0.0.1:1"}))
    try:
        assert one.run("[frappe.cache.get_value('x', lambda: 5), shared_answer(8)[0]]") == [5, 8]
    finally:
        config.write_text(before)
        os.utime(config)
