"""Absences and assessments during which privileges rest."""

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from medaffairs.privileging import ledger, rules

OVER = ("Ended", "Cancelled")


class PrivilegeSuspension(Document):
    """A period in which a person's privileges rest; they come back by themselves."""

    def validate(self) -> None:
        """The period runs forward, what is over stays as it is, the state follows from the clock."""
        if self.to_time and get_datetime(self.to_time) <= get_datetime(self.from_time):
            frappe.throw(frappe._("The suspension must end after it begins"))
        self._check_grant()
        before = self.get_doc_before_save()
        if before and before.status in OVER:
            self._refuse_changes(before)
        cancelling = self.status == "Cancelled" and before
        if cancelling and get_datetime(before.from_time) <= now_datetime():
            frappe.throw(frappe._("The suspension has begun; it can be ended, not cancelled"))
        if before and before.status == "Active" and self.has_value_changed("from_time"):
            frappe.throw(frappe._("The suspension has begun; its beginning cannot be changed"))
        if not cancelling:
            self.status = self.state_now()

    def _check_grant(self) -> None:
        if not self.grant:
            return
        held = frappe.db.get_value("Privilege Grant", self.grant, ["practitioner", "kind"], as_dict=True)
        if not held or held.practitioner != self.practitioner:
            frappe.throw(
                frappe._("The privilege {0} does not belong to this practitioner").format(self.grant)
            )
        self.kind = held.kind

    def _refuse_changes(self, before: Document) -> None:
        if self.status != before.status or any(
            self.has_value_changed(field) for field in ("from_time", "to_time")
        ):
            frappe.throw(frappe._("The suspension is over and cannot be changed"))

    def state_now(self) -> str:
        """Planned, Active or Ended, as the clock says; a cancelled one stays cancelled."""
        if self.status == "Cancelled" and not self.is_new():
            return self.status
        start = get_datetime(self.from_time)
        end = get_datetime(self.to_time) if self.to_time else None
        return rules.period_state(start, end, now_datetime())

    def after_insert(self) -> None:
        """The ledger learns of the suspension."""
        ledger.suspend(self)

    def on_update(self) -> None:
        """A changed period is recorded anew; one that is cancelled or ended early gives the privileges back."""
        before = self.get_doc_before_save()
        if self.flags.in_insert or not before:
            return
        if self.status == "Cancelled" and before.status != "Cancelled":
            ledger.resume(self, self.from_time)
        elif self.has_value_changed("from_time"):
            ledger.suspend(self)
        elif self.has_value_changed("to_time"):
            self._record_end(before)

    def _record_end(self, before: Document) -> None:
        earlier = self.to_time and (
            not before.to_time or get_datetime(self.to_time) < get_datetime(before.to_time)
        )
        if earlier:
            ledger.resume(self, self.to_time)
        else:
            ledger.suspend(self)

    def on_trash(self) -> None:
        """What was in force stays on record.

        :raises frappe.ValidationError: always
        """
        frappe.throw(frappe._("Cancel the suspension instead of deleting it"))
