"""For patches: a field has got another name."""

from __future__ import annotations

import frappe


def rename_field(doctype: str, old_fieldname: str, new_fieldname: str, validate: bool = True) -> None:
    """Copies a field's values to the column of its new name, and lets settings, reports and rights follow.

    The new field must exist; the old column stays as it is. What has been copied once is not overwritten by nothing.
    """
    meta = frappe.get_meta(doctype, cached=False)
    field = meta.get_field(new_fieldname)
    if field is None:
        if validate:
            frappe.throw(f"{doctype} has no field {new_fieldname}")
        return
    if field.fieldtype in ("Table", "Table MultiSelect"):
        frappe.db.sql(
            f"update `tab{field.options}` set `parentfield` = %s where `parentfield` = %s and `parenttype` = %s",
            (new_fieldname, old_fieldname, doctype),
        )
    elif meta.issingle:
        frappe.db.sql(
            "update `tabSingles` set `field` = %s where `doctype` = %s and `field` = %s",
            (new_fieldname, doctype, old_fieldname),
        )
    elif frappe.db.has_column(doctype, old_fieldname):
        table = frappe.qb.DocType(doctype)
        frappe.qb.update(table).set(table[new_fieldname], table[old_fieldname]).run()
    _rename_settings(doctype, old_fieldname, new_fieldname)
    frappe.clear_cache(doctype=doctype)


def _rename_settings(doctype: str, old: str, new: str) -> None:
    frappe.db.sql(
        "update `tabProperty Setter` set `field_name` = %s where `doc_type` = %s and `field_name` = %s",
        (new, doctype, old),
    )
    for report in frappe.get_all(
        "Report", {"ref_doctype": doctype, "report_type": "Report Builder"}, ["name", "json"]
    ):
        text = report.json or ""
        if f'"{old}"' in text:
            frappe.db.set_value(
                "Report", report.name, "json", text.replace(f'"{old}"', f'"{new}"'), update_modified=False
            )
