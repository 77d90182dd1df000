"""Trees, opened branch by branch."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint


@frappe.whitelist()
def get_all_nodes(
    doctype: str, label: str, parent: str, tree_method: str, **filters: Any
) -> list[dict[str, Any]]:
    """The branch and every branch below it: `parent`, its `data`, the `parent_label`."""
    method = _tree_method(tree_method)
    found = [
        {"parent": label, "data": method(doctype, parent, is_root=True, **filters), "parent_label": label}
    ]
    waiting = list(found)
    while waiting:
        for row in waiting.pop()["data"]:
            if cint(row.get("expandable")):
                below = method(doctype, row["value"], **filters)
                entry = {"parent": row["value"], "data": below, "parent_label": row.get("title")}
                found.append(entry)
                waiting.append(entry)
    return found


def _tree_method(path: str) -> Any:
    from frappe.handler import get_attr

    method = get_attr(path)
    frappe.is_whitelisted(method)
    return method


@frappe.whitelist()
def get_children(
    doctype: str, parent: str = "", include_disabled: bool = False, **filters: Any
) -> list[dict[str, Any]]:
    """What stands directly below a node, as far as the user may see it: `value`, `title`, `expandable`."""
    meta = frappe.get_meta(doctype)
    parent_field = meta.get("nsm_parent_field") or f"parent_{frappe.scrub(doctype)}"
    below = [doctype, parent_field, "=", parent] if parent else [doctype, parent_field, "is", "not set"]
    wanted = [below, [doctype, "docstatus", "<", 2]]
    if meta.has_field("disabled") and not include_disabled:
        wanted.append([doctype, "disabled", "=", 0])
    title = meta.get_title_field()
    fields = ["name as value", f"{title} as title"]
    fields += ["is_group as expandable"] if meta.has_field("is_group") else []
    return frappe.get_list(doctype, fields=fields, filters=wanted, order_by="name", limit_page_length=0)


@frappe.whitelist(methods=["POST", "PUT"])
def add_node() -> None:
    """Adds the node that the request describes; one without a parent, or below the root's label, is a root."""
    given = frappe._dict(frappe.local.form_dict)
    given.pop("cmd", None)
    meta = frappe.get_meta(given.doctype)
    parent_field = meta.get("nsm_parent_field") or f"parent_{frappe.scrub(given.doctype)}"
    is_root = frappe.parse_json(given.pop("is_root", None) or "false")
    parent = given.pop("parent", None)
    if not given.get(parent_field):
        given[parent_field] = None if is_root in (True, 1) else parent
    if given.get(parent_field) == given.doctype:
        given[parent_field] = None
    frappe.get_doc(
        {key: value for key, value in given.items() if key == "doctype" or meta.has_field(key)}
    ).save()
