"""Adverse Event Report: comes in by one door, changes by its steps alone (F40, F41)."""

import frappe
from frappe.model.document import Document

from medaffairs.adverse_event import people, reporting, rules
from medaffairs.approval import guard
from medaffairs.organization import deadlines

# Tables and texts in which the handling is kept; hospitals add fields of their own beside them.
NO_VALUE = ("Section Break", "Column Break", "Tab Break", "Heading", "HTML")


class AdverseEventReport(Document):
    """An event or near miss: what was reported, how it was handled, what was changed."""

    def before_insert(self) -> None:
        """Reports come in by the door that checks them and keeps hidden reporters hidden.

        :raises frappe.PermissionError: for whoever inserts one past it
        """
        if not self.flags.reporting:
            frappe.throw(frappe._("Events are reported on the page for it"), frappe.PermissionError)

    def validate(self) -> None:
        """Nobody writes into a report by hand what it was sent with, or what its steps decide.

        :raises frappe.PermissionError: for another value than before in any field of ours
        """
        before = self.get_doc_before_save()
        if before is None or guard.is_stepping(self):
            return
        for field in self.meta.fields:
            if field.fieldtype in NO_VALUE or field.get("is_custom_field"):
                continue
            if self._shown(field.fieldname) != before._shown(field.fieldname):
                frappe.throw(
                    frappe._("{0}: a report changes by its steps alone").format(
                        frappe._(field.label, context=self.doctype)
                    ),
                    frappe.PermissionError,
                )

    def on_update(self) -> None:
        """The clocks follow state and grade; those of a report that comes in are started by the job that announces it."""
        if not self.flags.reporting:
            deadlines.follow(self)

    def deadline_people(self, clock: str) -> list[str]:
        """Whose turn it is; of what is to be supplemented the reporter, unless he hides."""
        if self.workflow_state == rules.RETURNED:
            return [self.owner] if self.identity == rules.OPEN else []
        return people.handlers(self) or people.managers(self.managing_department)

    def on_trash(self) -> None:
        """What was reported stays on record.

        :raises frappe.PermissionError: always, but for tests and purges that the system itself makes
        """
        if not self.flags.ignore_permissions:
            frappe.throw(frappe._("A report stays on record; archive it instead"), frappe.PermissionError)
        deadlines.forget(self)
        holder = frappe.db.get_value(reporting.HOLDER, {"report": self.name})
        if holder:
            frappe.delete_doc(reporting.HOLDER, holder, ignore_permissions=True, delete_permanently=True)

    def _shown(self, fieldname: str) -> object:
        value = self.get(fieldname)
        if isinstance(value, list):
            return [
                [
                    str(row.get(name) or "")
                    for name in row.meta.get_valid_columns()
                    if name not in ("modified", "modified_by")
                ]
                for row in value
            ]
        return str(value or "")
