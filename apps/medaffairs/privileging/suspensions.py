"""Suspending privileges for a period (下乡、进修、休假、考核不合格): for the medical-affairs office.

A suspension begins and ends by itself. One that has not begun can be cancelled, one that runs can be ended early or
given another end; each of these is recorded in the ledger.
"""

from typing import Any

import frappe
from frappe.utils import get_datetime, now_datetime

SHOWN = (
    "name",
    "practitioner",
    "practitioner_name",
    "kind",
    "grant",
    "from_time",
    "to_time",
    "reason",
    "status",
    "remark",
)


def _office() -> None:
    frappe.only_for(("Medical Affairs Manager", "Medical Affairs Officer"), message=True)


def _time(value: str | None, field: str) -> Any:
    if not value:
        return None
    try:
        return get_datetime(value)
    except (ValueError, TypeError):
        frappe.throw(frappe._("{0} is not a date and time: {1}").format(field, str(value)[:40]))


def _shown(doc: Any) -> dict[str, Any]:
    doc.reload()
    return {field: doc.get(field) for field in SHOWN}


@frappe.whitelist(methods=["POST"])
def suspend(
    practitioner: str,
    reason: str,
    from_time: str | None = None,
    to_time: str | None = None,
    kind: str | None = None,
    grant: str | None = None,
    remark: str = "",
) -> dict[str, Any]:
    """Lets privileges rest: all of a person, those of a kind, or one.

    :param reason: a `Dictionary Item` of SUSPEND_REASON
    :param from_time: now by default; may lie in the future (planned)
    :param to_time: when they come back by themselves; empty: until it is ended
    :returns: the suspension: name, status (Planned or Active) and its fields
    """
    _office()
    if frappe.db.get_value("Dictionary Item", reason, "dictionary") != "SUSPEND_REASON":
        frappe.throw(frappe._("Please choose the reason from the list"))
    doc = frappe.get_doc(
        doctype="Privilege Suspension", practitioner=practitioner, kind=kind or None, grant=grant or None, reason=reason,
        from_time=_time(from_time, "from_time") or now_datetime(), to_time=_time(to_time, "to_time"), remark=remark,
    )  # fmt: skip
    return _shown(doc.insert())


@frappe.whitelist(methods=["POST"])
def cancel(suspension: str, reason: str) -> dict[str, Any]:
    """Calls off a suspension that has not begun.

    :raises frappe.ValidationError: without a reason, or when it has begun
    """
    _office()
    doc = _noted(suspension, reason)
    doc.status = "Cancelled"
    return _shown(doc.save())


@frappe.whitelist(methods=["POST"])
def end(suspension: str, reason: str, at: str | None = None) -> dict[str, Any]:
    """Ends a running suspension early: now, or at a moment before its end. The privileges are back from then on.

    :raises frappe.ValidationError: without a reason, or when it does not run
    """
    _office()
    doc = _noted(suspension, reason)
    if doc.status != "Active":
        frappe.throw(frappe._("Only a running suspension can be ended"))
    moment = max(_time(at, "at") or now_datetime(), now_datetime())
    if doc.to_time and moment >= get_datetime(doc.to_time):
        frappe.throw(frappe._("The suspension ends before that by itself"))
    doc.to_time = moment
    return _shown(doc.save())


@frappe.whitelist(methods=["POST"])
def change_end(suspension: str, to_time: str, reason: str) -> dict[str, Any]:
    """Gives a planned or running suspension another end.

    :raises frappe.ValidationError: without a reason, or when it is over
    """
    _office()
    doc = _noted(suspension, reason)
    doc.to_time = _time(to_time, "to_time")
    return _shown(doc.save())


@frappe.whitelist(methods=["GET"])
def of_practitioner(practitioner: str) -> list[dict[str, Any]]:
    """The suspensions of a person, the newest first, as far as the user may see them."""
    return frappe.get_list(
        "Privilege Suspension", filters={"practitioner": practitioner}, fields=list(SHOWN), order_by="from_time desc",
        limit_page_length=100,
    )  # fmt: skip


def _noted(suspension: str, reason: str) -> Any:
    if not (reason or "").strip():
        frappe.throw(frappe._("Please give the reason"))
    doc = frappe.get_doc("Privilege Suspension", suspension, for_update=True)
    doc.check_permission("write")
    doc.remark = "\n".join(filter(None, [doc.remark, reason.strip()]))
    return doc
