"""Items of the catalogue."""

import frappe
from frappe.model.document import Document

from medaffairs.organization.rules import initials
from medaffairs.privileging.catalogue import levels, rules


class Procedure(Document):
    """Something that a practitioner can be privileged to do."""

    def validate(self) -> None:
        """Initials for searching; levels that do not contradict; what follows from them."""
        self.pinyin_initials = initials(self.procedure_name)
        for number, message in rules.check_levels([levels.as_level(row) for row in self.levels]):
            frappe.throw(frappe._("Row {0} of the levels: {1}").format(number, frappe._(message)))
        levels.derive(self)
