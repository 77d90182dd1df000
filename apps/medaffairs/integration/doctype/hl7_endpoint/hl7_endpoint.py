"""HL7 Endpoint: a system that is sent to; its settings are checked, its place in the ledger is kept."""

from __future__ import annotations

import ssl

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from medaffairs.integration.outbound import outbox, rules

DEFAULTS = {"ack_timeout": 10, "retry_seconds": 5, "retry_limit_seconds": 300}


class HL7Endpoint(Document):
    """A destination of messages, or a known sender of them."""

    def validate(self) -> None:
        """The settings work; a system that is enabled for the first time gets its place in the ledger."""
        self.host = (self.host or "").strip()
        for field, value in DEFAULTS.items():
            if not self.get(field):
                self.set(field, value)
        for field, sentence in rules.endpoint_faults(self.as_dict()):
            frappe.throw(f"{frappe._(self.meta.get_label(field))}: {frappe._(sentence)}")
        self._check_certificates()
        self._check_kinds()
        if self.enabled and self.direction == "Outbound" and not self.last_moment:
            self._begin()

    def on_trash(self) -> None:
        """What was sent to a system stays on record.

        :raises frappe.ValidationError: while there are deliveries
        """
        if frappe.db.exists("HL7 Delivery", {"endpoint": self.name}):
            frappe.throw(
                frappe._("Messages were sent to this system; disable it instead"), frappe.LinkExistsError
            )

    def _check_certificates(self) -> None:
        if not (self.tls and (self.tls_ca or "").strip()):
            return
        try:
            ssl.create_default_context(cadata=self.tls_ca)
        except (ssl.SSLError, ValueError):
            frappe.throw(frappe._("The certificates are not in PEM format"))

    def _check_kinds(self) -> None:
        kinds = [row.kind for row in self.kinds]
        if len(kinds) != len(set(kinds)):
            frappe.throw(frappe._("A kind of privilege is named twice"))

    def _begin(self) -> None:
        # All events up to the newest are committed, since sequences grow in the order of commits.
        self.last_sequence, self.last_moment = outbox.newest_event(), now_datetime()
        if self.start_mode == "Full Synchronisation":
            self.sync_requested_at = self.last_moment
