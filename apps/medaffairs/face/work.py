"""Long work that a user began: imports and prepared reports, as their own records say; a reload loses nothing."""

import frappe
from frappe.utils import add_to_date, now_datetime

HOURS = 12
_REPORTS = {"Queued": "running", "Started": "running", "Completed": "done", "Error": "failed"}


def get_work() -> list[dict]:
    """Work of the last hours, newest first: `doctype`, `name`, `title`, `state`, `percent` (empty where not known).

    `state` is `running`, `done` or `failed`.
    """
    since = add_to_date(now_datetime(), hours=-HOURS)
    found = [*_imports(since), *_reports(since)]
    return sorted(found, key=lambda row: row["at"], reverse=True)


def _mine(doctype: str, since, fields: list[str]) -> list:
    if not frappe.has_permission(doctype, "read"):
        return []
    filters = {"owner": frappe.session.user, "modified": (">", since)}
    return frappe.get_list(
        doctype, filters=filters, fields=["name", "status", "modified", *fields], limit_page_length=20
    )


def _imports(since) -> list[dict]:
    work = []
    for row in _mine("Data Import", since, ["reference_doctype", "payload_count"]):
        handled = frappe.db.count("Data Import Log", {"data_import": row.name})
        if row.status == "Pending" and not handled:
            continue
        running = row.status == "Pending"
        total = int(row.payload_count or 0)
        work.append(
            {
                "doctype": "Data Import",
                "name": row.name,
                "title": row.reference_doctype,
                "state": "running" if running else ("done" if "Success" in row.status else "failed"),
                "percent": round(100 * handled / total) if running and total else None,
                "at": str(row.modified),
            }
        )
    return work


def _reports(since) -> list[dict]:
    return [
        {
            "doctype": "Prepared Report",
            "name": row.name,
            "title": row.report_name,
            "state": _REPORTS.get(row.status, "failed"),
            "percent": None,
            "at": str(row.modified),
        }
        for row in _mine("Prepared Report", since, ["report_name"])
    ]
