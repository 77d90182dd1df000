"""What the face asks about reports beside the framework's own doors."""

from typing import Any

import frappe
from frappe import _
from frappe.desk.query_report import get_report_doc
from frappe.utils import cint

from medaffairs.face.reports import rules

SCHEDULE = "Auto Email Report"


@frappe.whitelist(methods=["GET"])
def describe(name: str) -> dict[str, Any]:
    """What a report is: its kind, the records it is about, whether it is prepared in the background.

    :returns: of a built report also its `json`; `may_change` and `may_schedule` of the asking user
    :raises frappe.PermissionError: when he may not run it
    """
    asked = frappe.get_doc("Report", name)
    report = get_report_doc(name)
    built = report.report_type == "Report Builder"
    mine = asked.owner == frappe.session.user
    return {
        "name": asked.name,
        "report_type": asked.report_type,
        "ref_doctype": report.ref_doctype,
        "prepared": bool(cint(report.prepared_report)),
        "json": asked.json if built else None,
        "may_change": bool(built and asked.is_standard != "Yes" and (mine or asked.has_permission("write"))),
        "may_schedule": _may_schedule() and not built,
        "dates": rules.date_pair(
            [{"fieldname": row.fieldname, "fieldtype": row.fieldtype} for row in report.filters]
        ),
    }


def _may_schedule() -> bool:
    return bool(
        rules.SCHEDULERS
        & {*frappe.get_roles(), *(["System Manager"] if frappe.session.user == "Administrator" else [])}
    )


@frappe.whitelist(methods=["GET"])
def schedules(report: str) -> list[dict[str, Any]]:
    """The user's own arrangements for mailing a report, with who receives it how often."""
    get_report_doc(report)
    return frappe.get_all(
        SCHEDULE,
        filters={"report": report, "user": frappe.session.user},
        fields=["name", "email_to", "frequency", "format", "enabled", "day_of_week", "dynamic_date_period"],
        order_by="creation",
    )


@frappe.whitelist(methods=["POST"])
def schedule(
    report: str,
    email_to: str,
    frequency: str,
    format: str = "XLSX",
    filters: str | dict | None = None,
    day_of_week: str = "Monday",
    period: str = "",
    send_if_data: int = 1,
) -> str:
    """Mails a report at fixed times, with what its user may see; the name of the arrangement.

    Only people of the hospital receive it, because a report may hold what does not leave the house; a System Manager
    may name others.

    :param period: lets the report's two dates move along with the day: the day, week, month… before it
    :raises frappe.PermissionError: when the user may not run the report or arrange mails
    :raises frappe.ValidationError: for an address of nobody here, or nobody at all
    """
    kind = get_report_doc(report)
    if not _may_schedule():
        frappe.throw(_("Mails of reports are arranged by the medical-affairs office"), frappe.PermissionError)
    wanted = rules.addresses(email_to)
    if not wanted:
        frappe.throw(_("Please name somebody who receives the report"))
    _check_receivers(wanted)
    for value, allowed in ((frequency, rules.FREQUENCIES), (format, rules.FORMATS), (period, rules.PERIODS)):
        if value not in allowed:
            frappe.throw(_("This is no choice: {0}").format(value))
    dates = rules.date_pair(
        [{"fieldname": row.fieldname, "fieldtype": row.fieldtype} for row in kind.filters]
    )
    given = frappe.parse_json(filters) or {}
    doc = frappe.get_doc(
        doctype=SCHEDULE, report=report, report_type=kind.report_type, user=frappe.session.user, enabled=1,
        email_to="\n".join(wanted), frequency=frequency, format=format, day_of_week=day_of_week, send_if_data=cint(send_if_data),
        filters=frappe.as_json(given), filter_meta="[]", no_of_rows=1000,
    )  # fmt: skip
    if period and dates:
        doc.update({"from_date_field": dates[0], "to_date_field": dates[1], "dynamic_date_period": period})
    # The arrangement is not for its maker's roles to write: this door has checked what it may say.
    return doc.insert(ignore_permissions=True).name


def _check_receivers(wanted: list[str]) -> None:
    if frappe.session.user == "Administrator" or "System Manager" in frappe.get_roles():
        return
    known = frappe.get_all("User", filters={"enabled": 1}, fields=["name", "email"], limit_page_length=0)
    strangers = rules.outsiders(wanted, [entry for row in known for entry in (row.name, row.email or "")])
    if strangers:
        frappe.throw(_("No account of the hospital has this address: {0}").format(", ".join(strangers)))


@frappe.whitelist(methods=["POST"])
def unschedule(name: str) -> None:
    """Ends one of the user's own arrangements.

    :raises frappe.PermissionError: for somebody else's
    """
    doc = frappe.get_doc(SCHEDULE, name)
    if doc.user != frappe.session.user:
        frappe.throw(_("This arrangement is somebody else's"), frappe.PermissionError)
    frappe.delete_doc(SCHEDULE, name, ignore_permissions=True)
