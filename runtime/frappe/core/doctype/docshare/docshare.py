"""A document shared beyond the roles."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_fullname
from frappe.utils.caching import invalidate


class DocShare(Document):
    """A share is noted at its document; the first of a site tells every process to look for shares from now on."""

    def validate(self) -> None:
        """Whoever has any right may read; only what can be submitted is shared for submitting.

        :raises frappe.ValidationError: for a right that the DocType does not know
        """
        if cint(self.everyone):
            self.user = None
        if not cint(self.everyone) and not self.user:
            frappe.throw(_("User is mandatory for Share"), frappe.MandatoryError)
        if any(cint(self.get(right)) for right in ("write", "share", "submit")):
            self.read = 1
        if cint(self.submit) and not cint(frappe.get_meta(self.share_doctype).is_submittable):
            frappe.throw(
                _("{0} cannot be submitted, so it is not shared for that").format(_(self.share_doctype))
            )

    def after_insert(self) -> None:
        """The document's history tells of the share."""
        whom = _("everyone") if cint(self.everyone) else get_fullname(self.user)
        text = _("{0} shared this document with {1}").format(get_fullname(self.owner), whom)
        frappe.get_doc(self.share_doctype, self.share_name).add_comment("Shared", text)

    def on_update(self) -> None:
        """With the first share every process looks for shares from now on; they may all know that there is none."""
        if frappe.db.count("DocShare", {"read": 1}) <= 1:
            invalidate()

    def on_trash(self) -> None:
        """The document's history tells that the share is gone."""
        if self.flags.ignore_share_permission or not frappe.db.exists(self.share_doctype, self.share_name):
            return
        whom = _("everyone") if cint(self.everyone) else get_fullname(self.user)
        text = _("{0} un-shared this document with {1}").format(get_fullname(), whom)
        frappe.get_doc(self.share_doctype, self.share_name).add_comment("Unshared", text)
