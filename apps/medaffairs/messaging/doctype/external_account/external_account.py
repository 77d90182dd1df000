"""External Account: one account there belongs to one user here."""

import frappe
from frappe.model.document import Document


class ExternalAccount(Document):
    """Whose account of DingTalk or WeCom belongs to which user."""

    def validate(self) -> None:
        """A user has one account per provider."""
        same = {"user": self.user, "provider": self.provider, "name": ("!=", self.name)}
        if frappe.db.exists("External Account", same):
            frappe.throw(
                frappe._("{0} has an account of {1} already").format(self.user, frappe._(self.provider)),
                frappe.DuplicateEntryError,
            )
