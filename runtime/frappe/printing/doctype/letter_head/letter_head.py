"""What stands above and below prints."""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.utils import cint
from frappe.utils.jinja import validate_template


class LetterHead(Document):
    """One letter head; one of them is the site's."""

    def before_insert(self) -> None:
        """Based on HTML unless said otherwise."""
        self.source = self.source or "HTML"

    def validate(self) -> None:
        """The first is the default; the default is never switched off; its templates can be read.

        :raises frappe.ValidationError: for one that is both disabled and default
        """
        if cint(self.disabled) and cint(self.is_default):
            frappe.throw(frappe._("Letter Head cannot be both disabled and default"))
        others = {"is_default": 1, "name": ("!=", self.name)}
        if not cint(self.is_default) and not cint(self.disabled) and not frappe.db.exists("Letter Head", others):  # fmt: skip
            self.is_default = 1
        for text in (self.content, self.footer):
            validate_template(text or "")

    def on_update(self) -> None:
        """There is one default."""
        if cint(self.is_default):
            frappe.db.set_value("Letter Head", {"is_default": 1, "name": ("!=", self.name)}, "is_default", 0)
            frappe.clear_document_cache("Letter Head")
