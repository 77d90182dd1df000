"""Improvement Action: opened by whoever has found a problem, changed by its steps."""

import frappe
from frappe.model.document import Document
from frappe.utils import getdate, nowdate

from medaffairs.approval import guard
from medaffairs.improvement import rules, steps
from medaffairs.organization import deadlines

RESULTS = ("opened_on", "handed_in_at", "closed_at", "closing_reason", "due_changes")
# What those who owe the action write by themselves while it is theirs.
OWN_WORDS = {"measures"}
# What whoever has opened it may still put right.
TERMS = {"problem", "description", "standard", "cause", "priority", "responsible", "inspector", "measures"}


class ImprovementAction(Document):
    """A task to improve something."""

    def before_insert(self) -> None:
        """A new action begins at the beginning, whatever it was sent with."""
        self.workflow_state, self.opened_on = rules.TO_IMPROVE, nowdate()
        for field in RESULTS[1:]:
            self.set(field, None)
        self.set("progress", [])
        self.set("rounds", [])
        if getdate(self.due_date) < getdate(nowdate()):
            frappe.throw(frappe._("The due date must not lie in the past"))

    def validate(self) -> None:
        """The responsible person works in the department; nobody changes what its steps decide."""
        if self.responsible and self.has_value_changed("responsible"):
            place = frappe.db.get_value("Practitioner", self.responsible, "department")
            if place != self.department:
                frappe.throw(frappe._("{0} does not work in this department").format(self.responsible))
        before = self.get_doc_before_save()
        if before is not None and not guard.is_stepping(self):
            self._check_changes(before)

    def after_insert(self) -> None:
        """Whoever owes it is told."""
        steps.tell(self, steps.OPENED, steps.owing(self), "opened")

    def on_update(self) -> None:
        """The clock follows state and due date."""
        deadlines.follow(self)

    def on_trash(self) -> None:
        """What is deleted is owed by nobody."""
        deadlines.forget(self)

    def deadline_people(self, clock: str) -> list[str]:
        """Who owes it."""
        return steps.owing(self)

    def _check_changes(self, before: Document) -> None:
        changed = {
            field.fieldname
            for field in self.meta.get("fields")
            if field.fieldtype not in ("Section Break", "Column Break", "Table")
            and self.has_value_changed(field.fieldname)
        }
        owes = frappe.session.user in steps.owing(before)
        allowed = OWN_WORDS if owes else TERMS
        if before.workflow_state not in rules.OPEN or changed - allowed:
            frappe.throw(frappe._("The action changes by its steps alone"), frappe.PermissionError)
        for table in ("progress", "rounds"):
            self.set(table, before.get(table))
