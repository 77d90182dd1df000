"""Scheduled and background work."""

from __future__ import annotations

from email import message_from_string

import pytest

from .conftest import READER

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


@hook("default_mail_footer", "make_email_body_message", "override_email_send")
def test_mails_are_made_and_sent_as_the_app_says(site):
    import frappe

    # Nobody is asked whether he takes mails: no mail server runs here.
    frappe.flags.in_patch = True
    account = frappe.get_doc(
        doctype="Email Account", email_account_name="Desk of Lendery", email_id="desk@lendery.test", smtp_server="127.0.0.1",
        enable_outgoing=1, default_outgoing=1, no_smtp_authentication=1, service="",
    ).insert()  # fmt: skip
    frappe.flags.in_patch = False
    try:
        frappe.flags.mute_emails = False
        frappe.sendmail(recipients=[READER], subject="Late", message="<p>Emma is late</p>", delayed=True)
        queued = frappe.get_last_doc("Email Queue")
        parts = message_from_string(queued.message).walk()
        text = b"".join(part.get_payload(decode=True) or b"" for part in parts)
        assert b"Emma is late" in text and b"Lendery, Springfield" in text
        queued.send()
        sent = site.trace("override_email_send")
        assert [entry["recipient"] for entry in sent] == [READER] and "desk@lendery.test" in sent[0]["sender"]
        assert len(site.trace("make_email_body_message")) == 1
        queued.reload()
        assert [row.status for row in queued.recipients] == ["Sent"]
    finally:
        frappe.db.rollback()
        frappe.db.delete("Email Queue")
        frappe.delete_doc("Email Account", account.name, force=True)
        frappe.db.commit()
