"""Settings that the accounts of one mail server share."""

from __future__ import annotations

from typing import ClassVar

import frappe
from frappe.email.doctype.email_account.email_account import DOMAIN_FIELDS
from frappe.email.smtp import SMTPServer
from frappe.model.document import Document


class EmailDomain(Document):
    """A mail server."""

    SHARED: ClassVar = DOMAIN_FIELDS

    def validate(self) -> None:
        """The server answers.

        :raises frappe.ValidationError: when it does not
        """
        if frappe.local.flags.in_patch or frappe.local.flags.in_install or frappe.local.flags.in_migrate:
            return
        server = SMTPServer(self.smtp_server, port=self.smtp_port, use_tls=self.use_tls, use_ssl=self.use_ssl_for_outgoing)  # fmt: skip
        try:
            _session = server.session
        finally:
            server.quit()

    def on_update(self) -> None:
        """The accounts of the domain follow."""
        for name in frappe.get_all("Email Account", {"domain": self.name}, pluck="name"):
            frappe.db.set_value("Email Account", name, {field: self.get(field) for field in DOMAIN_FIELDS})
