"""The site's settings."""

from __future__ import annotations

import re

import frappe
from frappe.model import display_fieldtypes
from frappe.model.document import Document
from frappe.utils import cint


class SystemSettings(Document):
    """One record for the site."""

    def validate(self) -> None:
        """Refuse settings that would lock people out or let them in."""
        if self.enable_password_policy and cint(self.minimum_password_score) <= 0:
            frappe.throw(frappe._("Please select Minimum Password Score"))
        if not cint(self.enable_password_policy):
            self.minimum_password_score = ""
        if self.session_expiry and not re.fullmatch(r"\d{1,5}:[0-5]?\d", str(self.session_expiry)):
            frappe.throw(frappe._("Session Expiry must be in format {0}").format("hh:mm"))
        for fieldname in (
            "allow_consecutive_login_attempts",
            "allow_login_after_fail",
            "force_user_to_reset_password",
        ):
            if cint(self.get(fieldname)) < 0:
                frappe.throw(frappe._("{0} must not be negative").format(self.meta.get_label(fieldname)))
        self._second_factor()

    def _second_factor(self) -> None:
        if not cint(self.enable_two_factor_auth):
            self.bypass_2fa_for_retricted_ip_users = 0
            self.bypass_restrict_ip_check_if_2fa_enabled = 0
            return
        if self.two_factor_method == "SMS":
            frappe.throw(
                frappe._("Please setup SMS before setting it as an authentication method, via SMS Settings")
            )
        before = self.get_doc_before_save()
        if before is None or not cint(before.enable_two_factor_auth):
            from frappe.twofactor import toggle_two_factor_auth

            toggle_two_factor_auth(True, roles=["All"])

    def on_update(self) -> None:
        """Everybody reads the settings anew."""
        for field in self.meta.fields:
            if field.fieldtype not in display_fieldtypes and self.has_value_changed(field.fieldname):
                # What is read as a default need not know of this record.
                frappe.db.set_default(field.fieldname, self.get(field.fieldname))
        frappe.clear_cache()
