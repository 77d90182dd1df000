"""Message Channel: what a way of telling people needs is there before it is used."""

import frappe
from frappe.model.document import Document
from frappe.utils import cint

from medaffairs.messaging import rules

# What each kind cannot do without.
NEEDED = {
    rules.DINGTALK: ("app_key", "app_secret", "agent_id"),
    rules.ROBOT: ("robot_token",),
    rules.WECOM: ("corp_id", "app_secret", "agent_id"),
    rules.ALIYUN: ("app_key", "app_secret", "sign_name"),
    rules.GATEWAY: ("base_url", "app_key", "app_secret"),
}
ROBOT_PER_MINUTE = 20


class MessageChannel(Document):
    """A way in which people are told."""

    def validate(self) -> None:
        """The fields of its kind are filled, addresses are addresses, numbers are numbers."""
        if self.enabled:
            missing = [name for name in NEEDED.get(self.kind, ()) if not self.get(name)]
            if missing:
                labels = ", ".join(frappe._(self.meta.get_label(name)) for name in missing)
                frappe.throw(
                    frappe._("{0} needs {1}").format(frappe._(self.kind), labels), frappe.MandatoryError
                )
        for name in ("base_url", "new_api_url", "sign_in_url", "in_app_url"):
            if self.get(name) and not self.get(name).startswith(
                ("https://", "http://127.0.0.1", "http://localhost")
            ):
                frappe.throw(
                    frappe._("{0} must begin with https://").format(frappe._(self.meta.get_label(name)))
                )
        if self.agent_id and not self.agent_id.isdigit():
            frappe.throw(frappe._("{0} is a number").format(frappe._(self.meta.get_label("agent_id"))))
        if self.kind == rules.ROBOT and not 0 < cint(self.per_minute) <= ROBOT_PER_MINUTE:
            self.per_minute = ROBOT_PER_MINUTE
        if not 1 <= cint(self.timeout_seconds) <= 60:
            self.timeout_seconds = 10
