"""A change here is seen by every process at once."""

from __future__ import annotations

import frappe
from frappe.model.document import Document


class CustomDocPerm(Document):
    """Kept in memory by every process, so every change empties that memory."""

    def on_update(self) -> None:
        """Every process reads it anew."""
        frappe.clear_cache()

    def after_delete(self) -> None:
        """Every process reads it anew."""
        frappe.clear_cache()
