"""A job accepted is a job run: with real workers that are killed, and schedulers that compete."""

from __future__ import annotations

import json
import signal
from collections import Counter

import pytest

from runtime.tests.commands.conftest import Bench, wait_for


def queue(bench: Bench, method: str, **kwargs) -> None:
    """Puts a job of the app into the queue, as another process would."""
    bench.ok(
        "execute", "shop.jobs.queue", "--kwargs", json.dumps({"method": f"shop.jobs.{method}", **kwargs})
    )


def waiting(bench: Bench) -> dict[str, int]:
    """Jobs by their state."""
    rows = bench.ask("dict(frappe.db.sql('select status, count(*) from __jobs group by status'))")
    return eval(rows)


def errors(bench: Bench) -> list[str]:
    """Titles of what was logged."""
    return eval(bench.ask("frappe.get_all('Error Log', pluck='method')"))


def test_jobs_run_in_order_and_leave_nothing_behind(bench):
    for title in ("one", "two", "three"):
        queue(bench, "add", title=title)
    bench.ok("worker", "--burst")
    assert bench.titles() == ["one", "two", "three"]
    assert waiting(bench) == {}


def test_short_jobs_go_before_long_ones_and_some_to_the_front(bench):
    queue(bench, "add", title="long", queue="long")
    queue(bench, "add", title="short", queue="short")
    queue(bench, "add", title="first", queue="short", at_front=True)
    bench.ok("worker", "--burst")
    assert bench.titles() == ["first", "short", "long"]


def test_a_worker_looks_into_its_own_queues_only(bench):
    queue(bench, "add", title="long", queue="long")
    bench.ok("worker", "--burst", "--queue", "short,default")
    assert waiting(bench) == {"queued": 1}
    bench.ok("worker", "--burst", "--queue", "long")
    assert bench.titles() == ["long"]


def test_a_queue_that_nobody_looks_into_is_refused(bench):
    done = bench.run(
        "execute", "shop.jobs.queue", "--kwargs", '{"method": "shop.jobs.add", "queue": "fast", "title": "x"}'
    )
    assert done.returncode and "fast" in done.stderr


def test_a_job_of_a_transaction_that_fails_never_runs(bench):
    done = bench.run(
        "execute", "shop.jobs.queue", "--kwargs", '{"method": "shop.jobs.add", "title": "x", "fail": true}'
    )
    assert done.returncode and "Stopped on purpose" in done.stderr
    assert waiting(bench) == {}


def test_a_job_that_fails_is_undone_and_can_be_seen(bench):
    queue(bench, "add_and_fail", title="half")
    queue(bench, "add", title="next")
    bench.ok("worker", "--burst")
    assert bench.titles() == ["next"]
    assert errors(bench) == ["shop.jobs.add_and_fail failed"]
    assert "broken on purpose" in bench.ask("frappe.get_last_doc('Error Log').error.splitlines()[-1]")
    shown = bench.ok("doctor")
    assert "waiting: 0" in shown and "failed: shop.jobs.add_and_fail (tries: 1)" in shown


def test_a_killed_worker_s_job_is_run_by_the_next(bench):
    queue(bench, "slow", title="survivor", seconds=1.5)
    worker = bench.start("worker")
    wait_for(lambda: any(note.startswith("start") for note in bench.notes()))
    worker.kill()
    worker.wait()
    assert bench.titles() == []
    bench.ok("worker", "--burst")
    assert bench.titles() == ["survivor"]
    assert len(bench.notes()) == 2 and waiting(bench) == {}


def test_a_worker_that_is_told_to_stop_finishes_its_job(bench):
    queue(bench, "slow", title="finished", seconds=1)
    queue(bench, "add", title="left for later")
    worker = bench.start("worker")
    wait_for(lambda: any(note.startswith("start") for note in bench.notes()))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert bench.titles() == ["finished"]
    assert waiting(bench) == {"queued": 1}


def test_a_job_that_kills_its_workers_is_given_up_and_reported(bench):
    queue(bench, "deadly", title="x")
    assert bench.run("worker", "--burst").returncode == -signal.SIGKILL
    assert waiting(bench) == {"running": 1}
    bench.ask('frappe.db.sql("update `__jobs` set tries = 9") or frappe.db.commit()')
    assert bench.run("worker", "--burst").returncode == -signal.SIGKILL
    bench.ok("worker", "--burst")
    assert waiting(bench) == {"failed": 1}
    assert errors(bench) == ["shop.jobs.deadly given up"]


