"""Absences and assessments during which privileges rest."""

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from medaffairs.privileging import ledger


class PrivilegeSuspension(Document):
    """A period in which a person's privileges rest; they come back by themselves."""

    def validate(self) -> None:
        """The period runs forward; its state follows from the clock."""
        if self.to_time and get_datetime(self.to_time) <= get_datetime(self.from_time):
            frappe.throw(frappe._("The suspension must end after it begins"))
        if self.status != "Cancelled":
            self.status = self._state()

    def _state(self) -> str:
        moment = now_datetime()
        if get_datetime(self.from_time) > moment:
            return "Planned"
        return "Ended" if self.to_time and get_datetime(self.to_time) <= moment else "Active"

    def after_insert(self) -> None:
        """The ledger learns of the suspension."""
        ledger.suspend(self)

    def on_update(self) -> None:
        """A changed period is recorded anew; a cancelled suspension ends."""
        if self.flags.in_insert or not self.get_doc_before_save():
            return
        if self.status == "Cancelled" and self.has_value_changed("status"):
            ledger.resume(self, self.from_time if get_datetime(self.from_time) > now_datetime() else None)
        elif any(self.has_value_changed(field) for field in ("from_time", "to_time", "kind")):
            ledger.suspend(self)

    def on_trash(self) -> None:
        """What was in force stays on record.

        :raises frappe.ValidationError: always
        """
        frappe.throw(frappe._("Cancel the suspension instead of deleting it"))
