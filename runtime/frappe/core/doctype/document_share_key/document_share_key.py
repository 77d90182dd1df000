"""Keys by which people without an account print one document, until a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, getdate, nowdate


class DocumentShareKey(Document):
    """The key of one document."""

    def before_insert(self) -> None:
        """A key that nobody guesses, and the day on which it ends."""
        self.key = frappe.generate_hash(length=32)
        if not self.expires_on and not self.flags.no_expiry:
            days = cint(frappe.get_system_settings("document_share_key_expiry")) or 90
            self.expires_on = getdate(nowdate()) + timedelta(days=days)


def make_key(doc: Any, expires_on: Any = None, no_expiry: bool = False) -> str:
    """A new key of a document; without a day it ends as the settings say, or never."""
    share_key = frappe.get_doc(
        doctype="Document Share Key",
        reference_doctype=doc.doctype,
        reference_docname=str(doc.name),
        expires_on=expires_on,
    )
    share_key.flags.no_expiry = no_expiry
    return share_key.insert(ignore_permissions=True).key


def check_key(doctype: str, name: Any, key: Any) -> None:
    """Refuses a key that is not the document's, or has ended.

    :raises frappe.LinkExpired: after its last day
    :raises frappe.InvalidKeyError: for any other text
    """
    known = {"reference_doctype": doctype, "reference_docname": str(name), "key": str(key)}
    found = frappe.db.get_value("Document Share Key", known, ["name", "expires_on"])
    if not found:
        frappe.throw(_("The key of the document is invalid"), frappe.InvalidKeyError)
    if found[1] and getdate(found[1]) < getdate(nowdate()):
        frappe.throw(_("The link has expired"), frappe.LinkExpired)
