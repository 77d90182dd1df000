"""The door of anonymous reports: it knows nobody, and nobody is asked for.

The face calls these methods without its session, so that the server cannot know whose screen it is; should somebody call them with a
session all the same, nothing of it is kept. The access log writes down that the door was used, and neither by whom nor from where
(`audit.rules.NAMELESS`). What keeps strangers out is a ticket that everybody who signs in gets: the same for all, so that it
tells who works here and not who it is.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import frappe
from frappe.rate_limiter import rate_limit
from frappe.utils import getdate
from frappe.utils.password import get_encryption_key

from medaffairs.adverse_event import course, reporting, rules, steps

# Of the whole hospital: who sends more has a script. Looking is not counted: nobody guesses a code, and a count would have to keep it.
REPORTS_AN_HOUR = 300


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@rate_limit(key="ticket", limit=REPORTS_AN_HOUR, seconds=3600, ip_based=False)
def submit(
    ticket: str,
    code: str,
    values: dict[str, Any],
    files: list[dict[str, Any]] | None = None,
    answers: dict[str, Any] | None = None,
) -> dict[str, str]:
    """Takes in a report of which nobody knows whose it is: its number.

    :param ticket: what everybody who has signed in today or yesterday has
    :param code: the tracking code that the reporter's screen has made
    :raises frappe.PermissionError: without a ticket
    :raises frappe.ValidationError: for a report that is not complete; each line names a field
    """
    if not any(hmac.compare_digest(ticket, ticket_of(getdate() - timedelta(days=back))) for back in (0, 1)):
        frappe.throw(frappe._("Please open the page of the report again"), frappe.PermissionError)
    doc = reporting.submit_anonymously(values, code, files or [], answers)
    return {"name": doc.name, "workflow_state": doc.workflow_state}


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
def track(code: str) -> dict[str, Any]:
    """Where an anonymous report is and what was changed, for whoever has its tracking code.

    :raises frappe.DoesNotExistError: when there is none with this code
    """
    return course.of(_report(code))


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
def supplement(code: str, words: str) -> dict[str, Any]:
    """Supplements a report that was returned: where it is then.

    :raises frappe.ValidationError: without words, or when the report was not returned
    """
    doc = _report(code)
    if doc.workflow_state != rules.RETURNED:
        frappe.throw(frappe._("The report was not returned; nothing is to be supplemented"))
    if not words.strip():
        reporting.refuse([rules.amiss("words", "Supplement", "is missing")])
    steps.check_length(words)
    return course.of(steps.by_reporter(steps.opened(doc.name), "Resubmit", words.strip()))


def ticket_of(day: Any) -> str:
    """The ticket of a day."""
    return hmac.new(
        get_encryption_key().encode(), f"event|{getdate(day)}".encode(), hashlib.sha256
    ).hexdigest()


def _report(code: str) -> Any:
    key = rules.key_of(code)
    name = frappe.db.get_value(reporting.DOCTYPE, {"tracking_key": key}) if key else None
    if not name:
        frappe.throw(frappe._("There is no report with this code; please check it"), frappe.DoesNotExistError)
    return frappe.get_doc(reporting.DOCTYPE, name)
