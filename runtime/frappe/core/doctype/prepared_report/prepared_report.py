"""Reports that take long: run in the background, kept, shown and downloaded later."""

from __future__ import annotations

import gzip
import json
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, cint, cstr, now, now_datetime
from frappe.utils.typing_validations import parsed

#: Seconds a report may take when it says nothing else.
TIMEOUT = 1500
STALLED_HOURS = 24


class PreparedReport(Document):
    """One run of a report with its filters; the rows are a private file, packed."""

    def before_insert(self) -> None:
        """The run begins as queued; filters are written in one way so that they can be found again."""
        self.status = "Queued"
        self.report_end_time = None
        self.queued_by, self.queued_at = frappe.session.user, now()
        self.filters = process_filters_for_prepared_report(self.filters or "{}")

    def after_insert(self) -> None:
        """The report is run in the background."""
        timeout = cint(frappe.db.get_value("Report", self.report_name, "timeout")) or TIMEOUT
        frappe.enqueue(
            generate_report, queue="long", timeout=timeout, job_id=f"prepared_report::{self.name}",
            enqueue_after_commit=True, prepared_report=self.name,
        )  # fmt: skip

    def on_trash(self) -> None:
        """The rows go with the record."""
        for name in self._files():
            frappe.delete_doc("File", name, force=True, ignore_permissions=True)

    def get_prepared_data(self, with_file_name: bool = False) -> Any:
        """The rows as JSON, and the file's name when that is wanted."""
        names = self._files()
        if not names:
            return None
        file = frappe.get_doc("File", names[0])
        content = gzip.decompress(file.get_content())
        return (content, file.file_name) if with_file_name else content

    def _files(self) -> list[str]:
        filters = {"attached_to_doctype": self.doctype, "attached_to_name": self.name}
        return frappe.get_all("File", filters=filters, pluck="name")


def process_filters_for_prepared_report(filters: dict | str) -> str:
    """Filters as one text: the same filters in another order are the same text."""
    return json.dumps(
        parsed(filters, dict, "filters"),
        sort_keys=True,
        separators=(",", ":"),
        default=str,
        ensure_ascii=False,
    )


def generate_report(prepared_report: str) -> None:
    """The background job: runs the report as the user who asked, keeps its rows or its error."""
    from frappe.desk.query_report import generate_report_result, get_report_doc

    instance = frappe.get_doc("Prepared Report", prepared_report)
    instance.db_set("status", "Started")
    frappe.db.commit()
    before = frappe.session.user
    try:
        frappe.set_user(instance.owner)
        report = get_report_doc(instance.report_name)
        answer = generate_report_result(report, frappe.parse_json(instance.filters))
        create_json_gz_file(answer, instance.doctype, instance.name, instance.report_name)
        instance.status = "Completed"
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title=_("Prepared report failed"), reference_doctype=instance.doctype, reference_name=instance.name)  # fmt: skip
        instance.status, instance.error_message = "Error", frappe.get_traceback()
    finally:
        if frappe.session.user != before:
            frappe.set_user(before)
    instance.report_end_time = now()
    instance.db_set({key: instance.get(key) for key in ("status", "error_message", "report_end_time")})
    frappe.publish_realtime(
        "report_generated", {"report_name": instance.report_name, "name": instance.name}, user=instance.owner
    )
    frappe.db.commit()


def create_json_gz_file(data: Any, dt: str, dn: str, report_name: str) -> None:
    """Keeps rows as a packed private file of a record."""
    name = f"{frappe.scrub(report_name)}_{now_datetime():%Y-%m-%d-%H-%M}.json.gz"
    content = gzip.compress(frappe.as_json(data, indent=None, separators=(",", ":")).encode())
    file = frappe.get_doc(
        doctype="File", file_name=name, attached_to_doctype=dt, attached_to_name=dn, content=content, is_private=1
    )  # fmt: skip
    file.insert(ignore_permissions=True)


