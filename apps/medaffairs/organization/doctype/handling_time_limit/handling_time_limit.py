"""Handling Time Limit."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

REFRESH = "medaffairs.organization.deadlines.refresh"
FIELDS = ("condition_field", "starts_with", "due_with", "paused_with", "ends_with")


class HandlingTimeLimit(Document):
    """How long a step may take, in which unit, by which rule, and who is told of it."""

    def validate(self) -> None:
        """A limit has a length, and fields that its documents have."""
        if flt(self.limit_value) <= 0 and not self.due_with:
            frappe.throw(_("The limit must be above zero"))
        self._check_fields()

    def on_update(self) -> None:
        """What runs already follows the changed limit."""
        if self.document_type and not self.is_new() and self.get_doc_before_save():
            frappe.enqueue(REFRESH, queue="long", enqueue_after_commit=True, limit=self.name)

    def _check_fields(self) -> None:
        if not self.document_type:
            return
        meta = frappe.get_meta(self.document_type)
        for key in FIELDS:
            for name in (part.strip() for part in (self.get(key) or "").split(",")):
                if name and not meta.has_field(name) and name not in ("creation", "modified"):
                    label = _(self.meta.get_label(key))
                    frappe.throw(_("{0}: {1} has no field {2}").format(label, _(self.document_type), name))
