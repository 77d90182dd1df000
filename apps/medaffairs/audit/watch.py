"""Every request is seen once: before it for the clock, after it for the record.

The record is on disk before the answer leaves. When a read of a restricted DocType cannot be recorded,
the answer is replaced by a refusal (GB/T 22239-2019, 8.1.4.3: audit covers every user and is protected
from interruption; the hospital may choose otherwise in the settings).
"""

import json
import time

import frappe
from frappe import _

from medaffairs.audit import rules
from medaffairs.audit.keeper import keep, moment
from medaffairs.permissions import RULES


def before_request(*args, **kwargs) -> None:
    """Start the clock of a request."""
    frappe.local.medaffairs_audit_started = time.perf_counter()
    frappe.local.medaffairs_audit_note = None


def after_request(response=None, request=None) -> None:
    """Record what the request asked for and what it got; refuse the answer when that fails."""
    if response is None or request is None:
        return
    args = frappe.local.form_dict or {}
    note = getattr(frappe.local, "medaffairs_audit_note", None)
    access = note.access if note else rules.classify(request.method, request.path, args)
    if access is None:
        return
    try:
        keep(_entry(access, note, response, request, args))
    except Exception:
        if _must_be_recorded(access) and _fails_closed():
            _refuse(response)
        frappe.logger("medaffairs.audit").exception("an access could not be recorded")


def _entry(access, note, response, request, args) -> rules.Entry:
    status, sent = response.status_code, request.environ
    if rules.is_nameless(request.path, args):
        return rules.Entry(
            moment(),
            rules.NOBODY,
            access.action,
            outcome=rules.outcome_of(status),
            target_type=access.target_type,
        )
    started = getattr(frappe.local, "medaffairs_audit_started", None)
    return rules.Entry(
        occurred_at=moment(),
        user=frappe.session.user if frappe.session else "Guest",
        action=access.action,
        door="API" if sent.get("HTTP_AUTHORIZATION") else "Web",
        outcome=rules.outcome_of(status),
        target_type=access.target_type,
        target_name=access.target_name,
        row_count=_row_count(access, note) if status < 400 else 0,
        duration_ms=round((time.perf_counter() - started) * 1000) if started else 0,
        ip=getattr(frappe.local, "request_ip", None) or "",
        agent=sent.get("HTTP_USER_AGENT", ""),
        filters=(note and note.filters) or rules.describe_filters(args),
    )


def _row_count(access: rules.Access, note) -> int:
    if note:
        return note.row_count
    answer = frappe.local.response or {}
    if access.action in ("Export", "Print", "Download"):
        content = answer.get("filecontent") or answer.get("result")
        return rules.count_file_rows(content, answer.get("filename") or answer.get("doctype") or "")
    if access.action in rules.READS:
        for key in ("message", "data", "docs", "results"):
            if answer.get(key) is not None:
                return rules.count_rows(answer[key])
    return 0


def _must_be_recorded(access: rules.Access) -> bool:
    """Whether an unrecorded answer must be withheld: reads of restricted DocTypes and of what holds them."""
    if access.action not in rules.READS:
        return False
    is_doctype = access.action in ("Read", "List", "Search", "Count")
    return access.target_type in RULES if is_doctype else True


def _fails_closed() -> bool:
    try:
        return bool(frappe.db.get_single_value("Medical Affairs Settings", "audit_fail_closed"))
    except Exception:
        return True


def _refuse(response) -> None:
    message = _("This cannot be shown now, because the access cannot be recorded. Please try again shortly.")
    body = {"exc_type": "RecordingError", "_server_messages": json.dumps([json.dumps({"message": message})])}
    response.direct_passthrough = False
    response.set_data(json.dumps(body))
    response.status_code = 503
    response.headers["Content-Type"] = "application/json"
    response.headers.pop("Content-Disposition", None)