def get_prepared_answer(report: Any, filters: dict) -> dict[str, Any]:
    """What was prepared last for these filters by this user, or the run that `prepared_report_name` names."""
    filters = dict(filters)
    name = filters.pop("prepared_report_name", None)
    name = name or get_completed_prepared_report(filters, frappe.session.user, report.get("custom_report") or report.name)  # fmt: skip
    answer: dict[str, Any] = {}
    doc = None
    if name:
        doc = frappe.get_doc("Prepared Report", name)
        doc.check_permission("read")
        if doc.report_name not in (report.name, report.get("custom_report")):
            raise frappe.PermissionError
        content = doc.get_prepared_data()
        if content is None:
            doc = None
        else:
            answer = json.loads(content)
    return {**answer, "prepared_report": True, "doc": doc}


def get_completed_prepared_report(filters: Any, user: str, report_name: str) -> str | None:
    """The newest finished run of a report with these filters that the user asked for."""
    return frappe.db.get_value(
        "Prepared Report",
        {"status": "Completed", "owner": user, "report_name": report_name, "filters": process_filters_for_prepared_report(filters)},
        order_by="creation desc",
    )  # fmt: skip


@frappe.whitelist(methods=["POST"])
def make_prepared_report(report_name: str, filters: Any = None) -> dict[str, str]:
    """Asks for a run of a report in the background.

    :raises frappe.PermissionError: when the user may not run it
    """
    from frappe.desk.query_report import get_report_doc

    get_report_doc(report_name)
    doc = frappe.get_doc(
        doctype="Prepared Report", report_name=report_name, filters=process_filters_for_prepared_report(filters or "{}")
    )  # fmt: skip
    doc.insert(ignore_permissions=True)
    return {"name": doc.name}


@frappe.whitelist()
def get_reports_in_queued_state(report_name: str, filters: Any) -> list[dict]:
    """The user's runs of a report with these filters that are not finished."""
    return frappe.get_all("Prepared Report", filters={
        "report_name": report_name, "filters": process_filters_for_prepared_report(filters or "{}"), "owner": frappe.session.user,
        "status": ("in", ("Queued", "Started")),
    })  # fmt: skip


@frappe.whitelist()
def download_attachment(dn: str) -> None:
    """The rows of a run as JSON.

    :raises frappe.ValidationError: when the user may not read the run
    """
    doc = frappe.get_doc("Prepared Report", dn)
    if not doc.has_permission("read"):
        frappe.throw(_("Cannot Download Report due to insufficient permissions"))
    content = doc.get_prepared_data(with_file_name=True)
    if content is None:
        frappe.throw(_("The report is not ready"))
    frappe.local.response.filecontent, name = content
    frappe.local.response.filename = name.removesuffix(".gz")
    frappe.local.response.type = "binary"


@frappe.whitelist(methods=["POST", "DELETE"])
def delete_prepared_reports(reports: Any) -> None:
    """Deletes runs that the user may delete."""
    for entry in parsed(reports, list, "reports"):
        name = entry.get("name") if isinstance(entry, dict) else entry
        doc = frappe.get_doc("Prepared Report", cstr(name))
        doc.delete(ignore_permissions=doc.has_permission("read"))


def expire_stalled_report() -> None:
    """A run that nobody finished within a day has failed."""
    before = add_to_date(now_datetime(), hours=-STALLED_HOURS)
    for name in frappe.get_all("Prepared Report", filters={"status": "Started", "modified": ("<", before)}, pluck="name"):  # fmt: skip
        frappe.db.set_value(
            "Prepared Report", name, {"status": "Error", "error_message": _("Report timed out.")}
        )


def get_permission_query_condition(user: str | None = None) -> str:
    """Runs of reports that the user may run."""
    from frappe.utils.user import get_allowed_report_names

    user = user or frappe.session.user
    if user == "Administrator" or "System Manager" in frappe.get_roles(user):
        return ""
    names = frappe.db.literal(tuple(get_allowed_report_names(user)) or ("",))
    return f"`tabPrepared Report`.`report_name` in {names} and `tabPrepared Report`.`owner` = {frappe.db.escape(user)}"


def has_permission(doc: Any, ptype: str | None = None, user: str | None = None, debug: bool = False) -> bool:
    """A run is seen by who asked for it and by System Managers, as long as they may run the report."""
    from frappe.utils.user import get_allowed_report_names

    user = user or frappe.session.user
    if user == "Administrator" or "System Manager" in frappe.get_roles(user):
        return True
    return doc.owner == user and doc.report_name in get_allowed_report_names(user)
