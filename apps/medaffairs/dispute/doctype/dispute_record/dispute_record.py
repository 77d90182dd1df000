"""Dispute Record: something that was done in a case; kept with its history, voided when it was wrong (F49, F53)."""

import frappe
from frappe.model.document import Document
from frappe.utils import cstr, get_datetime, getdate, now_datetime

from medaffairs.dispute import records, rules
from medaffairs.dispute.cases import check_file_type, handles
from medaffairs.organization import deadlines
from medaffairs.organization.validation import rules_apply


class DisputeRecord(Document):
    """One record of a case."""

    def before_insert(self) -> None:
        """Whoever writes it stands in it."""
        self.recorder, self.void, self.void_reason = frappe.session.user, 0, None

    def validate(self) -> None:
        """It belongs to the case's kind and is written by those who handle the case; dates and texts are possible."""
        with rules_apply():
            rules.check_record(self.kind, self.reference_doctype)
        self._check_writer()
        needed = rules.NEEDED_OF.get(self.kind)
        if needed and not self.get(needed):
            frappe.throw(frappe._("Please fill in {0}").format(frappe._(self.meta.get_label(needed))))
        moments = [
            (field.label, get_datetime(value) if field.fieldtype == "Datetime" else getdate(value))
            for field in self.meta.get("fields", {"fieldtype": ("in", ("Date", "Datetime"))})
            if (value := self.get(field.fieldname))
        ]
        with rules_apply():
            rules.check_moments(moments, now_datetime())
            rules.check_lengths(
                (
                    field.label,
                    cstr(self.get(field.fieldname)),
                    rules.LONGEST_TEXT if field.fieldtype == "Text" else rules.LONGEST_LINE,
                )
                for field in self.meta.get("fields", {"fieldtype": ("in", ("Text", "Small Text"))})
            )
        records.check_sequence(self)
        check_file_type(self.evidence, "File")

    def on_update(self) -> None:
        """The clock of a sealing, and what the record says of its dispute."""
        deadlines.follow(self)
        records.follow(self)

    def on_trash(self) -> None:
        """A record is voided, never deleted.

        :raises frappe.PermissionError: always
        """
        frappe.throw(frappe._("A record is voided, never deleted"), frappe.PermissionError)

    def deadline_people(self, clock: str) -> list[str]:
        """Whoever handles the case."""
        handler = frappe.db.get_value(self.reference_doctype, self.reference_name, "handler")
        return [handler or self.recorder]

    def _check_writer(self) -> None:
        case = frappe.get_doc(self.reference_doctype, self.reference_name)
        before = self.get_doc_before_save()
        if not handles(case, frappe.session.user):
            frappe.throw(frappe._("Only those who handle the case write its records"), frappe.PermissionError)
        if case.workflow_state in rules.OWN or case.workflow_state == rules.ARCHIVED:
            frappe.throw(
                frappe._("{0}: no records in the state {1}").format(
                    case.name, frappe._(case.workflow_state, context=case.doctype)
                )
            )
        if before is not None and (before.void or (self.void and not self.flags.voiding)):
            frappe.throw(frappe._("The record is void already"), frappe.PermissionError)
