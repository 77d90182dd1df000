"""Scheduled jobs: when they are due, how a run is logged, and what switches them off."""

from __future__ import annotations

import datetime

import frappe
import pytest
from frappe.utils import get_datetime

MOMENT = "2026-03-04 05:06:07"


@pytest.fixture
def job(site):
    """Makes a scheduled job that the test's end takes away with its logs."""
    made = []

    def make(method: str = "frappe.ping", frequency: str = "Daily", **more):
        doc = frappe.get_doc(
            doctype="Scheduled Job Type", method=method, frequency=frequency, **more
        ).insert()
        made.append(doc.name)
        return doc

    yield make
    frappe.db.rollback()
    for name in made:
        if frappe.db.exists("Scheduled Job Type", name):
            frappe.delete_doc("Scheduled Job Type", name)
        frappe.db.delete("Error Log", {"method": ("like", "%frappe.throw%")})
    frappe.db.commit()


def logs(doc) -> list[tuple[str, str]]:
    found = frappe.get_all(
        "Scheduled Job Log", {"scheduled_job_type": doc.name}, ["status", "details"], order_by="creation"
    )
    return [(log.status, log.details or "") for log in found]


@pytest.mark.parametrize(
    ("frequency", "due"),
    [("All", "2026-03-04 05:08:00"), ("Hourly", "2026-03-04 06:00:00"), ("Daily", "2026-03-05 00:00:00"),
     ("Weekly", "2026-03-08 00:00:00"), ("Monthly", "2026-04-01 00:00:00"), ("Yearly", "2027-01-01 00:00:00"),
     ("Annual", "2027-01-01 00:00:00")],
)  # fmt: skip
def test_every_frequency_has_its_next_time(site, frequency, due):
    doc = frappe.get_doc(doctype="Scheduled Job Type", method="frappe.ping", frequency=frequency)
    doc.last_execution = MOMENT
    assert doc.get_next_execution() == get_datetime(due)
    assert doc.get_queue_name() == "default"


@pytest.mark.parametrize("frequency", ["Hourly Long", "Daily Long", "Weekly Long", "Monthly Long"])
def test_long_jobs_have_a_queue_of_their_own_and_come_within_minutes(site, frequency):
    short = frappe.get_doc(doctype="Scheduled Job Type", method="frappe.ping", frequency=frequency.split()[0])
    long = frappe.get_doc(doctype="Scheduled Job Type", method="frappe.ping", frequency=frequency)
    short.last_execution = long.last_execution = MOMENT
    late = long.get_next_execution() - short.get_next_execution()
    assert datetime.timedelta(0) <= late <= datetime.timedelta(minutes=10)
    assert long.get_queue_name() == "long"


def test_a_pattern_says_when(site):
    doc = frappe.get_doc(
        doctype="Scheduled Job Type", method="frappe.ping", frequency="Cron", cron_format="15 7 * * 1"
    )
    doc.last_execution = MOMENT
    assert doc.get_next_execution() == get_datetime("2026-03-09 07:15:00")


@pytest.mark.parametrize("pattern", [None, "", "rubbish", "61 * * * *"])
def test_a_pattern_must_be_one(job, pattern):
    with pytest.raises(frappe.ValidationError):
        job(frequency="Cron", cron_format=pattern)


def test_it_is_due_from_its_time_on_and_missed_times_count_once(job):
    doc = job("frappe.handler.ping", "Hourly")
    doc.last_execution = MOMENT
    assert not doc.is_event_due(get_datetime("2026-03-04 05:59:59"))
    assert doc.is_event_due(get_datetime("2026-03-04 06:00:00"))
    assert doc.is_event_due()
    doc.execute()
    assert not doc.is_event_due(doc.last_execution + datetime.timedelta(seconds=0))
    assert len(logs(doc)) == 1


def test_one_that_never_ran_waits_from_when_it_came_to_be(job):
    doc = job(frequency="Daily")
    assert doc.last_execution is None
    assert get_datetime(doc.next_execution) > get_datetime(doc.creation)
    assert not doc.is_event_due(get_datetime(doc.creation))


def test_its_name_is_the_end_of_its_path_and_all_but_the_most_frequent_are_logged(job):
    assert (job("frappe.handler.ping").name, job("frappe.ping").name) == ("handler.ping", "frappe.ping")
    assert job("frappe.handler.logout", "All", create_log=0).create_log == 0
    assert job("frappe.handler.upload_file", "Hourly", create_log=0).create_log == 1
    with pytest.raises(frappe.DuplicateEntryError):
        job("frappe.ping")


def test_a_run_is_logged_with_its_end(job):
    good, bad = job("frappe.ping"), job("frappe.throw")
    for doc in (good, bad):
        doc.execute()
        assert frappe.db.get_value("Scheduled Job Type", doc.name, "last_execution") is not None
    assert logs(good) == [("Complete", "")]
    ((status, details),) = logs(bad)
    assert status == "Failed" and "TypeError" in details


def test_what_a_failing_run_wrote_is_undone(job):
    doc = job("frappe.throw")
    frappe.db.commit()
    doc.execute()
    frappe.db.rollback()
    assert [status for status, _ in logs(doc)] == ["Failed"]


def test_without_a_log_nothing_is_logged(job):
    doc = job("frappe.ping", "All", create_log=0)
    doc.execute()
    assert logs(doc) == []


def test_its_logs_go_with_it(job):
    doc = job("frappe.ping")
    doc.execute()
    frappe.delete_doc("Scheduled Job Type", doc.name)
    assert frappe.db.count("Scheduled Job Log", {"scheduled_job_type": doc.name}) == 0


def test_it_waits_in_the_queue_once(job):
    from frappe.core.doctype.scheduled_job_type.scheduled_job_type import execute_event

    doc = job("frappe.ping")
    assert doc.rq_job_id == "scheduled_job::frappe.ping"
    assert doc.enqueue() is False, "not due"
    assert not doc.is_job_in_queue()
    assert doc.enqueue(force=True) is True and doc.is_job_in_queue()
    assert doc.enqueue(force=True) is False
    assert execute_event(frappe.as_json({"doctype": doc.doctype, "name": doc.name}))["name"] == doc.name
    frappe.delete_doc("RQ Job", f"{frappe.local.site}::{doc.rq_job_id}")
    assert not doc.is_job_in_queue()


def test_the_scheduler_is_switched_on_and_off(site):
    from frappe.utils import scheduler

    before = scheduler.is_scheduler_disabled()
    try:
        scheduler.enable_scheduler()
        assert not scheduler.is_scheduler_disabled()
        assert scheduler.get_scheduler_status() == {"status": "active"}
        scheduler.disable_scheduler()
        assert scheduler.is_scheduler_disabled() and scheduler.is_scheduler_inactive()
        assert scheduler.get_scheduler_status() == {"status": "inactive"}
    finally:
        scheduler.toggle_scheduler(not before)
        frappe.db.rollback()
