"""Documents that are given to people by themselves, as their values change."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.desk.form import assign_to
from frappe.model.document import Document
from frappe.model.hooks import concerns
from frappe.utils.caching import invalidate, kept
from frappe.utils.typing_validations import parsed

#: Documents of the system itself, which nobody is given to handle.
_NEVER = {
    "ToDo",
    "Notification Log",
    "Email Queue",
    "Communication",
    "Comment",
    "Version",
    "Error Log",
    "DocType",
}


class AssignmentRule(Document):
    """When a document is given away, taken back or closed, and to whom."""

    def validate(self) -> None:
        """Refuses what could never work.

        :raises frappe.ValidationError: naming it
        """
        if self.document_type == "ToDo":
            frappe.throw(_("Assignment Rule is not allowed on document type {0}").format(_("ToDo")))
        days = [row.day for row in self.assignment_days]
        if len(set(days)) != len(days):
            twice = sorted({day for day in days if days.count(day) > 1})
            frappe.throw(_("The following Assignment Days have been repeated: {0}").format(", ".join(twice)))
        if self.rule == "Based on Field" and not self.field:
            frappe.throw(_("Field is mandatory for the rule {0}").format(_(self.rule)))

    def on_update(self) -> None:
        """Every process knows of the rule from now on."""
        invalidate()

    def on_trash(self) -> None:
        """Every process forgets the rule."""
        invalidate()

    def holds(self, condition: str | None, doc: Any) -> bool:
        """Whether a condition holds for a document; one that cannot be worked out does not."""
        if not condition:
            return False
        try:
            return bool(frappe.safe_eval(condition, None, doc.as_dict()))
        except Exception as error:
            frappe.msgprint(_("Auto assignment failed: {0}").format(str(error)), indicator="orange")
            return False

    def is_rule_not_applicable_today(self) -> bool:
        """Whether the rule rests on this day of the week."""
        today = frappe.utils.getdate().strftime("%A")
        days = [row.day for row in self.assignment_days]
        return bool(days) and today not in days

    def do_assignment(self, doc: Any) -> bool:
        """Gives the document to whose turn it is; whether there was somebody."""
        user = self.get_user(doc)
        if not user or not frappe.db.get_value("User", user, "enabled"):
            return False
        text = frappe.render_template(self.description or "", doc.as_dict())
        due = doc.get(self.due_date_based_on) if self.due_date_based_on else None
        frappe.get_doc(
            doctype="ToDo", allocated_to=user, reference_type=doc.doctype, reference_name=str(doc.name), status="Open",
            description=text or _("Automatic Assignment"), date=due or frappe.utils.nowdate(), priority="Medium",
            assigned_by=frappe.session.user, assignment_rule=self.name,
        ).insert(ignore_permissions=True)  # fmt: skip
        assign_to.notify(doc, user, _("{0} assigned a new task {1} {2} to you"), "Assignment", text)
        self.db_set("last_user", user, update_modified=False)
        return True

    def get_user(self, doc: Any) -> str | None:
        """Whose turn it is."""
        users = [row.user for row in self.users]
        if self.rule == "Based on Field":
            return doc.get(self.field) if doc.get(self.field) and frappe.db.exists("User", doc.get(self.field)) else None  # fmt: skip
        if not users:
            return None
        if self.rule == "Load Balancing":
            return min(users, key=lambda user: _open_count(self.document_type, user))
        last = frappe.db.get_value("Assignment Rule", self.name, "last_user", for_update=True)
        return users[(users.index(last) + 1) % len(users)] if last in users else users[0]


def _open_count(doctype: str, user: str) -> int:
    return frappe.db.count("ToDo", {"reference_type": doctype, "allocated_to": user, "status": "Open"})


def _rules(doctype: str) -> list[str]:
    return kept(
        ("assignment_rules", doctype),
        lambda: frappe.get_all(
            "Assignment Rule",
            {"document_type": doctype, "disabled": 0},
            pluck="name",
            order_by="priority desc",
        ),
    )


def get_assignments(doc: Any) -> list[frappe._dict]:
    """Assignments of a document, those that were cancelled left out."""
    return frappe.get_all(
        "ToDo",
        {"reference_type": doc.doctype, "reference_name": str(doc.name), "status": ("!=", "Cancelled")},
        ["name", "allocated_to", "assignment_rule", "status"],
        order_by="creation asc",
    )


def _is_assigned(doctype: str) -> bool:
    return doctype not in _NEVER and bool(_rules(doctype))


@concerns(_is_assigned)
def apply(
    doc: Any = None, method: str | None = None, doctype: str | None = None, name: str | None = None
) -> None:
    """Takes back, gives away or closes as the rules of a document's type say; called at every save."""
    flags = frappe.local.flags
    if flags.in_install or flags.in_patch or flags.in_import or flags.in_migrate:
        return
    doc = doc or frappe.get_doc(doctype, name)
    if doc.doctype in _NEVER or doc.meta.istable or doc.meta.issingle:
        return
    names = _rules(doc.doctype)
    if not names:
        return
    rules = [frappe.get_doc("Assignment Rule", entry) for entry in names]
    for rule in rules:
        mine = [
            row for row in get_assignments(doc) if row.assignment_rule == rule.name and row.status == "Open"
        ]
        if mine and rule.holds(rule.unassign_condition, doc):
            _set_status(mine, "Cancelled")
    if not any(row.status == "Open" for row in get_assignments(doc)):
        _assign(rules, doc)
    for rule in rules:
        if rule.holds(rule.close_condition, doc):
            _set_status([row for row in get_assignments(doc) if row.assignment_rule == rule.name and row.status == "Open"], "Closed")  # fmt: skip


def _assign(rules: list[AssignmentRule], doc: Any) -> None:
    for rule in rules:
        fits = not rule.is_rule_not_applicable_today() and rule.holds(rule.assign_condition, doc)
        if not fits or rule.holds(rule.unassign_condition, doc) or rule.holds(rule.close_condition, doc):
            continue
        closed = [
            row for row in get_assignments(doc) if row.assignment_rule == rule.name and row.status == "Closed"
        ]
        if closed:
            # Who was done with it gets it back when it comes to life again.
            _set_status(closed[-1:], "Open")
            return
        if rule.do_assignment(doc):
            return


def _set_status(rows: list[frappe._dict], status: str) -> None:
    for row in rows:
        todo = frappe.get_doc("ToDo", row.name)
        todo.status = status
        todo.save(ignore_permissions=True)


@concerns(_is_assigned)
def update_due_date(doc: Any, state: str | None = None) -> None:
    """Assignments follow the date on which their rule makes them due."""
    for name in _rules(doc.doctype) if doc.doctype not in _NEVER else ():
        field = frappe.get_cached_value("Assignment Rule", name, "due_date_based_on")
        if field and doc.get(field):
            known = {"assignment_rule": name, "reference_type": doc.doctype, "reference_name": str(doc.name), "status": "Open"}  # fmt: skip
            for todo in frappe.get_all("ToDo", known, pluck="name"):
                frappe.db.set_value("ToDo", todo, "date", frappe.utils.getdate(doc.get(field)))


@frappe.whitelist(methods=["POST"])
def bulk_apply(doctype: str, docnames: Any) -> None:
    """Applies the rules to documents that were there before them."""
    for name in parsed(docnames, list, "docnames"):
        doc = frappe.get_doc(doctype, name)
        doc.check_permission("write")
        apply(doc)
