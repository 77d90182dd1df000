"""Quality Report: its files and its title come from its generation alone (F43)."""

import frappe
from frappe.model.document import Document
from frappe.utils import getdate, nowdate

RESULTS = ("title", "status", "generated_at", "docx_file", "pdf_file")


class QualityReport(Document):
    """A report on adverse events of a period."""

    def validate(self) -> None:
        """The period has begun and ends after it begins; nobody writes results by hand.

        :raises frappe.ValidationError: naming the field
        """
        if getdate(self.to_date) < getdate(self.from_date):
            frappe.throw(frappe._("The period ends before it begins"))
        if getdate(self.from_date) > getdate(nowdate()):
            frappe.throw(frappe._("{0} must not lie in the future").format(frappe._("From Date")))
        if self.flags.generating:
            return
        before = self.get_doc_before_save()
        for field in RESULTS:
            self.set(field, before.get(field) if before else None)
        self.status = self.status or "Draft"
        self.title = self.title or self.template
