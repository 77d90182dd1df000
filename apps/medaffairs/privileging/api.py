"""What other systems and the face ask about privileges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import frappe
from frappe.utils import add_days, cint, get_datetime, now_datetime

from medaffairs.privileging import rules, unauthorized
from medaffairs.privileging.index import build, current_index

CHECKERS = ("Integration", "Medical Affairs Manager", "Medical Affairs Officer", "Auditor", "System Manager")
MOST_CHECKS = 1000


def _moment(value: str | None, field: str) -> datetime | None:
    if not value:
        return None
    try:
        return get_datetime(value).replace(tzinfo=None)
    except (ValueError, TypeError, AttributeError):
        frappe.throw(frappe._("{0} is not a date and time: {1}").format(field, str(value)[:40]))
        return None


def _may_ask_about(practitioner: str) -> None:
    """Everybody may ask about himself, the named roles about anybody.

    :raises frappe.PermissionError: otherwise
    """
    if set(frappe.get_roles()) & set(CHECKERS):
        return
    if frappe.db.get_value("Practitioner", practitioner, "user") != frappe.session.user:
        frappe.throw(frappe._("You may only ask about your own privileges"), frappe.PermissionError)


@frappe.whitelist(methods=["GET", "POST"])
def check(
    practitioner: str,
    kind: str,
    code: str,
    at: str | None = None,
    as_of: str | None = None,
    record: int = 0,
    emergency: int = 0,
    department: str | None = None,
    source_system: str | None = None,
) -> dict[str, Any]:
    """May this practitioner do this? (医疗机构手术分级管理办法; 处方管理办法; 抗菌药物临床应用管理办法)

    :param at: the moment of the act, now by default
    :param as_of: what was on record at that moment, everything by default
    :param record: 1 makes a refusal an `Unauthorized Act`
    :returns: allowed, reason, message, grant, valid_to, version
    """
    _may_ask_about(practitioner)
    moment = _moment(at, "at") or now_datetime()
    recorded = _moment(as_of, "as_of")
    index = build(recorded) if recorded else current_index()
    decision = rules.decide(index, practitioner, kind, code, moment)
    if cint(record) and not decision.allowed:
        unauthorized.record_denial(
            practitioner, kind, code, decision, moment, department=department, source_system=source_system,
            was_emergency=bool(cint(emergency)),
        )  # fmt: skip
    return decision.as_dict(frappe._)


@frappe.whitelist(methods=["POST"])
def check_many(checks: list[dict]) -> list[dict[str, Any]]:
    """Several questions at once, at most 1000; answers in their order."""
    if len(checks) > MOST_CHECKS:
        frappe.throw(frappe._("At most {0} questions at once").format(MOST_CHECKS))
    index, now, answers = current_index(), now_datetime(), []
    for position, entry in enumerate(checks, start=1):
        for field in ("practitioner", "kind", "code"):
            if not entry.get(field):
                frappe.throw(frappe._("Question {0}: {1} is missing").format(position, field))
        _may_ask_about(entry["practitioner"])
        moment = _moment(entry.get("at"), "at") or now
        decision = rules.decide(index, entry["practitioner"], entry["kind"], entry["code"], moment)
        answers.append(decision.as_dict(frappe._))
    return answers


@frappe.whitelist(methods=["GET"])
def grants_of(practitioner: str) -> list[dict[str, Any]]:
    """The privileges of a practitioner with what is true of each now."""
    rows = frappe.get_list(
        "Privilege Grant",
        filters={"practitioner": practitioner},
        fields=[
            "name",
            "kind",
            "code",
            "item_name",
            "level",
            "grant_type",
            "valid_from",
            "valid_to",
            "status",
        ],
        order_by="kind, code",
        limit_page_length=0,
    )
    index, moment = current_index(), now_datetime()
    for row in rows:
        decision = rules.decide(index, practitioner, row.kind, row.code, moment)
        row.allowed, row.message = decision.allowed, decision.describe(frappe._)
    return rows


@frappe.whitelist(methods=["GET"])
def grant_history(grant: str) -> list[dict[str, Any]]:
    """What happened to a privilege, in the order in which it was recorded."""
    frappe.get_doc("Privilege Grant", grant).check_permission("read")
    return frappe.get_all(
        "Privilege Event",
        filters={"grant": grant},
        fields=["sequence", "event_type", "effective_from", "effective_to", "recorded_at", "actor", "reason"],
        order_by="sequence",
    )


@frappe.whitelist(methods=["GET"])
def expiring(days: int = 60) -> list[dict[str, Any]]:
    """Privileges that end within some days, as far as the user may see them; the first hundred."""
    return frappe.get_list(
        "Privilege Grant",
        filters={
            "status": "Active",
            "valid_to": ("between", [now_datetime(), add_days(now_datetime(), min(days, 366))]),
        },
        fields=["name", "practitioner", "practitioner_name", "item_name", "level", "valid_to"],
        order_by="valid_to",
        limit_page_length=100,
    )


@frappe.whitelist(methods=["POST"])
def revoke(grant: str, reason: str, at: str | None = None) -> None:
    """Takes a privilege back; for the medical-affairs office."""
    from medaffairs.privileging import ledger

    frappe.only_for(("Medical Affairs Manager", "Medical Affairs Officer"), message=True)
    frappe.get_doc("Privilege Grant", grant).check_permission("read")
    ledger.revoke(grant, reason, _moment(at, "at"))


@frappe.whitelist(methods=["POST"])
def grant_emergency(practitioner: str, kind: str, code: str, hours: int, reason: str) -> str:
    """A privilege for an emergency that ends by itself; for the medical-affairs office.

    :param hours: at most 72
    :returns: the name of the grant
    """
    from medaffairs.privileging import ledger

    frappe.only_for(("Medical Affairs Manager", "Medical Affairs Officer"), message=True)
    if not reason.strip():
        frappe.throw(frappe._("Please give the reason of the emergency"))
    if not 1 <= hours <= 72:
        frappe.throw(frappe._("An emergency privilege lasts between 1 and 72 hours"))
    start = now_datetime()
    end = frappe.utils.add_to_date(start, hours=hours)
    return ledger.grant(
        practitioner, kind, code, valid_from=start, valid_to=end, grant_type="Emergency", reason=reason
    )
