"""Scheduled and background work."""

from __future__ import annotations

import pytest

hook = pytest.mark.hook


@hook("scheduler_events")
def test_every_scheduled_method_is_a_record_with_its_time(site):
    import frappe

    rows = frappe.get_all(
        "Scheduled Job Type",
        filters={"method": ("like", "lendery.%")},
        fields=["method", "frequency", "cron_format"],
    )
    found = {row.method.rsplit(".", 1)[1]: (row.frequency, row.cron_format or "") for row in rows}
    assert found == {
        "all": ("All", ""), "hourly": ("Hourly", ""), "hourly_long": ("Hourly Long", ""), "daily": ("Daily", ""),
        "daily_long": ("Daily Long", ""), "weekly": ("Weekly", ""), "weekly_long": ("Weekly Long", ""), "monthly": ("Monthly", ""),
        "monthly_long": ("Monthly Long", ""), "yearly": ("Yearly", ""), "quarter": ("Cron", "*/15 6-20 * * 1-5"),
        "night": ("Cron", "0 3 * * *"),
    }  # fmt: skip


@hook("scheduler_events")
def test_a_scheduled_job_runs_and_is_logged_a_failure_too(bench):
    bench.execute("frappe.db.delete", doctype="Scheduled Job Log")
    bench.forget()
    for method in ("lendery.tasks.hourly", "lendery.tasks.night"):
        bench.run(
            "execute", "lendery.api.run_scheduled", "--kwargs", str({"method": method}).replace("'", '"')
        )
    assert bench.trace("scheduler") == [{"name": "hourly"}]
    assert bench.execute("lendery.api.scheduled_logs") == [
        ["tasks.hourly", "Complete"],
        ["tasks.night", "Failed"],
    ]


@hook("before_job", "after_job")
def test_a_background_job_passes_the_apps_hooks(bench):
    bench.forget()
    bench.work("lendery.api.double", number=21, fail=False)
    assert [entry["number"] for entry in bench.trace("job")] == [42]
    assert bench.trace("before_job") == [
        {"method": "lendery.api.double", "kwargs": {"number": 21, "fail": False}, "kind": "job"}
    ]
    assert bench.trace("after_job") == [
        {"method": "lendery.api.double", "kwargs": {"number": 21, "fail": False}, "result": 42}
    ]


@hook("get_changelog_feed")
def test_news_of_the_app_are_asked_for(site):
    import frappe

    assert frappe.get_attr(frappe.get_hooks("get_changelog_feed")[-1])(since=None)[0]["app_name"] == "lendery"
