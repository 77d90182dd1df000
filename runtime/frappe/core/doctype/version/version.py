"""What changed in a document, kept as JSON: changed fields, rows added, removed and changed."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model import no_value_fields, table_fields
from frappe.model.document import Document
from frappe.utils import cint, cstr


class Version(Document):
    """One save of a document."""

    def get_data(self) -> dict:
        """The changes."""
        return frappe.parse_json(self.data or "{}")


def make_version(doc: Any, before: Any) -> None:
    """Keeps the difference to what was stored; nothing when there is none."""
    if before is None:
        return
    diff = get_diff(before, doc)
    if not diff:
        return
    version = frappe.new_doc("Version")
    version.update({"ref_doctype": doc.doctype, "docname": cstr(doc.name)})
    diff = {**diff, "updater_reference": doc.flags.updater_reference} if doc.flags.updater_reference else diff
    version.data = frappe.as_json(diff, indent=0, separators=(",", ":"))
    version.flags.ignore_links = True
    version.insert(ignore_permissions=True)


def get_diff(old: Any, new: Any, for_child: bool = False, compare_cancelled: bool = False) -> dict | None:
    """The difference of two documents, None when there is none."""
    if not new:
        return None
    out = frappe._dict(changed=[], added=[], removed=[], row_changed=[], data_import=None)
    for field in new.meta.fields:
        if field.fieldtype in no_value_fields and field.fieldtype not in table_fields:
            continue
        before, after = old.get(field.fieldname), new.get(field.fieldname)
        if field.fieldtype in table_fields:
            _compare_rows(out, field, before or [], after or [])
        elif field.fieldname in new.meta.get_valid_columns() and _differs(field, before, after):
            shown = (old.get_formatted(field.fieldname), new.get_formatted(field.fieldname))
            out.changed.append((field.fieldname, *(shown if field.fieldtype != "Password" else ("*", "*"))))
    if not for_child and cint(old.docstatus) != cint(new.docstatus):
        out.changed.append(["docstatus", old.docstatus, new.docstatus])
    return out if any((out.changed, out.added, out.removed, out.row_changed)) else None


def _differs(field: Any, before: Any, after: Any) -> bool:
    from frappe.model.base_document import column_value

    first, second = column_value(field, before), column_value(field, after)
    return first != second and not (first in (None, "") and second in (None, ""))


def _compare_rows(out: Any, field: Any, before: list, after: list) -> None:
    old_rows = {row.name: row for row in before if row.get("name")}
    new_names = {row.name for row in after}
    for index, row in enumerate(after):
        old = old_rows.get(row.name)
        if old is None:
            out.added.append([field.fieldname, row.as_dict()])
            continue
        diff = get_diff(old, row, for_child=True)
        if diff and diff.changed:
            out.row_changed.append((field.fieldname, index, row.name, diff.changed))
    for row in before:
        if row.name not in new_names:
            out.removed.append([field.fieldname, row.as_dict()])
