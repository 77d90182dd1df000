"""Comments, and the notes that a document's history is made of."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import cint, sanitize_html

#: What the system writes by itself; people write comments.
BY_PEOPLE = {"Comment", "Info", "Like"}


class Comment(Document):
    """One entry of a document's history."""

    def validate(self) -> None:
        """Who writes is who is signed in, and he may read the document.

        :raises frappe.PermissionError: for a document that the user may not read
        """
        self.comment_type = self.comment_type or "Comment"
        if not self.flags.ignore_permissions:
            if self.comment_type not in BY_PEOPLE:
                frappe.throw(frappe._("Not permitted"), frappe.PermissionError)
            if self.reference_doctype and self.reference_name:
                frappe.has_permission(self.reference_doctype, "read", self.reference_name, throw=True)
            if self.is_new():
                self.comment_email = frappe.session.user
                self.comment_by = frappe.utils.get_fullname()
        self.content = sanitize_html(self.content or "")

    def on_update(self) -> None:
        """Remarks stand in their document's `_comments`, too, which lists show."""
        self._note({"comment": self.content, "by": self.comment_email or self.owner, "name": self.name})

    def on_trash(self) -> None:
        """A remark that goes is no longer noted."""
        self._note(None)

    def _note(self, entry: dict | None) -> None:
        doctype, name = self.reference_doctype, self.reference_name
        if (
            self.comment_type != "Comment"
            or not doctype
            or not name
            or cint(frappe.get_meta(doctype).issingle)
        ):
            return
        if not frappe.db.exists(doctype, name):
            return
        noted = json.loads(frappe.db.get_value(doctype, name, "_comments") or "[]")
        places = {row["name"]: place for place, row in enumerate(noted)}
        if entry and self.name in places:
            noted[places[self.name]] = entry
        else:
            noted = [row for row in noted if row["name"] != self.name] + ([entry] if entry else [])
        frappe.db.set_value(doctype, name, "_comments", json.dumps(noted), update_modified=False)

    def after_insert(self) -> None:
        """Who is named in it is told."""
        from frappe.desk.notifications import notify_mentions

        if self.comment_type == "Comment":
            notify_mentions(self.reference_doctype, self.reference_name, self.content)


def has_permission(doc: Any, ptype: str = "read", user: str | None = None) -> bool:
    """A comment is read with its document, and changed by its author."""
    user = user or frappe.session.user
    if user in ("Administrator", doc.owner) or "System Manager" in frappe.get_roles(user):
        return True
    if ptype not in {"read", "select", "create"} or not doc.reference_doctype or not doc.reference_name:
        return ptype == "create"
    return bool(frappe.has_permission(doc.reference_doctype, "read", doc.reference_name, user=user))


def get_permission_query_conditions(user: str | None = None) -> str:
    """Lists show one's own comments; those of a document come with the document."""
    user = user or frappe.session.user
    if "System Manager" in frappe.get_roles(user) or user == "Administrator":
        return ""
    return f"(`tabComment`.`owner` = {frappe.db.escape(user)})"
