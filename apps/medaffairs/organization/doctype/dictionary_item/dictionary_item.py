"""Dictionary Item."""

import json

import frappe
from frappe import _
from frappe.model.document import Document

from medaffairs.organization.rules import initials


class DictionaryItem(Document):
    """A choice that the hospital keeps itself; in use it is disabled, not deleted."""

    def validate(self) -> None:
        self.pinyin_initials = initials(self.item_name)
        self._check_parent()
        self._check_attributes()

    def _check_parent(self) -> None:
        if not self.parent_item:
            return
        if self.parent_item == self.name:
            frappe.throw(_("An item cannot be its own parent"))
        if frappe.db.get_value("Dictionary Item", self.parent_item, "dictionary") != self.dictionary:
            frappe.throw(_("The parent item belongs to another dictionary"))

    def _check_attributes(self) -> None:
        if not self.attributes:
            return
        try:
            value = json.loads(self.attributes) if isinstance(self.attributes, str) else self.attributes
        except ValueError:
            frappe.throw(_("Attributes must be a JSON object"))
        if not isinstance(value, dict):
            frappe.throw(_("Attributes must be a JSON object"))
