"""Words about fields that everything shares."""

from __future__ import annotations

from frappe.database.dialect import COLUMN_TYPES

data_fieldtypes = tuple(COLUMN_TYPES)
no_value_fields = (
    "Section Break", "Column Break", "Tab Break", "HTML", "Table", "Table MultiSelect", "Button", "Image", "Fold",
    "Heading",
)  # fmt: skip
display_fieldtypes = (
    "Section Break",
    "Column Break",
    "Tab Break",
    "HTML",
    "Button",
    "Image",
    "Fold",
    "Heading",
)
numeric_fieldtypes = ("Currency", "Int", "Long Int", "Float", "Percent", "Check")
float_like_fields = ("Float", "Currency", "Percent")
datetime_fields = ("Datetime", "Date", "Time")
table_fields = ("Table", "Table MultiSelect")
attachment_fieldtypes = ("Attach", "Attach Image")
default_fields = ("doctype", "name", "owner", "creation", "modified", "modified_by", "docstatus", "idx")
child_table_fields = ("parent", "parentfield", "parenttype")
optional_fields = ("_user_tags", "_comments", "_assign", "_liked_by", "_seen")
core_doctypes_list = (
    "DefaultValue", "DocType", "DocField", "DocPerm", "DocType Action", "DocType Link", "DocType State", "User",
    "Role", "Has Role", "Page", "Module Def", "Print Format", "Report", "Custom Field", "Property Setter",
    "Custom DocPerm", "Version",
)  # fmt: skip
log_types = ("Version", "Error Log", "Scheduled Job Log", "Activity Log", "Access Log", "Error Snapshot")
std_fields = (
    {"fieldname": "name", "fieldtype": "Link", "label": "ID"},
    {"fieldname": "owner", "fieldtype": "Link", "label": "Created By", "options": "User"},
    {"fieldname": "idx", "fieldtype": "Int", "label": "Index"},
    {"fieldname": "creation", "fieldtype": "Datetime", "label": "Created On"},
    {"fieldname": "modified", "fieldtype": "Datetime", "label": "Last Updated On"},
    {"fieldname": "modified_by", "fieldtype": "Link", "label": "Last Updated By", "options": "User"},
    {"fieldname": "docstatus", "fieldtype": "Int", "label": "Document Status"},
)


def get_permitted_fields(
    doctype: str, parenttype: str | None = None, user: str | None = None, permission_type: str | None = None
) -> list[str]:
    """Columns of a DocType that the user may read."""
    import frappe
    from frappe.permissions import levels_with
    from frappe.utils import cint

    meta = frappe.get_meta(doctype)
    levels = levels_with(
        frappe.get_meta(parenttype) if parenttype else meta, permission_type or "read", user
    ) | {0}
    return [
        name
        for name in meta.get_valid_columns()
        if not (field := meta.get_field(name)) or cint(field.permlevel) in levels
    ]
