"""Adverse Event Category: its form, route, managing department and grades are the hospital's to change (F39)."""

import frappe
from frappe.model.document import Document


class AdverseEventCategory(Document):
    """A kind of adverse event."""

    def validate(self) -> None:
        """No subtype and no harm level stands twice."""
        for table, field in (("subtypes", "subtype"), ("grade_rules", "harm_level")):
            seen: set[str] = set()
            for row in self.get(table):
                if row.get(field) in seen:
                    frappe.throw(frappe._("Row {0}: {1} is there already").format(row.idx, row.get(field)))
                seen.add(row.get(field))

    def on_trash(self) -> None:
        """A category in which something was reported is disabled, not deleted.

        :raises frappe.LinkExistsError: while there are reports
        """
        if frappe.db.exists("Adverse Event Report", {"category": self.name}):
            frappe.throw(frappe._("Events were reported in it; disable it instead"), frappe.LinkExistsError)
