"""Conditions for privileges."""

import frappe
from frappe.model.document import Document
from frappe.utils import cint, flt

from medaffairs.privileging.eligibility import LEVEL_PREFIX

# What a type of rule cannot do without: its fields, and the dictionary in which its item must be.
NEEDS = {
    "Title Level": ("title_level",),
    "Years In Title": ("value",),
    "Years Of Practice": ("value",),
    "Exam Score": ("item",),
    "Procedure Volume": ("value",),
    "Qualification": ("item",),
    "Licence Category": ("item",),
    "Held Privilege": ("item",),
}
DICTIONARIES = {"Exam Score": "EXAM", "Qualification": "QUALIFICATION"}


class EligibilityRule(Document):
    """A condition for all items of a kind, for those of a level, or for one."""

    def validate(self) -> None:
        """A rule that could never be met, or never be missed, is refused."""
        for field in NEEDS[self.rule_type]:
            if not self.get(field) or (field == "value" and flt(self.value) <= 0):
                label = frappe._(self.meta.get_label(field))
                frappe.throw(frappe._("{0} needs {1}").format(frappe._(self.rule_type), label))
        self._check_item()
        item_type = frappe.db.get_value("Privilege Kind", self.kind, "item_doctype")
        if self.code and not frappe.db.exists(item_type, self.code):
            frappe.throw(frappe._("{0} is not in the catalogue").format(self.code))
        if self.level and item_type != "Procedure":
            frappe.throw(frappe._("Only procedures have levels"))
        if cint(self.months) < 0:
            frappe.throw(frappe._("The months must not be negative"))

    def _check_item(self) -> None:
        known, procedure = True, bool(self.item) and frappe.db.exists("Procedure", self.item)
        if self.rule_type in DICTIONARIES:
            dictionary = frappe.db.get_value("Dictionary Item", self.item, "dictionary")
            known = dictionary == DICTIONARIES[self.rule_type]
        elif self.rule_type == "Held Privilege":
            known = procedure or frappe.db.exists("Drug Privilege", self.item)
        elif self.rule_type == "Procedure Volume" and self.item:
            known = procedure or self.item in (f"{LEVEL_PREFIX}{level}" for level in "1234")
        if not known:
            frappe.throw(frappe._("There is no {0} for {1}").format(self.item, frappe._(self.rule_type)))
