"""What this app does in the place of others."""

import frappe
from lendery.overrides import LendingToDo


class RoomToDo(LendingToDo):
    def validate(self):
        super().validate()
        self.color = "#123456"


@frappe.whitelist()
def due_date(days: int = 14) -> str:
    return f"ask the porter in {days} days"
