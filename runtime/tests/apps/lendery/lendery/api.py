"""Methods that are called over HTTP."""

import frappe
import frappe.sessions
from frappe.utils import add_days, today

from lendery.trace import note


@frappe.whitelist(allow_guest=True, methods=["POST"])
def suggest(title: str, reason: str = "") -> str:
    """A guest's suggestion of a book."""
    suggestion = frappe.get_doc(doctype="Lending Suggestion", title=title, reason=reason)
    suggestion.insert(ignore_permissions=True)
    return suggestion.name


@frappe.whitelist()
def due_date(days: int = 14) -> str:
    """The day on which a loan of so many days ends; its argument is converted by its type."""
    return str(add_days(today(), days))


@frappe.whitelist()
def untyped(days):
    """A method without types: an app that demands them may not have it called."""
    return days


@frappe.whitelist()
def search_link_and_note(
    doctype: str,
    txt: str,
    query: str | None = None,
    filters: str | dict | list | None = None,
    page_length: int = 10,
    searchfield: str | None = None,
    reference_doctype: str | None = None,
    ignore_user_permissions: bool = False,
):
    """The framework's own search, with a note of what was looked for."""
    from frappe.desk.search import search_link

    note("override_whitelisted_methods", doctype=doctype, txt=txt)
    return search_link(
        doctype, txt, query=query, filters=filters, page_length=page_length, searchfield=searchfield
    )


def double(number, fail=False):
    """A job."""
    if fail:
        raise ValueError("the job failed on purpose")
    note("job", number=number * 2, user=frappe.session.user)
    return number * 2


@frappe.whitelist(methods=["POST"])
def enqueue_double(number: int, fail: bool = False) -> None:
    """Asks for the job above."""
    frappe.enqueue("lendery.api.double", number=number, fail=fail, queue="short")


@frappe.whitelist()
def csrf_token() -> str:
    """The token of the session, as a page of the app is given it."""
    return frappe.sessions.get_csrf_token()


@frappe.whitelist()
def boot() -> dict:
    """What a single-page app of this app asks for first."""
    return frappe.sessions.get()


@frappe.whitelist()
def hooks_of_the_desk() -> dict:
    """What the hooks say that only a desk uses."""
    names = ("app_include_js", "app_include_css", "app_include_icons", "sounds", "treeviews", "calendars")
    return {name: frappe.get_hooks(name) for name in names}


def run_scheduled(method):
    """What the scheduler's worker does with a due job."""
    frappe.get_doc("Scheduled Job Type", {"method": method}).execute()


def scheduled_logs():
    """Which scheduled jobs have run, and how they ended."""
    return frappe.get_all(
        "Scheduled Job Log",
        filters={"status": ("!=", "Scheduled")},
        fields=["scheduled_job_type", "status"],
        order_by="creation",
        as_list=True,
    )
