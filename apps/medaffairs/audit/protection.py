"""A document that nobody changes: every door of the document layer ends here."""

from typing import NoReturn

import frappe
from frappe import _
from frappe.model.document import Document


class AppendOnly(Document):
    """Refuses to be inserted by hand, changed, renamed or deleted, also with permissions ignored."""

    def before_insert(self) -> None:
        if not self.flags.by_recorder:
            self._refuse()

    def validate(self) -> None:
        if not self.is_new():
            self._refuse()

    def before_rename(self, *args, **kwargs) -> None:
        self._refuse()

    def on_trash(self) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        frappe.throw(
            _("Records of the audit are written by the system alone and never changed"),
            frappe.PermissionError,
            title=_("Append-Only Record"),
        )
