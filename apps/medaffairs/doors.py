"""What the app tightens at the host's own doors. `hooks.py` registers each function.

Frappe 15 counts rows without asking who sees them, lets a disabled user's API key in, ignores the answer when an
upload asks for write permission, checks a session's CSRF token only once a page has asked for one, hands a
file that is attached to nothing to whoever names its address in a record of his own, exports texts as CSV
that a spreadsheet would run; and it takes a link to something that does not exist where another field is fetched from it.
"""

from functools import lru_cache
from typing import NamedTuple

import frappe
from frappe import client
from frappe.sessions import get_csrf_token

from medaffairs.permissions import RULES
from medaffairs.spreadsheets import harmless_csv

EXPORTS = ("frappe.desk.reportview.export_query", "frappe.desk.query_report.export_query")


@frappe.whitelist()
def get_count(
    doctype: str, filters: str | list | dict | None = None, debug: bool = False, cache: bool = False
) -> int:
    """`frappe.client.get_count`; of a restricted DocType only the rows that the user sees are counted."""
    if doctype not in RULES:
        return client.get_count(doctype, filters, debug, cache)
    rows = frappe.get_list(doctype, filters=frappe.parse_json(filters), fields=["count(name) as total"])
    return rows[0].total


def refuse_disabled_user() -> None:
    """Refuse whoever comes with the API key of a disabled user."""
    user = frappe.session.user
    if user in ("", "Guest", "Administrator"):
        return
    if not frappe.get_cached_value("User", user, "enabled"):
        raise frappe.AuthenticationError


def refuse_foreign_attachment(doc, method: str | None = None) -> None:
    """Refuse a file on a restricted record that the user may not write."""
    if doc.flags.ignore_permissions or doc.attached_to_doctype not in RULES or not doc.attached_to_name:
        return
    if frappe.db.exists(doc.attached_to_doctype, doc.attached_to_name):
        frappe.get_doc(doc.attached_to_doctype, doc.attached_to_name).check_permission("write")


def visible_files(user: str | None = None, doctype: str | None = None) -> str:
    """The SQL condition on files in lists: one on a restricted record tells by its name what the record is about.

    Whoever may open the record finds its files there; lists show him his own.
    """
    user = user or frappe.session.user
    if user == "Administrator":
        return ""
    restricted = ", ".join(frappe.db.escape(name, percent=False) for name in RULES)
    return (
        f"(`tabFile`.`owner` = {frappe.db.escape(user, percent=False)}"
        f" or ifnull(`tabFile`.`attached_to_doctype`, '') not in ({restricted}))"
    )


def refuse_foreign_files(doc, method: str | None = None) -> None:
    """Refuse a record that names a private file which the user may not read: it would become his to read."""
    if doc.flags.ignore_permissions or frappe.session.user == "Administrator":
        return
    before = doc.get_doc_before_save()
    for address in _addresses(doc) - (_addresses(before) if before else set()):
        files = [
            frappe.get_doc("File", name)
            for name in frappe.get_all("File", {"file_url": address}, pluck="name")
        ]
        if files and not any(file.has_permission("read") for file in files):
            frappe.throw(frappe._("You may not read this file"), frappe.PermissionError)


def refuse_missing_links(doc, method: str | None = None) -> None:
    """Refuse a record of the app's that links to something that does not exist.

    Frappe looks itself, but for links from which another field is fetched.
    """
    if doc.flags.ignore_links or doc.meta.module not in _modules():
        return
    before = doc.get_doc_before_save()
    known = _fetched_links(before) if before else set()
    missing = [
        link for link in sorted(_fetched_links(doc) - known) if not frappe.db.exists(link.doctype, link.name)
    ]
    if missing:
        said = [
            frappe._("{0}: {1} does not exist").format(frappe._(link.label), link.name) for link in missing
        ]
        frappe.throw("<br>".join(said), frappe.LinkValidationError)


@lru_cache(maxsize=1)
def _modules() -> frozenset[str]:
    """The app's own modules, also while it is being installed."""
    return frozenset(frappe.get_module_list("medaffairs"))


class _Link(NamedTuple):
    label: str
    doctype: str
    name: str


def _fetched_links(doc) -> set[_Link]:
    """The links of a record and its rows from which other fields are fetched."""
    sources = {field.fetch_from.split(".")[0] for field in doc.meta.fields if field.get("fetch_from")}
    found = {
        _Link(field.label, field.options, str(doc.get(field.fieldname)))
        for field in doc.meta.fields
        if field.fieldname in sources and field.fieldtype == "Link" and doc.get(field.fieldname)
    }
    for table in doc.meta.get_table_fields():
        for row in doc.get(table.fieldname) or []:
            found |= _fetched_links(row)
    return found


def _addresses(doc) -> set[str]:
    """The files that a record and its rows name in their fields."""
    found = {
        doc.get(field.fieldname) for field in doc.meta.fields if field.fieldtype in ("Attach", "Attach Image")
    }
    for table in doc.meta.get_table_fields():
        for row in doc.get(table.fieldname) or []:
            found |= _addresses(row)
    return {str(address) for address in found if address}


def make_csrf_token(response=None, request=None) -> None:
    """Give a session its CSRF token with the answer to the request that began it, so that none is without.

    Not earlier: Frappe signs in before it checks the token, and would ask the signing-in request for it. A user
    who came with an API key has no session of his own, which shows in its number.
    """
    session = frappe.session
    if session and session.sid not in ("Guest", session.user) and not session.data.csrf_token:
        get_csrf_token()


def disarm_exports(response=None, request=None) -> None:
    """Let no text of an exported CSV be run by the spreadsheet that opens it."""
    if response is None or request is None or not request.path.endswith(EXPORTS):
        return
    is_csv = ".csv" in response.headers.get("Content-Disposition", "")
    # A stream comes from a host that disarms what it writes.
    if is_csv and response.status_code == 200 and not response.is_streamed:
        response.set_data(harmless_csv(response.get_data()))
