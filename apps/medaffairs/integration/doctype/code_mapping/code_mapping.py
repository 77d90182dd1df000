"""Code Mapping: what another system calls one of our records, each code once per system and kind."""

from __future__ import annotations

import frappe
from frappe.model.document import Document

MAPPED = ("Practitioner", "Clinical Department", "Procedure", "Drug Privilege", "Dictionary Item")


class CodeMapping(Document):
    """A code of another system and the record that it stands for."""

    def validate(self) -> None:
        """The code is unambiguous and stands for something that codes are exchanged for."""
        self.source_system, self.source_code = self.source_system.strip(), self.source_code.strip()
        if not (self.source_system and self.source_code):
            frappe.throw(frappe._("System and code must not be empty"))
        if self.target_doctype not in MAPPED:
            frappe.throw(frappe._("Codes are not exchanged for {0}").format(frappe._(self.target_doctype)))
        self.mapping_key = f"{self.source_system}|{self.target_doctype}|{self.source_code}"[:140]
        other = frappe.db.get_value(
            "Code Mapping", {"mapping_key": self.mapping_key, "name": ("!=", self.name or "")}, "target"
        )
        if other:
            frappe.throw(
                frappe._("{0} of {1} stands for {2} already").format(
                    self.source_code, self.source_system, other
                ),
                frappe.DuplicateEntryError,
            )
