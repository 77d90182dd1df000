"""Where a user may go: the kinds of records and the reports of the app that are open to him."""

import frappe


def get_places() -> dict[str, list[dict]]:
    """`doctypes` (`name`, `module`, `create`, `single`) and `reports` (`name`, `module`, `doctype`) open to the user."""
    modules = frappe.get_module_list("medaffairs")
    kinds = frappe.get_all(
        "DocType",
        filters={"istable": 0},
        or_filters={"module": ("in", modules), "custom": 1},
        fields=["name", "module", "issingle"],
        order_by="name",
        limit_page_length=0,
    )
    readable = [kind for kind in kinds if frappe.has_permission(kind.name, "read")]
    return {
        "doctypes": [
            {
                "name": kind.name,
                "module": kind.module,
                "single": bool(kind.issingle),
                "create": not kind.issingle and bool(frappe.has_permission(kind.name, "create")),
            }
            for kind in readable
        ],
        "reports": _reports(modules),
    }


def _reports(modules: list[str]) -> list[dict]:
    reports = frappe.get_all(
        "Report",
        filters={"disabled": 0},
        or_filters={"module": ("in", modules), "is_standard": "No"},
        fields=["name", "module", "ref_doctype"],
        order_by="name",
        limit_page_length=0,
    )
    needed = frappe.get_all(
        "Has Role", filters={"parenttype": "Report"}, fields=["parent", "role"], limit_page_length=0
    )
    roles: dict[str, set[str]] = {}
    for row in needed:
        roles.setdefault(row.parent, set()).add(row.role)
    mine = set(frappe.get_roles())
    return [
        {"name": report.name, "module": report.module, "doctype": report.ref_doctype}
        for report in reports
        if (not roles.get(report.name) or roles[report.name] & mine)
        and frappe.has_permission(report.ref_doctype, "report")
    ]
