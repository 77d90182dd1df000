"""Board: figures and charts on one page, as somebody arranges them."""

import frappe
from frappe.model.document import Document


class Board(Document):
    """Cards, charts and reports in an order, for its owner, a role or everybody."""

    def on_update(self) -> None:
        """The page opens with one board of a person, so the one chosen before steps back."""
        if not self.is_default:
            return
        mine = {"owner": self.owner, "is_default": 1, "name": ("!=", self.name)}
        for name in frappe.get_all("Board", filters=mine, pluck="name"):
            frappe.db.set_value("Board", name, "is_default", 0)
