"""What the form of a DocType lets people change: properties with their types, and fields that may become another type."""

from __future__ import annotations

#: Properties of the DocType itself, by the type that their Property Setter names.
DOCTYPE_PROPERTIES = {
    **dict.fromkeys(
        ("search_fields", "title_field", "image_field", "sort_field", "sort_order", "autoname", "naming_rule",
         "default_print_format", "default_email_template", "sender_field", "sender_name_field", "subject_field"),
        "Data",
    ),
    **dict.fromkeys(
        ("istable", "is_calendar_and_gantt", "editable_grid", "quick_entry", "track_changes", "track_views",
         "allow_auto_repeat", "allow_import", "queue_in_background", "allow_copy", "make_attachments_public",
         "show_title_field_in_link", "translated_doctype", "force_re_route_to_default_view", "show_preview_popup",
         "email_append_to"),
        "Check",
    ),
    "max_attachments": "Int",
    "default_view": "Select",
}  # fmt: skip

#: Properties of a field.
FIELD_PROPERTIES = {
    **dict.fromkeys(
        ("label", "print_width", "width", "depends_on", "collapsible_depends_on", "mandatory_depends_on",
         "read_only_depends_on", "placeholder"),
        "Data",
    ),
    **dict.fromkeys(
        ("non_negative", "reqd", "unique", "is_virtual", "in_list_view", "in_standard_filter", "in_global_search",
         "in_preview", "bold", "no_copy", "allow_in_quick_entry", "translatable", "sort_options", "fetch_if_empty",
         "show_dashboard", "hidden", "read_only", "collapsible", "allow_bulk_edit", "ignore_user_permissions",
         "allow_on_submit", "report_hide", "remember_last_selected_value", "hide_border", "ignore_xss_filter",
         "in_filter", "hide_seconds", "hide_days", "print_hide", "print_hide_if_no_value"),
        "Check",
    ),
    **dict.fromkeys(("length", "permlevel", "columns"), "Int"),
    **dict.fromkeys(("fieldtype", "precision"), "Select"),
    **dict.fromkeys(("default", "options", "description"), "Text"),
    "fetch_from": "Small Text",
    "link_filters": "JSON",
}  # fmt: skip

#: Whose options a site may change: they say how a value is looked at, not what it may be.
OPTIONS_MAY_CHANGE = frozenset({"Data", "HTML", "Read Only"})
TRANSLATED = frozenset({"Data", "Select", "Text", "Small Text", "Text Editor"})

_FORMATTED = ("Code", "HTML Editor", "Signature", "Text", "Text Editor")
#: Types that keep what is stored, in either direction.
_ALIKE = (
    ("Currency", "Float", "Percent"),
    ("Data", "Barcode", "Text"),
    ("Data", "Select"),
    ("Data", "Small Text", "Text"),
    ("Small Text", "Text", "Long Text"),
    ("Code", "Geolocation"),
    ("Table", "Table MultiSelect"),
    _FORMATTED,
)


def may_become(before: str, after: str) -> bool:
    """Whether a field of one type may be shown as another: its column holds the same values."""
    return before == after or any(before in group and after in group for group in _ALIKE)
