"""Form Response: answers to a form, written by `forms/answers.py` alone."""

import frappe
from frappe.model.document import Document


class FormResponse(Document):
    """Answers to a form in the version that they were begun with."""

    def before_insert(self) -> None:
        """It takes title and code from its version."""
        source = frappe.db.get_value("Form Template", self.template, ["title", "form_code"], as_dict=True)
        if source:
            self.update({"title": source.title, "form_code": source.form_code})

    def validate(self) -> None:
        """Answers come in by the form, not by the record.

        :raises frappe.PermissionError: for whoever saves past it
        """
        if not self.is_new() and not self.flags.by_answers:
            frappe.throw(frappe._("Answers are given on the page of the form"), frappe.PermissionError)
