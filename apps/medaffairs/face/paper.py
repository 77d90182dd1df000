"""Print formats in the making: what a record looks like in a form that is not kept yet."""

from typing import Any

import frappe
from frappe import _

PREVIEW = """<!doctype html><html><head><meta charset="utf-8"><style>
body{{font-family:'Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:10pt;margin:1.5cm;color:#111}}
table{{border-collapse:collapse}}{style}</style></head><body class="print-format">{body}</body></html>"""


@frappe.whitelist(methods=["POST"])
def preview(doctype: str, name: str, html: str, css: str = "") -> str:
    """A record in a form as it is being written; nothing is kept.

    Whoever may write print formats can keep any template and print with it; this door lets him see it first. Templates run
    in the host's sandbox.

    :returns: a whole page, for a frame without scripts
    :raises frappe.PermissionError: for others, and for records that the user may not print
    :raises frappe.ValidationError: with the template's fault in words
    """
    if not frappe.has_permission("Print Format", "write"):
        frappe.throw(_("Print formats are designed by a system manager"), frappe.PermissionError)
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("print")
    doc.apply_fieldlevel_read_permissions()
    try:
        body = frappe.render_template(html, _context(doc))
    except frappe.PermissionError:
        raise
    except Exception as fault:
        frappe.throw(_("The template has a fault: {0}").format(frappe.utils.escape_html(str(fault))))
    return PREVIEW.format(style=css.replace("<", ""), body=body)


def _context(doc: Any) -> dict[str, Any]:
    """What a template may use, as when it is printed."""
    return {"doc": doc, "meta": doc.meta, "layout": [], "letter_head": "", "footer": "", "no_letterhead": 1}
