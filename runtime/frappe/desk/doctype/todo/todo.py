"""Things to do, most of them assignments of documents."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document


class ToDo(Document):
    """One thing for one person."""

    def validate(self) -> None:
        """Who gave it."""
        self.assigned_by = self.assigned_by or frappe.session.user

    def on_update(self) -> None:
        """The document's list of assignees follows; its history says what happened."""
        from frappe.desk.form.assign_to import update_assignees

        if not self.reference_type or not self.reference_name:
            return
        before = self.get_doc_before_save()
        if before is None:
            self._note("Assigned", frappe._("assigned to {0}"))
        elif before.status != self.status and self.status in {"Closed", "Cancelled"}:
            self._note("Assignment Completed", frappe._("assignment of {0} ended"))
        update_assignees(self.reference_type, self.reference_name)

    def _note(self, kind: str, text: str) -> None:
        frappe.get_doc(
            doctype="Comment", comment_type=kind, reference_doctype=self.reference_type, reference_name=self.reference_name,
            content=frappe.utils.escape_html(text.format(frappe.utils.get_fullname(self.allocated_to))),
            comment_email=frappe.session.user, comment_by=frappe.utils.get_fullname(),
        ).insert(ignore_permissions=True)  # fmt: skip

    def on_trash(self) -> None:
        """The document's list of assignees follows."""
        from frappe.desk.form.assign_to import update_assignees

        if self.reference_type and self.reference_name:
            self.db_set("status", "Cancelled", update_modified=False)
            update_assignees(self.reference_type, self.reference_name)


@frappe.whitelist(methods=["POST"])
def new_todo(description: str) -> None:
    """A thing to do for oneself."""
    frappe.get_doc(doctype="ToDo", description=description, allocated_to=frappe.session.user).insert()


def get_permission_query_conditions(user: str | None = None) -> str:
    """One's own, and what one has given to others; everything for administrators."""
    user = user or frappe.session.user
    if {"System Manager", "Administrator"} & set(frappe.get_roles(user)):
        return ""
    name = frappe.db.escape(user)
    return f"(`tabToDo`.`allocated_to` = {name} or `tabToDo`.`assigned_by` = {name})"


def has_permission(doc: Any, ptype: str = "read", user: str | None = None) -> bool:
    """As the list says."""
    user = user or frappe.session.user
    if {"System Manager", "Administrator"} & set(frappe.get_roles(user)):
        return True
    return user in (doc.allocated_to, doc.assigned_by, doc.owner)
