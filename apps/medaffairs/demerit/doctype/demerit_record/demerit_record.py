"""Demerit Record: written by whoever is responsible, changed by its steps alone once the notice is out (F60)."""

import frappe
from frappe.model.document import Document
from frappe.utils import flt, getdate, nowdate

from medaffairs.approval import engine, guard
from medaffairs.demerit import rules, steps
from medaffairs.organization import deadlines

# What the steps decide, and nobody writes by hand.
RESULTS = (
    "issued_at", "read_at", "appeal_until", "appealed_at", "appeal", "appeal_evidence", "review_opinion", "confirmed_at",
    "closed_at", "closing_reason", "due_at",
)  # fmt: skip


class DemeritRecord(Document):
    """What somebody did wrong, how many points it costs, and what he said to it."""

    def before_insert(self) -> None:
        """A new record begins as a draft, whatever it was sent with."""
        self.workflow_state = rules.DRAFT
        for field in RESULTS:
            self.set(field, None)

    def validate(self) -> None:
        """The offence lies in the past, its item was in force then, the points are those of the list or explained."""
        self._check_steps()
        if self.occurred_on and getdate(self.occurred_on) > getdate(nowdate()):
            frappe.throw(frappe._("{0} must not lie in the future").format(frappe._("Occurred On")))
        self._check_item()
        if flt(self.points) <= 0:
            frappe.throw(frappe._("A record costs at least a tenth of a point"))
        if flt(self.points, 1) != flt(self.listed_points, 1) and not (self.points_reason or "").strip():
            frappe.throw(frappe._("Please give the reason for other points than those of the list"))

    def before_submit(self) -> None:
        """Confirming is a step.

        :raises frappe.PermissionError: for whoever submits past it
        """
        self._only_by_step()

    def before_cancel(self) -> None:
        """Overturning is a step.

        :raises frappe.PermissionError: for whoever cancels past it
        """
        self._only_by_step()

    def on_update(self) -> None:
        """The clock follows the record's state: appeal and review have their limits."""
        deadlines.follow(self)

    on_update_after_submit = on_cancel = on_update

    def deadline_people(self, clock: str) -> list[str]:
        """The person concerned may appeal, the office reviews."""
        own = [steps.concerned(self)]
        return engine.users_with(steps.OFFICE) if self.workflow_state == rules.REVIEW else own

    def on_trash(self) -> None:
        """A record of which somebody was told stays.

        :raises frappe.PermissionError: once its notice was issued
        """
        if self.issued_at:
            frappe.throw(frappe._("A record whose notice was issued stays on record"), frappe.PermissionError)
        deadlines.forget(self)

    def _check_steps(self) -> None:
        if guard.is_stepping(self):
            return
        before = self.get_doc_before_save()
        if before is None:
            return
        if before.workflow_state != self.workflow_state:
            self._only_by_step()
        if before.workflow_state != rules.DRAFT:
            frappe.throw(
                frappe._("The notice is out: the record changes by its steps alone"), frappe.PermissionError
            )
        for field in RESULTS:
            self.set(field, before.get(field))

    def _only_by_step(self) -> None:
        if not guard.is_stepping(self):
            frappe.throw(frappe._("Steps are taken on the page of the record"), frappe.PermissionError)

    def _check_item(self) -> None:
        before = self.get_doc_before_save()
        if before is not None and before.item == self.item and before.occurred_on == self.occurred_on:
            return
        item = frappe.db.get_value("Negative List Item", self.item, ["version", "disabled"], as_dict=True)
        version = frappe.get_cached_doc("Negative List Version", item.version) if item else None
        day = getdate(self.occurred_on)
        if not version or version.status == "Draft" or item.disabled:
            frappe.throw(frappe._("{0} is not an item that is in force").format(self.item))
        begins = getdate(version.effective_from) if version.effective_from else None
        ends = getdate(version.effective_to) if version.effective_to else None
        if (begins and day < begins) or (ends and day > ends):
            frappe.throw(
                frappe._("The version {0} of the negative list was not in force on {1}").format(
                    version.name, day
                )
            )
