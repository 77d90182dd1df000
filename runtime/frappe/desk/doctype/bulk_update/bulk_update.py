"""One action on many documents of a list."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils.typing_validations import parsed

AT_ONCE, MOST = 20, 500
_ACTIONS = frozenset({"submit", "cancel", "update"})


@frappe.whitelist(methods=["POST"])
def submit_cancel_or_update_docs(
    doctype: str, docnames: Any, action: str = "submit", data: Any = None, task_id: Any = None
) -> list | None:
    """Submits, cancels or changes documents; up to 20 at once, up to 500 by a job.

    :returns: the names of those that failed, None when a job does it
    """
    names = parsed(docnames, list, "docnames")
    values = parsed(data, dict, "data") if data else None
    if action not in _ACTIONS:
        frappe.throw(_("Unknown action: {0}").format(frappe.utils.escape_html(action)))
    if len(names) < AT_ONCE:
        return _bulk_action(doctype, names, action, values)
    if len(names) > MOST:
        frappe.throw(
            _("Bulk operations only support up to {0} documents.").format(MOST), title=_("Too Many Documents")
        )
    frappe.enqueue(
        "frappe.desk.doctype.bulk_update.bulk_update._bulk_action",
        doctype=doctype, docnames=names, action=action, data=values, queue="short", timeout=1000,
    )  # fmt: skip
    frappe.msgprint(_("Bulk operation is enqueued in background."), alert=True)
    return None


def _bulk_action(doctype: str, docnames: list, action: str, data: dict | None) -> list[str]:
    """Each document in a savepoint of its own, with the user's rights."""
    failed = []
    for name in docnames:
        frappe.db.savepoint("bulk_action")
        try:
            doc = frappe.get_doc(doctype, name)
            if action == "update":
                doc.update(data or {})
                doc.save()
            else:
                getattr(doc, action)()
        except (frappe.ValidationError, frappe.PermissionError):
            frappe.db.rollback(save_point="bulk_action")
            failed.append(name)
    return failed
