"""Acts without a privilege: what was recorded stays; the person explains, the office judges."""

import frappe
from frappe.model.document import Document

from medaffairs.privileging.acts import rules

OFFICE = {"Medical Affairs Manager", "Medical Affairs Officer"}


class UnauthorizedAct(Document):
    """An act that was refused, or that could not be checked."""

    def validate(self) -> None:
        """Everybody changes his own part only, step by step.

        :raises frappe.PermissionError: otherwise
        """
        before = self.get_doc_before_save()
        if before is None:
            return
        user = frappe.session.user
        person = frappe.db.get_value("Practitioner", self.practitioner, "user") if self.practitioner else None
        is_person, is_office = user == person, bool(OFFICE & set(frappe.get_roles(user)))
        fields = [field.fieldname for field in self.meta.fields if not field.fieldtype.endswith("Break")]
        old = {field: _plain(before.get(field)) for field in fields}
        new = {field: _plain(self.get(field)) for field in fields}
        changed = rules.changed_fault(old, new, is_person, is_office)
        if changed:
            label = frappe._(self.meta.get_label(changed))
            frappe.throw(frappe._("{0} is not yours to change").format(label), frappe.PermissionError)
        if old != new:
            fault = rules.step_fault(before.status, self.status, is_person, is_office)
            if fault:
                frappe.throw(frappe._(fault), frappe.PermissionError)

    def on_trash(self) -> None:
        """What happened stays on record.

        :raises frappe.PermissionError: always
        """
        frappe.throw(frappe._("An act without a privilege stays on record"), frappe.PermissionError)


def _plain(value: object) -> str:
    return "" if value is None else str(value)
