"""Modules of apps: folders, classes, patches."""

from frappe.modules.utils import (
    get_module_path,
    load_doctype_module,
    reload_doc,
    scrub_dt_dn,
)
