"""Events of a calendar: who sees them, when repeated ones come again, and the mail in the morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.desk.doctype.notification_settings.notification_settings import (
    is_email_notifications_enabled_for_type,
)
from frappe.model.document import Document
from frappe.utils import add_months, cint, format_time, get_datetime, get_link_to_form, getdate, nowdate

_FIELDS = ("name", "subject", "description", "color", "starts_on", "ends_on", "owner", "all_day", "event_type",
           "repeat_this_event", "repeat_on", "repeat_till")  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Days that one question may span; a repeated event comes once a day at most.
_LONGEST = 400


class Event(Document):
    """One event, or one that comes again."""

    def validate(self) -> None:
        """What does not repeat has no rule for it; what comes daily ends on its day.

        :raises frappe.ValidationError: for a daily event over several days
        """
        if not cint(self.repeat_this_event):
            self.repeat_on = self.repeat_till = None
        if self.repeat_on == "Daily" and self.ends_on and getdate(self.starts_on) != getdate(self.ends_on):
            frappe.throw(_("Daily Events should finish on the Same Day."))


def get_permission_query_conditions(user: str | None = None) -> str:
    """Public events, one's own, and those that one takes part in."""
    user = user or frappe.session.user
    if user == "Administrator":
        return ""
    name = frappe.db.escape(user, percent=False)
    part = f"`reference_doctype` = 'User' and `reference_docname` = {name} or `email` = {name}"
    return (
        f"(`tabEvent`.`event_type` = 'Public' or `tabEvent`.`owner` = {name} or `tabEvent`.`name` in"
        f" (select `parent` from `tabEvent Participants` where {part}))"
    )


def has_permission(doc: Any, ptype: str = "read", user: str | None = None) -> bool:
    """As the list says."""
    user = user or frappe.session.user
    if doc.is_new() or user == "Administrator" or doc.event_type == "Public" or doc.owner == user:
        return True
    people = (
        (row.reference_docname if row.reference_doctype == "User" else None, row.email)
        for row in doc.event_participants
    )
    return any(user in person for person in people)


@frappe.whitelist()
def get_events(
    start: str | date,
    end: str | date,
    user: str | None = None,
    for_reminder: bool = False,
    filters: Any = None,
) -> list[frappe._dict]:
    """The events from a day to another, repeated ones once for each day on which they come.

    :raises frappe.ValidationError: for more than about a year
    """
    if user and user != frappe.session.user and frappe.local.request:
        frappe.only_for("System Manager")
    first, last = getdate(start), getdate(end)
    if first is None or last is None or (last - first).days > _LONGEST:
        frappe.throw(_("Choose a time of {0} days at most").format(_LONGEST))
    found = []
    for event in _stored(first, last, user, for_reminder, filters):
        length = get_datetime(event.ends_on) - get_datetime(event.starts_on) if event.ends_on else None
        for day in _days(event, first, last):
            begin = datetime.combine(day, get_datetime(event.starts_on).time())
            found.append(
                frappe._dict(event, starts_on=begin, ends_on=begin + length if length is not None else None)
            )
    return [_shown(event) for event in sorted(found, key=lambda event: event.starts_on)]


def _stored(first: date, last: date, user: str | None, for_reminder: bool, filters: Any) -> list:
    conditions = list(frappe.parse_json(filters) or []) if not isinstance(filters, dict) else [filters]
    conditions += [["Event", "status", "=", "Open"], ["Event", "starts_on", "<=", f"{last} 23:59:59"]]
    if for_reminder:
        conditions.append(["Event", "send_reminder", "=", 1])
    fields = [*_FIELDS, *_WEEKDAYS]
    rows = frappe.get_list(
        "Event", filters=conditions, fields=fields, limit_page_length=0, user=user, order_by="starts_on"
    )
    return [
        row
        for row in rows
        if cint(row.repeat_this_event)
        or getdate(row.ends_on or row.starts_on) >= first
        or getdate(row.starts_on) >= first
    ]


def _days(event: Any, first: date, last: date) -> Iterator[date]:
    begin = getdate(event.starts_on)
    if not cint(event.repeat_this_event):
        yield begin
        return
    day, until = max(first, begin), min(last, getdate(event.repeat_till) if event.repeat_till else last)
    while day <= until:
        if _comes(event, begin, day):
            yield day
        day += timedelta(days=1)


def _comes(event: Any, begin: date, day: date) -> bool:
    """Whether a repeated event comes on a day; what began on the 31st comes on the last day of shorter months."""
    months = (day.year - begin.year) * 12 + day.month - begin.month
    if event.repeat_on == "Weekly":
        return bool(cint(event[_WEEKDAYS[day.weekday()]]))
    if event.repeat_on == "Monthly":
        return add_months(begin, months) == day
    if event.repeat_on == "Yearly":
        return months % 12 == 0 and add_months(begin, months) == day
    return event.repeat_on == "Daily" or day == begin


def _shown(event: Any) -> frappe._dict:
    return frappe._dict({field: event.get(field) for field in _FIELDS})


def send_event_digest() -> None:
    """In the morning, a mail to each person with the events of the day that want to be remembered."""
    today = nowdate()
    people = {"enabled": 1, "user_type": "System User"}
    for user in frappe.get_all("User", filters=people, pluck="name"):
        if user in frappe.STANDARD_USERS or not is_email_notifications_enabled_for_type(
            user, "Event Reminders"
        ):
            continue
        events = get_events(today, today, user, for_reminder=True)
        if not events:
            continue
        lines = [
            {"time": _("All Day") if cint(event.all_day) else format_time(event.starts_on),
             "link": get_link_to_form("Event", event.name, event.subject)}
            for event in events
        ]  # fmt: skip
        frappe.sendmail(
            recipients=[frappe.db.get_value("User", user, "email") or user],
            subject=_("Upcoming Events for Today"),
            template="upcoming_events",
            args={"events": lines},
        )


def set_status_of_events() -> None:
    """Events that are over are closed."""
    over = {"status": "Open", "repeat_this_event": 0, "ends_on": ["<", nowdate()]}
    for name in frappe.get_all("Event", filters=over, pluck="name"):
        frappe.db.set_value("Event", name, "status", "Closed")
