"""What a document is asked before it is stored: links, mandatory values, who was first, which step of its life this is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe.model import table_fields
from frappe.utils import cint, cstr

if TYPE_CHECKING:
    from frappe.model.document import Document

DRAFT, SUBMITTED, CANCELLED = 0, 1, 2


class DocumentChecks:
    """The checks of a save, and those that controllers call."""

    def _validate(self) -> None:
        self._validate_mandatory()
        for doc in [self, *self.get_all_children()]:
            meta = doc.meta
            doc._fix_numeric_types()
            if meta.of_a_form:
                doc._validate_data_fields()
            if meta.choices:
                doc._validate_selects()
            if meta.never_negative:
                doc._validate_non_negative()
            doc._validate_texts()
        if self.is_new():
            self.__dict__.setdefault("_comments", None)
        else:
            self.validate_set_only_once()
        self._save_passwords()

    def _save_passwords(self) -> None:
        if not self.meta.passwords or self.flags.ignore_save_passwords is True:
            return
        from frappe.utils.password import set_encrypted_password

        for field in self.meta.passwords:
            value = self.__dict__.get(field.fieldname)
            if not value or set(cstr(value)) == {"*"}:
                continue
            if field.fieldname in (self.flags.ignore_save_passwords or []):
                continue
            set_encrypted_password(self.doctype, self.name, value, field.fieldname)
            self.set(field.fieldname, "*" * len(value))

    def get_password(self, fieldname: str = "password", raise_exception: bool = True) -> str | None:
        """The text of a password field."""
        from frappe.utils.password import get_decrypted_password

        value = self.get(fieldname)
        if value and set(cstr(value)) != {"*"}:
            return value
        return get_decrypted_password(self.doctype, self.name, fieldname, raise_exception=raise_exception)

    def _validate_mandatory(self) -> None:
        if self.flags.ignore_mandatory:
            return
        missing = self._get_missing_mandatory_fields()
        for row in self.get_all_children():
            missing.extend(row._get_missing_mandatory_fields())
        if not missing:
            return
        for _, message in missing:
            frappe.msgprint(message)
        names = ", ".join(name for name, _ in missing)
        raise frappe.MandatoryError(f"[{self.doctype}, {self.name}]: {names}")

    def _validate_links(self) -> None:
        if (
            self.flags.ignore_links
            or self.__dict__.get("_action") == "cancel"
            or frappe.local.flags.ignore_links
        ):
            return
        if not (self.meta.all_links or self.meta.stored_tables):
            return
        missing, cancelled = self.get_invalid_links(bool(cint(self.meta.is_submittable)))
        for row in self.get_all_children():
            more_missing, more_cancelled = row.get_invalid_links(bool(cint(self.meta.is_submittable)))
            missing += more_missing
            cancelled += more_cancelled
        if missing:
            frappe.throw(
                frappe._("Could not find {0}").format(", ".join(entry[2] for entry in missing)),
                frappe.LinkValidationError,
            )
        if cancelled:
            frappe.throw(
                frappe._("Cannot link cancelled document: {0}").format(
                    ", ".join(entry[2] for entry in cancelled)
                ),
                frappe.CancelledLinkError,
            )

    def validate_set_only_once(self) -> None:
        """Fields that are set once stay as they are.

        :raises frappe.CannotChangeConstantError: when one was changed
        """
        previous = self.get_doc_before_save()
        if previous is None:
            return
        if self.meta.name != "DocType" and not cint(self.meta.issingle):
            self._refuse_another_origin(previous)
        for field in self.meta.get_set_only_once_fields():
            before = previous.get(field.fieldname)
            if field.fieldtype in table_fields:
                continue
            if cstr(self.get(field.fieldname)) != cstr(before):
                frappe.throw(
                    frappe._("Value cannot be changed for {0}").format(frappe.bold(frappe._(field.label))),
                    frappe.CannotChangeConstantError,
                )

    def _refuse_another_origin(self, previous: Document) -> None:
        """Who made a document, and when, is no matter of opinion."""
        for name, label in (("creation", "Created On"), ("owner", "Created By")):
            before, after = cstr(previous.get(name)), cstr(self.get(name))
            if before and before != after and not (name == "creation" and self._same_moment(before, after)):
                frappe.throw(
                    frappe._("Value cannot be changed for {0}").format(frappe.bold(frappe._(label))),
                    frappe.CannotChangeConstantError,
                )

    def validate_higher_perm_levels(self) -> None:
        """Values on levels that the user may not write are put back."""
        local = frappe.local
        if self.flags.ignore_permissions or local.flags.in_install or local.session.user == "Administrator":
            return
        allowed = self.meta.get_permlevel_access("write")
        self.reset_values_if_no_permlevel_access(allowed, self.meta.get_high_permlevel_fields())
        for field in self.meta.get_table_fields():
            meta = frappe.get_meta(field.options)
            high = meta.get_high_permlevel_fields()
            for row in self.get(field.fieldname) if high else []:
                row.reset_values_if_no_permlevel_access(allowed, high)

    def check_if_latest(self) -> None:
        """Refuse to overwrite what somebody else has saved meanwhile, and find out what this save does.

        :raises frappe.TimestampMismatchError: when the document is not the newest
        """
        self.load_doc_before_save(raise_exception=True)
        self._action = "save"
        previous = self.get_doc_before_save()
        if previous is None:
            self.check_docstatus_transition(0)
            return
        if not self.flags.ignore_version_check and not cint(self.meta.issingle):
            stored, mine = cstr(previous.get("modified")), cstr(self.__dict__.get("_original_modified"))
            if mine and stored and stored[:26] != mine[:26] and not self._same_moment(stored, mine):
                frappe.msgprint(
                    frappe._("Error: Document has been modified after you have opened it")
                    + f" ({stored}, {mine}). "
                    + frappe._("Please refresh to get the latest document."),
                    raise_exception=frappe.TimestampMismatchError,
                )
        if not cint(self.meta.issingle):
            self.check_docstatus_transition(cint(previous.docstatus))

    @staticmethod
    def _same_moment(first: str, second: str) -> bool:
        from frappe.utils import get_datetime

        try:
            return get_datetime(first) == get_datetime(second)
        except ValueError:
            return False

    def load_doc_before_save(self, *, raise_exception: bool = False) -> None:
        """Keeps what is stored, for comparison."""
        self.__dict__["_doc_before_save"] = None
        if self.is_new() or (cint(self.meta.issingle) and not frappe.db.get_singles_dict(self.doctype)):
            return
        try:
            self.__dict__["_doc_before_save"] = frappe.get_doc(self.doctype, self.name, for_update=True)
        except frappe.DoesNotExistError:
            if raise_exception and not cint(self.meta.issingle):
                raise

    def check_docstatus_transition(self, to_docstatus: int) -> None:
        """Which of save, submit, update after submit and cancel this is.

        :raises frappe.DocstatusTransitionError: for any other change of state
        """
        stored, wanted = to_docstatus, cint(self.docstatus)
        if stored == DRAFT and wanted == DRAFT:
            self._action = "save"
        elif stored == DRAFT and wanted == SUBMITTED:
            self._action = "submit"
            self.check_permission("submit")
        elif stored == SUBMITTED and wanted == SUBMITTED:
            self._action = "update_after_submit"
            self.check_permission("submit")
        elif stored == SUBMITTED and wanted == CANCELLED:
            self._action = "cancel"
            self.check_permission("cancel")
        elif stored == CANCELLED:
            raise frappe.ValidationError(frappe._("Cannot edit cancelled document"))
        else:
            raise frappe.DocstatusTransitionError(
                frappe._("Cannot change docstatus from {0} to {1}").format(stored, wanted)
            )

    def validate_update_after_submit(self) -> None:
        """After submission only marked fields change.

        :raises frappe.UpdateAfterSubmitError: when another was changed
        """
        if self.flags.ignore_validate_update_after_submit:
            return
        previous = self.get_doc_before_save()
        for field in self.meta.fields:
            if cint(field.allow_on_submit) or not field.fieldname or field.fieldtype == "Password":
                continue
            if field.fieldtype in table_fields:
                self._compare_rows(field, previous)
                continue
            if field.fieldname in self.meta.get_valid_columns() and self.has_value_changed(field.fieldname):
                self._refuse_update(field)

    def _compare_rows(self, field: Any, previous: Document) -> None:
        before, after = previous.get(field.fieldname) or [], self.get(field.fieldname) or []
        if len(before) != len(after):
            self._refuse_update(field)
        stored = {row.name: row for row in before}
        for row in after:
            old = stored.get(row.name)
            if old is None:
                self._refuse_update(field)
            for cell in row.meta.fields:
                if cint(cell.allow_on_submit) or cell.fieldname not in row.meta.get_valid_columns():
                    continue
                from frappe.model.base_document import column_value

                if column_value(cell, old.get(cell.fieldname)) != column_value(cell, row.get(cell.fieldname)):
                    self._refuse_update(cell)

    def _refuse_update(self, field: Any) -> None:
        frappe.throw(
            frappe._("Not allowed to change {0} after submission").format(frappe.bold(frappe._(field.label))),
            frappe.UpdateAfterSubmitError,
            title=frappe._("Cannot Update After Submit"),
        )

    def validate_value(
        self, fieldname: str, condition: str, val2: Any, doc: Any = None, raise_exception: Any = None
    ):
        """Refuse a value that does not stand in a relation to another."""
        from frappe.utils import compare

        if not compare((doc or self).get(fieldname), condition, val2):
            label = frappe._(self.meta.get_label(fieldname))
            frappe.throw(
                frappe._("Incorrect value: {0} must be {1} {2}").format(label, condition, val2),
                raise_exception,
            )

    def validate_table_has_rows(self, parentfield: str, raise_exception: Any = None) -> None:
        """Refuse an empty table."""
        if not self.get(parentfield):
            label = self.meta.get_label(parentfield)
            frappe.throw(
                frappe._("Table {0} cannot be empty").format(label), raise_exception or frappe.EmptyTableError
            )

    def validate_from_to_dates(self, from_date_field: str, to_date_field: str) -> None:
        """Refuse an end before its beginning."""
        from frappe.utils import date_diff

        first, last = self.get(from_date_field), self.get(to_date_field)
        if first and last and date_diff(last, first) < 0:
            frappe.throw(
                frappe._("{0} must be after {1}").format(
                    frappe.bold(frappe._(self.meta.get_label(to_date_field))),
                    frappe.bold(frappe._(self.meta.get_label(from_date_field))),
                ),
                frappe.InvalidDates,
            )
