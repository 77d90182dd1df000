"""Who does not want mail any more: of one document, or none at all."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document


class EmailUnsubscribe(Document):
    """One address, and what it is spared."""

    def validate(self) -> None:
        """Everything or one document, and each once.

        :raises frappe.MandatoryError: for neither
        :raises frappe.DuplicateEntryError: for what is known already
        """
        if not self.global_unsubscribe and not (self.reference_doctype and self.reference_name):
            frappe.throw(_("Reference DocType and Reference Name are required"), frappe.MandatoryError)
        same = {"email": self.email, "name": ("!=", self.name)}
        if self.global_unsubscribe:
            same["global_unsubscribe"] = 1
        else:
            same |= {"reference_doctype": self.reference_doctype, "reference_name": self.reference_name}
        if frappe.db.exists("Email Unsubscribe", same):
            frappe.throw(_("{0} already unsubscribed").format(self.email), frappe.DuplicateEntryError)

    def on_update(self) -> None:
        """The document's history says so."""
        if self.reference_doctype and self.reference_name:
            doc = frappe.get_doc(self.reference_doctype, self.reference_name)
            doc.add_comment("Label", _("Left this conversation"), comment_email=self.email)
