"""Events of a calendar: who sees them, when they come again, the mail in the morning."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator

import frappe
import pytest
from frappe.desk.doctype.event.event import get_events, send_event_digest
from frappe.utils import add_days, add_months, get_datetime, getdate, nowdate
from host import kit

CLERK, CHIEF = kit.email("clerk"), kit.email("chief")


@pytest.fixture
def calendar(site) -> Iterator[None]:
    """The clerk before an empty calendar."""
    frappe.db.delete("Event")
    frappe.db.delete("Event Participants")
    frappe.set_user(CLERK)
    yield
    frappe.db.rollback()


def event(subject: str = "Meeting", day: str | None = None, at: str = "10:00:00", **values: object):
    given = {"subject": subject, "starts_on": f"{day or nowdate()} {at}", "event_type": "Private", **values}
    return frappe.get_doc({"doctype": "Event", **given}).insert()


def subjects(first: str | None = None, last: str | None = None) -> list[str]:
    return [row.subject for row in get_events(first or nowdate(), last or first or nowdate())]


def days(first: str, last: str) -> list:
    return [getdate(row.starts_on) for row in get_events(first, last)]


def test_an_event_of_the_day(calendar):
    doc = event()
    assert (doc.status, doc.event_category, doc.send_reminder) == ("Open", "Event", 1)
    [row] = get_events(nowdate(), nowdate())
    assert (row.name, row.subject, get_datetime(row.starts_on)) == (
        doc.name,
        "Meeting",
        get_datetime(f"{nowdate()} 10:00:00"),
    )
    assert subjects(add_days(nowdate(), 1)) == [] and subjects(add_days(nowdate(), -1)) == []


def test_private_events_are_seen_by_nobody_else(calendar):
    private, public = event("Private"), event("Public", event_type="Public")
    frappe.set_user(CHIEF)
    assert subjects() == ["Public"]
    public.check_permission("read")
    with pytest.raises(frappe.PermissionError):
        frappe.get_doc("Event", private.name).check_permission("read")


def test_an_event_over_several_days(calendar):
    event(day=add_days(nowdate(), -1), ends_on=f"{add_days(nowdate(), 2)} 12:00:00")
    assert subjects() == ["Meeting"] and subjects(add_days(nowdate(), 2)) == ["Meeting"]


def test_daily_until_a_day(calendar):
    event(repeat_this_event=1, repeat_on="Daily", repeat_till=add_days(nowdate(), 2))
    week = days(add_days(nowdate(), -3), add_days(nowdate(), 5))
    assert week == [getdate(add_days(nowdate(), number)) for number in range(3)]


def test_weekly_on_its_days(calendar):
    event(repeat_this_event=1, repeat_on="Weekly", monday=1, thursday=1)
    found = days(add_days(nowdate(), 1), add_days(nowdate(), 14))
    assert {day.weekday() for day in found} == {0, 3} and len(found) == 4


def test_monthly_and_yearly(calendar):
    event("Monthly", day=add_months(nowdate(), -2), repeat_this_event=1, repeat_on="Monthly")
    event("Yearly", day=add_months(nowdate(), -24), repeat_this_event=1, repeat_on="Yearly")
    event("Another", day=add_days(add_months(nowdate(), -2), 1), repeat_this_event=1, repeat_on="Yearly")
    assert sorted(subjects()) == ["Monthly", "Yearly"]


def test_daily_events_end_on_their_day(calendar):
    with pytest.raises(frappe.ValidationError):
        event(repeat_this_event=1, repeat_on="Daily", ends_on=f"{add_days(nowdate(), 2)} 09:00:00")


def test_filters_of_the_calendar(calendar):
    event("One")
    event("Two")
    found = get_events(nowdate(), nowdate(), filters=[["Event", "subject", "=", "Two"]])
    assert [row.subject for row in found] == ["Two"]


def test_the_mail_in_the_morning(calendar):
    event("Round")
    event("Silent", send_reminder=0)
    event("Tomorrow", day=add_days(nowdate(), 1))
    event("For All", event_type="Public")
    frappe.set_user("Administrator")
    frappe.db.delete("Email Account", {"default_outgoing": 1})
    frappe.db.delete("Email Queue")
    frappe.get_doc(
        doctype="Email Account", email_account_name="Host Office", email_id="office@host.example", enable_outgoing=1,
        smtp_server="127.0.0.1", smtp_port=9, default_outgoing=1, awaiting_password=1,
    ).insert()  # fmt: skip
    frappe.local.outgoing_email_account = {}
    send_event_digest()
    found = {}
    for queued in frappe.get_all("Email Queue", ["name", "message"]):
        message = email.message_from_string(queued.message, policy=email.policy.default)
        for receiver in frappe.get_all("Email Queue Recipient", {"parent": queued.name}, pluck="recipient"):
            found[receiver] = (message["Subject"], message.get_body(("html",)).get_content())
    subject, text = found[CLERK]
    assert subject == "Upcoming Events for Today"
    assert "Round" in text and "For All" in text and "Silent" not in text and "Tomorrow" not in text
    assert "For All" in found[CHIEF][1] and "Round" not in found[CHIEF][1]
