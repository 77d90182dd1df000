"""Assigning documents to people: a ToDo each, and a message."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification, get_title_html
from frappe.desk.form.document_follow import follow_by
from frappe.share import add as add_share
from frappe.utils import escape_html, sanitize_html
from frappe.utils.typing_validations import parsed

OPEN = ("not in", ("Cancelled", "Closed"))


class DuplicateToDoError(frappe.ValidationError):
    """The document is assigned to this person already."""


@frappe.whitelist()
def get(args: Any = None, doctype: str | None = None, name: str | None = None) -> list:
    """Open assignments of a document that the user may read."""
    values = parsed(args, dict, "args", default={"doctype": doctype, "name": name})
    doc = frappe.get_doc(values.get("doctype"), values.get("name"))
    doc.check_permission("read")
    return _open_assignments(doc.doctype, doc.name)


def _open_assignments(doctype: str, name: Any) -> list:
    return frappe.get_all(
        "ToDo",
        fields=["allocated_to as owner", "name"],
        filters={"reference_type": doctype, "reference_name": str(name), "status": OPEN},
        limit_page_length=20,
    )


@frappe.whitelist(methods=["POST", "PUT"])
def add(
    args: Any = None,
    assign_to: Any = None,
    doctype: str | None = None,
    name: str | None = None,
    description: str | None = None,
    date: str | None = None,
    priority: str | None = None,
    ignore_permissions: bool = False,
) -> list:
    """Assigns a document; the people get a ToDo and a message. They must be able to read the document."""
    values = frappe._dict(parsed(args, dict, "args"))
    values.doctype, values.name = values.doctype or doctype, values.name or name
    people = frappe.parse_json(values.assign_to or assign_to) if values.assign_to or assign_to else []
    people = [people] if isinstance(people, str) else parsed(people, list, "assign_to")
    # Only code inside the server may skip the check.
    trusted = ignore_permissions and not frappe.local.request
    doc = frappe.get_doc(values.doctype, values.name)
    if not trusted:
        doc.check_permission("read")
    for person in people:
        _assign(
            doc, person, values.description or description, values.date or date, values.priority or priority
        )
    return _open_assignments(doc.doctype, doc.name)


def _assign(doc: Any, person: str, description: str | None, date: str | None, priority: str | None) -> None:
    known = {
        "reference_type": doc.doctype,
        "reference_name": str(doc.name),
        "allocated_to": person,
        "status": OPEN,
    }
    if frappe.db.exists("ToDo", known):
        frappe.msgprint(_("Already in user's To Do list: {0}").format(frappe.bold(person)), alert=True)
        return
    if not frappe.has_permission(doc.doctype, "read", doc, user=person):
        # Whoever may share the document may give it to somebody who could not read it so far.
        add_share(doc.doctype, doc.name, person)
        frappe.msgprint(_("Shared with the following Users with Read access: {0}").format(person), alert=True)
    text = (
        sanitize_html(description)
        if description
        else _("Assignment for {0} {1}").format(_(doc.doctype), doc.name)
    )
    frappe.get_doc(
        doctype="ToDo", allocated_to=person, reference_type=doc.doctype, reference_name=str(doc.name), description=text,
        priority=priority or "Medium", status="Open", date=date or frappe.utils.nowdate(), assigned_by=frappe.session.user,
    ).insert(ignore_permissions=True)  # fmt: skip
    notify(doc, person, _("{0} assigned a new task {1} {2} to you"), "Assignment", text)
    follow_by("assigned", doc.doctype, doc.name, person)


def notify(doc: Any, person: str, text: str, kind: str, description: str | None = None) -> None:
    """A message, unless it concerns what the user did to himself."""
    if person == frappe.session.user:
        return
    subject = text.format(
        frappe.bold(escape_html(frappe.utils.get_fullname())),
        frappe.bold(_(doc.doctype)),
        get_title_html(doc.get_title() or doc.name),
    )
    enqueue_create_notification(
        [person],
        {"type": kind, "document_type": doc.doctype, "document_name": str(doc.name), "subject": subject,
         "from_user": frappe.session.user, "email_content": f"<div>{description}</div>" if description else None},
    )  # fmt: skip


@frappe.whitelist(methods=["POST", "PUT"])
def add_multiple(
    args: Any = None, doctype: str | None = None, name: Any = None, assign_to: Any = None
) -> None:
    """Assigns several documents."""
    values = frappe._dict(
        parsed(args, dict, "args", default={"doctype": doctype, "name": name, "assign_to": assign_to})
    )
    for entry in parsed(values.name, list, "name"):
        add({**values, "name": entry})


@frappe.whitelist(methods=["POST", "PUT"])
def remove(doctype: str, name: str | int, assign_to: str, ignore_permissions: bool = False) -> list:
    """Takes an assignment back."""
    return _finish(doctype, name, assign_to, "Cancelled")


@frappe.whitelist(methods=["POST", "PUT"])
def close(doctype: str, name: str | int, assign_to: str, ignore_permissions: bool = False) -> list:
    """Notes that an assignment is done; only the assigned person may.

    :raises frappe.ValidationError: for anybody else
    """
    if assign_to != frappe.session.user:
        frappe.throw(_("Only the assignee can complete this to-do."))
    return _finish(doctype, name, assign_to, "Closed")


@frappe.whitelist(methods=["POST", "PUT"])
def remove_multiple(doctype: str, names: str | list, ignore_permissions: bool = False) -> None:
    """Takes every assignment of several documents back."""
    for name in parsed(names, list, "names"):
        for row in _open_assignments(doctype, name):
            remove(doctype, name, row.owner)


def _finish(doctype: str, name: Any, person: str, status: str) -> list:
    frappe.get_doc(doctype, name).check_permission("read")
    known = {"reference_type": doctype, "reference_name": str(name), "allocated_to": person, "status": OPEN}
    todo = frappe.db.get_value("ToDo", known, "name")
    if todo:
        doc = frappe.get_doc("ToDo", todo)
        doc.status = status
        doc.save(ignore_permissions=True)
        if status == "Cancelled":
            text = _("Your assignment on {1} {2} has been removed by {0}")
            notify(frappe.get_doc(doctype, name), person, text, "Assignment")
    return _open_assignments(doctype, name)


def update_assignees(doctype: str, name: Any) -> None:
    """Writes the open assignees into the document's `_assign`, which lists filter by."""
    if not doctype or frappe.get_meta(doctype).issingle or not frappe.db.exists(doctype, name):
        return
    people = [row.owner for row in _open_assignments(doctype, name)]
    value = json.dumps(people) if people else ""
    frappe.db.set_value(doctype, name, "_assign", value, update_modified=False)


def close_all_assignments(doctype: str, name: Any, ignore_permissions: bool = False) -> bool:
    """Ends everybody's work on a document; whether somebody worked on it."""
    rows = _open_assignments(doctype, name)
    for row in rows:
        _finish(doctype, name, row.owner, "Closed")
    return bool(rows)


def clear(doctype: str, name: Any, ignore_permissions: bool = False) -> bool:
    """Takes everybody from a document, who has finished, too; whether there was somebody."""
    for row in _open_assignments(doctype, name):
        _finish(doctype, name, row.owner, "Cancelled")
    rest = {"reference_type": doctype, "reference_name": str(name)}
    found = frappe.get_all("ToDo", filters=rest, fields=["name", "status"])
    for row in found:
        if row.status != "Cancelled":
            frappe.get_doc("ToDo", row.name).update({"status": "Cancelled"}).save(ignore_permissions=True)
    return bool(found)