def test_several_workers_run_every_job_once(bench):
    queue(bench, "slow", times=1, title="a", seconds=0.3)
    for number in range(12):
        queue(bench, "slow", title=f"job {number}", seconds=0.05)
    workers = [bench.start("worker", "--burst") for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    started = Counter(
        note.split()[1] + note.split()[2] for note in bench.notes() if note.startswith("start job")
    )
    assert len(bench.titles()) == 13 and set(started.values()) == {1}
    assert errors(bench) == []


def test_a_collision_with_another_transaction_is_tried_again(bench):
    queue(bench, "collide", title="third time", failures=2)
    bench.ok("worker", "--burst")
    assert bench.titles() == ["third time"]
    assert bench.notes() == ["try"] * 3 and errors(bench) == []


def test_a_job_that_takes_too_long_is_stopped(bench):
    queue(bench, "slow", title="too slow", seconds=30, timeout=1)
    bench.ok("worker", "--burst")
    assert bench.titles() == [] and errors(bench) == ["shop.jobs.slow failed"]
    assert "maximum timeout value (1 seconds)" in bench.ask(
        "frappe.get_last_doc('Error Log').error.splitlines()[-1]"
    )


def test_callers_are_told_how_it_ended(bench):
    for method, title in (("add", "good"), ("add_and_fail", "bad")):
        bench.ask(
            f"__import__('shop.jobs') and frappe.enqueue('shop.jobs.{method}', title='{title}',"
            " on_success=__import__('shop.jobs').jobs.succeeded, on_failure=__import__('shop.jobs').jobs.failed) and frappe.db.commit()"
        )
    bench.ok("worker", "--burst")
    assert bench.notes() == ["succeeded None", "failed broken on purpose"]


def test_the_same_job_waits_once_when_told_so(bench):
    queue(bench, "add", title="only", times=3, job_id="the-one", deduplicate=True)
    assert waiting(bench) == {"queued": 1}
    bench.ok("worker", "--burst")
    assert bench.titles() == ["only"]


def test_a_job_runs_as_the_user_who_asked_for_it(bench):
    bench.ok("add-user", "clerk@shop.test", "--password", "correct-Horse-7", "--add-role", "Shop Clerk")
    bench.ask(
        "frappe.set_user('clerk@shop.test') or frappe.enqueue('shop.jobs.add_as', title='mine') and frappe.db.commit()"
    )
    bench.ok("worker", "--burst")
    assert bench.ask("frappe.get_last_doc('Article').owner") == "clerk@shop.test"


def test_progress_can_be_asked_for(bench):
    queue(bench, "tell", title="Counting")
    bench.ok("worker", "--burst")
    assert "'percent': 40" in bench.ask("__import__('frappe.realtime').realtime.get_progress()")


def long_ago(bench: Bench) -> None:
    """As if every scheduled job had last run months ago."""
    statement = "update `tabScheduled Job Type` set last_execution = '2026-01-01 00:00:00'"
    bench.ask(f'frappe.db.sql("{statement}") or frappe.db.commit()')


@pytest.mark.parametrize("schedulers", [1, 3])
def test_a_due_job_is_queued_once_however_many_schedulers_there_are(bench, schedulers):
    # The daily job is due once a day at most; the one of every minute may be due again while the test runs.
    long_ago(bench)
    processes = [bench.start("schedule") for _ in range(schedulers)]
    try:
        wait_for(lambda: "queued" in waiting(bench))
        bench.ok("worker", "--burst")
        wait_for(lambda: "day" in bench.notes())
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(20) for process in processes] == [0] * schedulers
    bench.ok("worker", "--burst")
    assert bench.notes().count("day") == 1 and 1 <= bench.notes().count("minute") <= 2
    done = "frappe.get_all('Scheduled Job Log', {'scheduled_job_type': 'jobs.every_day'}, pluck='status')"
    assert set(eval(bench.ask(done))) == {"Complete"}


def test_nothing_is_queued_while_the_scheduler_is_off(bench):
    long_ago(bench)
    bench.ok("scheduler", "disable")
    assert bench.ok("scheduler", "status").strip() == "disabled"
    assert bench.ask("__import__('frappe.utils.scheduler').utils.scheduler.enqueue_due()") == "[]"
    bench.ok("scheduler", "enable")
    assert "shop.jobs.every_day" in bench.ask(
        "__import__('frappe.utils.scheduler').utils.scheduler.enqueue_due()"
    )


def test_a_claim_of_another_machine_ends_with_its_lease(bench):
    queue(bench, "add", title="far away")
    claimed = "update `__jobs` set status = 'running', worker = 'elsewhere:1:1', claimed_until = {}"
    bench.ask(f'frappe.db.sql("{claimed.format(9e12)}") or frappe.db.commit()')
    bench.ok("worker", "--burst")
    assert waiting(bench) == {"running": 1}
    bench.ask(f'frappe.db.sql("{claimed.format(1)}") or frappe.db.commit()')
    bench.ok("worker", "--burst")
    assert bench.titles() == ["far away"]
