"""Yearly re-evaluations: the office decides, the head of department comments, nobody decides about himself."""

import frappe
from frappe.model.document import Document

from medaffairs.privileging.reevaluation import rules

OFFICE = {"Medical Affairs Manager", "Medical Affairs Officer"}
HEAD_FIELDS = ("year", "kind", "department")


class PrivilegeReevaluation(Document):
    """The re-evaluation of a department's privileges of one kind in one year."""

    def validate(self) -> None:
        """One list per year, kind and department; evidence and state are not typed.

        :raises frappe.PermissionError: when somebody changes what is not his
        """
        self._refuse_second()
        before = self.get_doc_before_save()
        if before is None:
            self.status, self.items = "Open", []
            return
        if before.status == "Completed":
            frappe.throw(frappe._("The re-evaluation is completed and cannot be changed"))
        if not self.flags.completing:
            self.status, self.decided_at = before.status, before.decided_at
        self._check_rows(before)

    def _refuse_second(self) -> None:
        same = {field: self.get(field) for field in HEAD_FIELDS} | {"name": ("!=", self.name or "")}
        other = frappe.db.get_value("Privilege Reevaluation", same)
        if other:
            frappe.throw(frappe._("There is a list for this year, kind and department: {0}").format(other))

    def _check_rows(self, before: Document) -> None:
        is_office = bool(OFFICE & set(frappe.get_roles()))
        own = frappe.db.get_value("Practitioner", {"user": frappe.session.user})
        known = {row.name: row for row in before.items}
        if {row.name for row in self.items} != known.keys() or any(
            self.get(field) != before.get(field) for field in HEAD_FIELDS
        ):
            frappe.throw(
                frappe._("Rows come from the privileges and cannot be added or removed"),
                frappe.PermissionError,
            )
        fields = [field.fieldname for field in frappe.get_meta("Privilege Reevaluation Item").fields]
        for row in self.items:
            old, new = ({f: str(source.get(f) or "") for f in fields} for source in (known[row.name], row))
            wrong = rules.changed_field(old, new, is_office)
            if wrong:
                frappe.throw(
                    frappe._("Row {0}: {1} is not yours to change").format(
                        row.idx, frappe._(row.meta.get_label(wrong))
                    ),
                    frappe.PermissionError,
                )
            if old["decision"] != new["decision"] and own and row.practitioner == own:
                frappe.throw(frappe._("Nobody decides about his own privileges"), frappe.PermissionError)

    def on_trash(self) -> None:
        """What was decided stays on record.

        :raises frappe.ValidationError: for a completed list
        """
        if self.status == "Completed":
            frappe.throw(frappe._("The re-evaluation is completed and cannot be changed"))
