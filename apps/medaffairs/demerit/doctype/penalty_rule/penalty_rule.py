"""Penalty Rule: a change brings everybody's penalties into line."""

import frappe
from frappe.model.document import Document
from frappe.utils import cint, flt, getdate

from medaffairs.demerit import scoring

MOST_DAYS = 3660


class PenaltyRule(Document):
    """From how many points on which penalty is due."""

    def validate(self) -> None:
        """Ends lie behind beginnings; a suspension has a length."""
        if flt(self.least_points) <= 0:
            frappe.throw(frappe._("{0} must be greater than 0").format(frappe._("From Points")))
        if flt(self.most_points) and flt(self.most_points) < flt(self.least_points):
            frappe.throw(
                frappe._("{0} must not be less than {1}").format(
                    frappe._("To Points"), frappe._("From Points")
                )
            )
        if self.valid_from and self.valid_to and getdate(self.valid_to) < getdate(self.valid_from):
            frappe.throw(
                frappe._("{0} must not lie before {1}").format(frappe._("Valid To"), frappe._("Valid From"))
            )
        if not 0 <= cint(self.suspend_days) <= MOST_DAYS:
            frappe.throw(frappe._("The number of days is out of range"))

    def on_update(self) -> None:
        """What is due follows the rules, also for closed cycles."""
        if not (frappe.flags.in_install or frappe.flags.in_migrate):
            scoring.recompute_later()

    def on_trash(self) -> None:
        """A rule on which penalties rest is disabled, not deleted.

        :raises frappe.LinkExistsError: while there are penalties
        """
        if frappe.db.exists("Penalty", {"rule": self.name}):
            frappe.throw(frappe._("Penalties rest on this rule; disable it instead"), frappe.LinkExistsError)
